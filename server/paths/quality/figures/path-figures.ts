import type { Figure } from '../../../../wire/figures.ts';
import type { LossEstimate, PathHealth } from '../../path-health.ts';

/** Figures of SIP OPTIONS and ICMP of one path, as its health holds them. */
export function pathFigures(health: PathHealth): readonly Figure[] {
  const { icmp, lastSampleAtMs, options, rtt } = health;
  const newestAtEpochMs = lastSampleAtMs ?? health.sinceMs;
  const abstains = health.isAbstaining ? ["the probe's instrument was sick: this path takes no part in verdicts"] : [];
  const inherited =
    health.inheritedFrom === undefined || health.inheritedFrom.length === 0
      ? []
      : [`inherited from ${health.inheritedFrom.join(', ')}: this PBX does not ask by itself`];
  const notes = [...inherited, ...abstains];
  const figures: Figure[] = [];
  if (options.sent > 0) {
    const source =
      'single SIP OPTIONS without retransmission; a miss is an answer that did not come in time, on either way';
    figures.push(loss('sip-loss', options, 'SIP OPTIONS', { source, notes, newestAtEpochMs }));
  }
  if (rtt) {
    figures.push({
      kind: 'sip-rtt',
      direction: 'round-trip',
      value: rtt.p50Ms,
      unit: 'milliseconds',
      n: rtt.n,
      sample: 'answered SIP OPTIONS',
      windowMs: rtt.windowMs,
      newestAtEpochMs,
      source: 'median from sending to reading the answer, monotonic clock, user space',
      notes: [`95 of 100 under ${rtt.p95Ms.toFixed(1)} ms, 99 under ${rtt.p99Ms.toFixed(1)} ms`, ...notes],
    });
  }
  if (icmp && icmp.sent > 0) {
    const source = 'ICMP echo, one a second';
    const limited = ['edges limit the rate of echoes: never trusted alone', ...notes];
    figures.push(loss('icmp-loss', icmp, 'ICMP echo', { source, notes: limited, newestAtEpochMs }));
  }
  return figures;
}

function loss(
  kind: 'sip-loss' | 'icmp-loss',
  { highRatio, lossRatio, lowRatio, sent, windowMs }: LossEstimate,
  sample: string,
  said: Pick<Figure, 'source' | 'notes' | 'newestAtEpochMs'>,
): Figure {
  const interval = { low: lowRatio, high: highRatio };
  return {
    kind,
    direction: 'round-trip',
    value: lossRatio,
    unit: 'ratio',
    ...interval,
    n: sent,
    sample,
    windowMs,
    ...said,
  };
}

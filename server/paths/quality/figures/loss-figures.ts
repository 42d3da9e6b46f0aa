import type { Figure, FigureKind } from '../../../../wire/figures.ts';
import type { MediaPool } from '../media-window.ts';
import { dispersion, spreadInterval } from '../spread-loss.ts';

/** What a pool of media is of, and in which words it is shown. */
export type MediaSubject = {
  readonly kind: FigureKind;
  readonly direction: Figure['direction'];
  readonly source: string;
  readonly notes: readonly string[];
  readonly windowMs: number;
};

/** Loss of a pool with an interval that allows for bursts. */
export function lossFigure(pool: MediaPool, subject: MediaSubject): Figure {
  const { highRatio, independent, lowRatio } = spreadInterval(pool);
  const spread = dispersion(pool);
  const isSpread = spread > 1.5;
  const bursts = isSpread ? `lost in bursts: counts for ${Math.round(independent)} independent packets` : undefined;
  const few = pool.intervals < 3 ? 'fewer than three intervals: bursts cannot be told' : undefined;
  const silent =
    pool.silentIntervals > 0 ? `${pool.silentIntervals} intervals in which the far end heard nothing` : undefined;
  return {
    kind: subject.kind,
    direction: subject.direction,
    value: pool.lost / pool.sent,
    unit: 'ratio',
    low: lowRatio,
    high: highRatio,
    n: pool.sent,
    sample: 'RTP packet',
    windowMs: subject.windowMs,
    newestAtEpochMs: pool.newestAtMs,
    source: subject.source,
    notes: [...subject.notes, ...[bursts, few, silent].flatMap((note) => note ?? [])],
  };
}

/** Interarrival jitter of a pool, weighted by packets; undefined where none was measured. */
export function jitterFigure(pool: MediaPool, subject: MediaSubject): Figure | undefined {
  if (pool.jitterMs === undefined) return undefined;
  return {
    kind: subject.kind,
    direction: subject.direction,
    value: pool.jitterMs,
    unit: 'milliseconds',
    n: pool.intervals,
    sample: 'report interval',
    windowMs: subject.windowMs,
    newestAtEpochMs: pool.newestAtMs,
    source: `${subject.source}; interarrival jitter of RFC 3550, mean of the intervals weighted by their packets`,
    notes: [...subject.notes, 'no interval: an estimator with a memory of 16 packets'],
  };
}

/**
 * BurstR: mean observed run of losses over the mean run that random loss of the same ratio has, 1 / (1 - p); at least 1.
 *
 * @see ITU-T G.107 §7.5.
 */
export function burstRatio({ lost, lossRuns, sent }: MediaPool): number {
  if (lossRuns <= 0 || lost <= 0 || lost >= sent) return 1;
  return Math.max(1, (lost / lossRuns) * (1 - lost / sent));
}

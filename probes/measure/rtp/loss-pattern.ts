import { LOSS_RUN_BOUNDS } from '../../../wire/loss-run-bounds.ts';

/** Received packets in a row that end a burst. @see RFC 3611 §4.7.2 */
export const GMIN = 16;

/** Bursts and gaps of one interval. @see RFC 3611 §4.7.2 */
export type BurstFigures = {
  /** Lost share of the packets within bursts, and of those within gaps; 0 where there is none. */
  readonly burstDensityRatio: number;
  readonly gapDensityRatio: number;
  /** Mean length; 0 where there is none. */
  readonly burstDurationMs: number;
  readonly gapDurationMs: number;
};

/** How the losses of an interval lie. */
export type LossPattern = {
  readonly lost: number;
  /** Runs of losses by length, as `LOSS_RUN_BOUNDS` of the wire, and one entry for longer ones. */
  readonly lossRuns: number[];
  /** Absent without a loss. */
  readonly burst?: BurstFigures;
};

type Span = { readonly first: number; last: number; lost: number };

/**
 * Looks at the fate of each packet in order of its sequence number.
 *
 * A burst is the longest stretch that begins and ends with a loss and holds no {@link GMIN} received packets in a row. As in
 * the RFC's own algorithm (A.2) a single loss with that many received on both sides belongs to the gap; before the first and
 * after the last packet enough received ones are assumed.
 *
 * @param isLost - one entry for each packet of the interval.
 * @param packetMs - time between packets.
 * @see RFC 3611 §4.7.2, RFC 3550 §6.4
 */
export function lossPattern(isLost: readonly boolean[], packetMs: number): LossPattern {
  const lossRuns = Array.from({ length: LOSS_RUN_BOUNDS.length + 1 }, () => 0);
  const spans: Span[] = [];
  let lost = 0;
  let run = 0;
  const endRun = (): void => {
    if (run === 0) return;
    const bound = LOSS_RUN_BOUNDS.findIndex((most) => run <= most);
    const at = bound < 0 ? LOSS_RUN_BOUNDS.length : bound;
    lossRuns[at] = (lossRuns[at] ?? 0) + 1;
    run = 0;
  };
  for (const [at, isGone] of isLost.entries()) {
    if (!isGone) {
      endRun();
      continue;
    }
    lost += 1;
    run += 1;
    const open = spans.at(-1);
    if (open && at - open.last - 1 < GMIN) {
      open.last = at;
      open.lost += 1;
    } else spans.push({ first: at, last: at, lost: 1 });
  }
  endRun();
  return lost === 0
    ? { lost, lossRuns }
    : { lost, lossRuns, burst: burstFigures(spans, isLost.length, lost, packetMs) };
}

function burstFigures(spans: readonly Span[], expected: number, lost: number, packetMs: number): BurstFigures {
  const bursts = spans.filter((span) => span.lost > 1);
  const burstPackets = bursts.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const burstLost = bursts.reduce((sum, span) => sum + span.lost, 0);
  const gapPackets = expected - burstPackets;
  const gaps = countGaps(bursts, expected);
  return {
    burstDensityRatio: burstPackets === 0 ? 0 : burstLost / burstPackets,
    gapDensityRatio: gapPackets === 0 ? 0 : (lost - burstLost) / gapPackets,
    burstDurationMs: bursts.length === 0 ? 0 : (burstPackets * packetMs) / bursts.length,
    gapDurationMs: gaps === 0 ? 0 : (gapPackets * packetMs) / gaps,
  };
}

/** Gaps that have a packet: between bursts, before the first and after the last. */
function countGaps(bursts: readonly Span[], expected: number): number {
  let gaps = 0;
  let from = 0;
  for (const { first, last } of bursts) {
    if (first > from) gaps += 1;
    from = last + 1;
  }
  return expected > from ? gaps + 1 : gaps;
}

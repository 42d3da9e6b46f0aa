import { type SampleCount, wilsonInterval } from '../wilson.ts';

/** Packets over some intervals, with what tells whether they were lost independently of one another. */
export type SpreadCount = SampleCount & {
  /** Intervals that the packets came in. */
  readonly intervals: number;
  /** Sum over the intervals of lost² / expected. */
  readonly lostSquares: number;
  /** Runs of consecutive losses, where they are told. */
  readonly lossRuns?: number;
};

/**
 * How much more the loss varies from interval to interval than independent loss would, at least 1: Pearson's chi-square of
 * the intervals over its degrees of freedom. 1 with fewer than three intervals, where nothing can be said.
 *
 * @see P. McCullagh and J. A. Nelder, "Generalized Linear Models" (1989), §4.5 (overdispersion).
 */
export function dispersion({ intervals, lost, lostSquares, sent }: SpreadCount): number {
  const ratio = sent > 0 ? lost / sent : 0;
  if (intervals < 3 || ratio <= 0 || ratio >= 1) return 1;
  const chiSquare = (lostSquares - ratio * lost) / (ratio * (1 - ratio));
  return Math.max(1, chiSquare / (intervals - 1));
}

/**
 * Wilson 95 % interval of a loss ratio for packets that are lost in bursts: the packets count for as many as independent ones
 * would that vary as much.
 *
 * @returns the interval, and the number of independent packets that it stands for.
 */
export function spreadInterval(count: SpreadCount): {
  readonly lowRatio: number;
  readonly highRatio: number;
  readonly independent: number;
} {
  const factor = dispersion(count);
  const { lowRatio, highRatio } = wilsonInterval({ sent: count.sent / factor, lost: count.lost / factor });
  return { lowRatio, highRatio, independent: count.sent / factor };
}

/** What the probe's own file allows of transfers over the line, whatever the hub orders. */
export type LineLimits = {
  /** Between the beginnings of two transfers with the same peer, in either role. */
  readonly leastEveryMs: number;
  /** With all peers, both directions, in any 24 hours. */
  readonly maxBytesPerDay: number;
};

/** A transfer that was begun. `bytes` is what it was allowed to move, both directions together. */
export type BegunLine = { readonly peer: string; readonly atMs: number; readonly bytes: number };

/** Whether an order may be carried out; `begun` is what is to be remembered. */
export type LineAllowance = {
  readonly begun: readonly BegunLine[];
  /** Undefined: it may. */
  readonly because: 'too-soon' | 'day-spent' | undefined;
};

/** The span of `maxBytesPerDay`. */
const DAY_MS = 86_400_000;

/**
 * Allows an order, or says why not. A transfer counts in full from its beginning, whether it moves that much or not: it is
 * bounded so even where it ends untold.
 *
 * @param begun - of the last 24 hours; older ones are dropped.
 * @param nowMs - monotonic.
 */
export function allowLine(
  begun: readonly BegunLine[],
  wanted: { readonly peer: string; readonly bytes: number },
  { leastEveryMs, maxBytesPerDay }: LineLimits,
  nowMs: number,
): LineAllowance {
  const recent = begun.filter(({ atMs }) => nowMs - atMs < DAY_MS);
  const { bytes, peer } = wanted;
  if (recent.some((each) => each.peer === peer && nowMs - each.atMs < leastEveryMs)) {
    return { begun: recent, because: 'too-soon' };
  }
  const spentBytes = recent.reduce((sum, each) => sum + each.bytes, 0);
  if (spentBytes + bytes > maxBytesPerDay) return { begun: recent, because: 'day-spent' };
  return { begun: [...recent, { peer, atMs: nowMs, bytes }], because: undefined };
}

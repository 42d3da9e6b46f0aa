/**
 * Quantile of samples by nearest rank: the smallest sample that at least this share is not above.
 *
 * @param sorted - ascending, not empty.
 * @param share - 0 to 1.
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length)));
  return sorted[rank - 1] ?? Number.NaN;
}

/** Delay variation of one interval; all above its least delay, in milliseconds. */
export type DelayVariation = {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/**
 * Packet delay variation: each delay less the least of the interval. The clocks need not agree, only run alike: 100 ppm
 * between them are 1 ms in 10 s.
 *
 * @param delaysMs - delays with any fixed offset, in any order; not changed.
 * @returns `undefined` without samples.
 * @see RFC 5481 §4.2
 */
export function delayVariation(delaysMs: ArrayLike<number>): DelayVariation | undefined {
  if (delaysMs.length === 0) return undefined;
  const sorted = Float64Array.from(delaysMs).toSorted();
  const leastMs = quantile(sorted, 0);
  return {
    p50Ms: quantile(sorted, 0.5) - leastMs,
    p95Ms: quantile(sorted, 0.95) - leastMs,
    p99Ms: quantile(sorted, 0.99) - leastMs,
    maxMs: quantile(sorted, 1) - leastMs,
  };
}

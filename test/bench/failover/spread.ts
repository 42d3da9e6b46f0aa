/** Enough runs to tell a 95th percentile from. */
const ENOUGH_FOR_P95 = 60;

/** Figures of some times, all of them beside. Milliseconds. */
export type Spread = {
  readonly n: number;
  readonly minMs: number | null;
  readonly medianMs: number | null;
  /** From 60 values on. */
  readonly p95Ms?: number | null;
  readonly maxMs: number | null;
  /** In the order in which they were measured. */
  readonly allMs: readonly number[];
};

/** Sums up times in milliseconds; rounds them. Pure. */
export function spread(values: readonly number[]): Spread {
  const allMs = values.map(Math.round);
  const sorted = allMs.toSorted((one, other) => one - other);
  const at = (ratio: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? null;
  return {
    n: sorted.length,
    minMs: sorted[0] ?? null,
    medianMs: at(0.5),
    ...(sorted.length >= ENOUGH_FOR_P95 && { p95Ms: at(0.95) }),
    maxMs: sorted.at(-1) ?? null,
    allMs,
  };
}

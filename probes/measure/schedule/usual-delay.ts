/** How long a target usually takes to answer, as this program sees it, its own delays included. Undefined before the first answer. */
export type UsualDelay = { readonly meanMs: number; readonly deviationMs: number } | undefined;

/** Room for a busy moment of this program or of the one that answers. */
const GUARD_MS = 50;
const MEAN_GAIN = 1 / 8;
const DEVIATION_GAIN = 1 / 4;
const DEVIATIONS = 4;
const SLOWER_BY = 2;

/**
 * Folds in one answer.
 *
 * @param tookMs - from sending to hearing of the answer.
 * @see RFC 6298 §2, whose two estimators these are
 */
export function addDelay(delay: UsualDelay, tookMs: number): UsualDelay {
  if (!delay) return { meanMs: tookMs, deviationMs: tookMs / 2 };
  const { deviationMs, meanMs } = delay;
  return {
    meanMs: meanMs + MEAN_GAIN * (tookMs - meanMs),
    deviationMs: deviationMs + DEVIATION_GAIN * (Math.abs(tookMs - meanMs) - deviationMs),
  };
}

/**
 * After how many milliseconds an attempt without answer is late: worth asking again, though no miss before its own time-out.
 * A steady 1 ms gives 52 ms, 20 ms 90 ms, 100 ms 250 ms. Never before the first answer.
 */
export function lateAfterMs(delay: UsualDelay): number {
  if (!delay) return Number.POSITIVE_INFINITY;
  const { deviationMs, meanMs } = delay;
  return GUARD_MS + Math.max(SLOWER_BY * meanMs, meanMs + DEVIATIONS * deviationMs);
}

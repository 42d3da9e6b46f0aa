/** Bounds of the wait between two connection attempts, in ms. */
export type ReconnectBounds = { readonly firstMs: number; readonly maxMs: number };

/**
 * Wait before the next attempt: doubles with every failure in a row, up to the bound, and is spread over its upper half so
 * that many probes do not come back at once.
 *
 * @param failures - failures in a row, from 1.
 * @param random - uniform in [0, 1).
 * @returns ms, at least half of what doubling gives and never above `maxMs`.
 */
export function reconnectDelayMs(failures: number, random: number, bounds: ReconnectBounds): number {
  const doubled = bounds.firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30);
  const ceilingMs = Math.min(doubled, bounds.maxMs);
  return ceilingMs / 2 + (ceilingMs / 2) * random;
}

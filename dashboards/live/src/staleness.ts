/** Silence after which the page calls itself stale; the hub speaks at least every 2 s (wire/live.ts). */
export const STALE_AFTER_MS = 6000;

/** Silence after which the page gives the connection up and opens another. */
export const RECONNECT_AFTER_MS = 12_000;

/** How fresh the figures on the page are; `silentForMs` counts from the last message that was taken in. */
export type Freshness =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'live'; readonly silentForMs: number }
  | { readonly kind: 'stale'; readonly silentForMs: number };

/**
 * Judges freshness by two clocks, because each can lie: the monotonic one may stand still while the machine sleeps, the
 * wall clock may be set back. The longer silence counts, so the page errs towards stale.
 *
 * @param last - both clocks when the last message was taken in, or `undefined` when none has been.
 * @param now - both clocks now.
 */
export function judgeFreshness(last: ClockPair | undefined, now: ClockPair): Freshness {
  if (last === undefined) return { kind: 'waiting' };
  const silentForMs = Math.max(0, now.monotonicMs - last.monotonicMs, now.epochMs - last.epochMs);
  return silentForMs > STALE_AFTER_MS ? { kind: 'stale', silentForMs } : { kind: 'live', silentForMs };
}

/** One reading of both clocks of the browser. */
export type ClockPair = { readonly monotonicMs: number; readonly epochMs: number };

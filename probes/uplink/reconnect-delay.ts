/** Bounds of the wait between connection attempts, in ms. */
export type ReconnectBounds = { readonly firstMs: number; readonly maxMs: number };

/** Half a second for a hub that restarts, half a minute for one that is gone. */
export const UPLINK_RECONNECT: ReconnectBounds = { firstMs: 500, maxMs: 30_000 };

/** Least wait after a refusal that only a person can lift (another instance, an unknown PBX, a wrong token). */
export const REFUSED_WAIT_MS = 30_000;

/**
 * Wait before the next attempt: doubled per failure, spread over the upper half so that a fleet does not return as one.
 *
 * @param failures - in a row since a connection was last stable, from 1.
 * @param random - uniform in [0, 1).
 * @returns from half of `firstMs` up to `maxMs`.
 */
export function reconnectDelayMs(failures: number, random: number, bounds: ReconnectBounds = UPLINK_RECONNECT): number {
  const ceilingMs = Math.min(bounds.maxMs, bounds.firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 20));
  return (ceilingMs * (1 + random)) / 2;
}

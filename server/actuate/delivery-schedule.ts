import type { Delivery } from '../store/delivery-store.ts';
import type { HookPolicy } from './hook-policy.ts';

/** Wait after the first attempt that failed; it doubles up to {@link LONGEST_WAIT_MS}. */
export const FIRST_WAIT_MS = 1000;
/** Longest wait between two attempts: five minutes. */
export const LONGEST_WAIT_MS = 300_000;

/**
 * How one attempt ended. `failed` may go well later (no answer, 5xx, 429, a program that did not end in time); `refused` will not
 * (another 4xx, a program that is not there).
 */
export type AttemptResult =
  | { readonly kind: 'made' }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly kind: 'refused'; readonly reason: string };

/** What is to be done about a delivery after an attempt. */
export type AfterAttempt =
  | { readonly kind: 'made' }
  | { readonly kind: 'again'; readonly delivery: Delivery }
  | { readonly kind: 'give-up'; readonly delivery: Delivery };

/**
 * Decides what follows an attempt.
 *
 * @param chance - 0 to 1: spreads the wait over its upper half, so that what failed together does not come back together.
 */
export function afterAttempt(
  delivery: Delivery,
  result: AttemptResult,
  { attempts: most }: Pick<HookPolicy, 'attempts'>,
  now: { readonly atMs: number; readonly chance: number },
): AfterAttempt {
  if (result.kind === 'made') return { kind: 'made' };
  const attempts = delivery.attempts + 1;
  const tried = { ...delivery, attempts, lastReason: result.reason.slice(0, 500) };
  if (result.kind === 'refused' || attempts >= most) return { kind: 'give-up', delivery: { ...tried, state: 'dead' } };
  const fullMs = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
  const ownMs = fullMs * (0.5 + now.chance / 2);
  const waitMs = Math.min(Math.max(ownMs, result.retryAfterMs ?? 0), LONGEST_WAIT_MS);
  return { kind: 'again', delivery: { ...tried, dueAtEpochMs: now.atMs + waitMs } };
}

/** Deliveries of one hook to be attempted now, and when to look again; undefined where nothing waits for a time. */
export type Due = { readonly now: readonly Delivery[]; readonly nextAtMs: number | undefined };

/**
 * Picks the deliveries of one hook that are due. Within a lane the older goes first, and the next waits for it: a receiver that
 * takes the last word for the state of things is not told an old one later.
 *
 * @param waiting - of this hook, oldest first, those under way included.
 * @param underWay - ids of deliveries that are being attempted.
 */
export function dueDeliveries(
  waiting: Iterable<Delivery>,
  underWay: ReadonlySet<string>,
  { atOnce }: Pick<HookPolicy, 'atOnce'>,
  nowMs: number,
): Due {
  const lanes = new Set<string>();
  const now: Delivery[] = [];
  let nextAtMs: number | undefined;
  for (const delivery of waiting) {
    if (lanes.has(delivery.lane)) continue;
    lanes.add(delivery.lane);
    if (underWay.has(delivery.deliveryId)) continue;
    if (delivery.dueAtEpochMs > nowMs) nextAtMs = Math.min(nextAtMs ?? Number.POSITIVE_INFINITY, delivery.dueAtEpochMs);
    else if (now.length + underWay.size < atOnce) now.push(delivery);
  }
  return { now, nextAtMs };
}

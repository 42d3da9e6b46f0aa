/** Estimate of the round trip that every timer is a multiple of. @see RFC 3261 §17.1.1.1 */
export const T1_MS = 500;
/** Longest gap between two copies of a request other than INVITE. @see RFC 3261 §17.1.2.1 */
export const T2_MS = 4000;
/** After so long without an answer a transaction is given up (timers B and F). */
export const GIVE_UP_MS = 64 * T1_MS;

/**
 * One client transaction of a request other than INVITE over UDP: a BYE or a CANCEL. `sends` counts the copies that left,
 * the first included.
 */
export type RequestTransaction =
  | {
      readonly kind: 'waiting';
      readonly isProceeding: boolean;
      readonly nextAtMs: number;
      readonly intervalMs: number;
      readonly giveUpAtMs: number;
      readonly sends: number;
    }
  | { readonly kind: 'answered'; readonly statusCode: number; readonly sends: number }
  | { readonly kind: 'gave-up'; readonly sends: number };

/** The transaction afterwards, and whether one more copy of the request is to leave now. */
export type TransactionStep = { readonly transaction: RequestTransaction; readonly isSendDue: boolean };

/** The transaction of a request that leaves now, monotonic milliseconds. */
export function beginRequest(nowMs: number): RequestTransaction {
  const times = { nextAtMs: nowMs + T1_MS, intervalMs: T1_MS, giveUpAtMs: nowMs + GIVE_UP_MS };
  return { kind: 'waiting', isProceeding: false, ...times, sends: 1 };
}

/**
 * Lets time pass: timer E sends again after T1, 2 T1, 4 T1 up to every T2, at T2 at once after a provisional answer; timer F
 * gives up after 64 T1. A call that comes late sends one copy, not all that were due.
 *
 * @see RFC 3261 §17.1.2.2, figure 6
 */
export function passRequestTime(transaction: RequestTransaction, nowMs: number): TransactionStep {
  if (transaction.kind !== 'waiting') return { transaction, isSendDue: false };
  const { giveUpAtMs, intervalMs, isProceeding, nextAtMs, sends } = transaction;
  if (nowMs >= giveUpAtMs) return { transaction: { kind: 'gave-up', sends }, isSendDue: false };
  if (nowMs < nextAtMs) return { transaction, isSendDue: false };
  const wider = isProceeding ? T2_MS : Math.min(2 * intervalMs, T2_MS);
  const next = { ...transaction, intervalMs: wider, nextAtMs: nowMs + wider, sends: sends + 1 };
  return { transaction: next, isSendDue: true };
}

/** Takes the status of an answer, 100 to 699; the first final one ends the transaction. */
export function answerRequest(transaction: RequestTransaction, statusCode: number): RequestTransaction {
  if (transaction.kind !== 'waiting') return transaction;
  if (statusCode < 200) return { ...transaction, isProceeding: true };
  return { kind: 'answered', statusCode, sends: transaction.sends };
}

/** When the transaction next has to be looked at; `Infinity` once it is over. */
export function requestDueAtMs(transaction: RequestTransaction): number {
  return transaction.kind === 'waiting' ? Math.min(transaction.nextAtMs, transaction.giveUpAtMs) : Infinity;
}

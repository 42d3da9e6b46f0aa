import { GIVE_UP_MS, T1_MS } from './dialog-transaction.ts';

/**
 * One INVITE client transaction over UDP. `sends` counts the copies that left, the first included: retransmission is proper
 * here, and every copy is told.
 */
export type InviteTransaction =
  | {
      readonly kind: 'calling';
      readonly nextAtMs: number;
      readonly intervalMs: number;
      readonly giveUpAtMs: number;
      readonly sends: number;
    }
  | { readonly kind: 'proceeding'; readonly sends: number }
  /** A final answer above 299 was acknowledged; its copies are until then (timer D). */
  | { readonly kind: 'completed'; readonly statusCode: number; readonly untilMs: number; readonly sends: number }
  /** A 2xx came; copies of it, and those of other branches, come through until then (timer M). */
  | { readonly kind: 'accepted'; readonly untilMs: number; readonly sends: number }
  | { readonly kind: 'timed-out'; readonly sends: number };

/** The transaction afterwards, and what is to be done now. */
export type InviteStep = {
  readonly transaction: InviteTransaction;
  readonly action: 'nothing' | 'send-invite' | 'send-ack' | 'timed-out';
  /** The answer is new to the user of the transaction; a 2xx always is (RFC 6026 §7.1). */
  readonly isPassedOn: boolean;
};

/** Timer D over UDP. @see RFC 3261 §17.1.1.2 */
const TIMER_D_MS = 32_000;

/** The transaction of an INVITE that leaves now, monotonic milliseconds. */
export function beginInvite(nowMs: number): InviteTransaction {
  return { kind: 'calling', nextAtMs: nowMs + T1_MS, intervalMs: T1_MS, giveUpAtMs: nowMs + GIVE_UP_MS, sends: 1 };
}

/**
 * Lets time pass: timer A doubles from T1 without a bound, timer B gives up after 64 T1. In `proceeding` nothing is sent; how
 * long it may ring is the caller's business.
 *
 * @see RFC 3261 §17.1.1.2, figure 5
 */
export function passInviteTime(transaction: InviteTransaction, nowMs: number): InviteStep {
  if (transaction.kind !== 'calling' || nowMs < Math.min(transaction.nextAtMs, transaction.giveUpAtMs)) {
    return { transaction, action: 'nothing', isPassedOn: false };
  }
  const { giveUpAtMs, intervalMs, sends } = transaction;
  if (nowMs >= giveUpAtMs) {
    return { transaction: { kind: 'timed-out', sends }, action: 'timed-out', isPassedOn: false };
  }
  const doubled = { ...transaction, intervalMs: 2 * intervalMs, nextAtMs: nowMs + 2 * intervalMs, sends: sends + 1 };
  return { transaction: doubled, action: 'send-invite', isPassedOn: false };
}

/**
 * Takes the status of an answer, 100 to 699. An answer above 299 is acknowledged in the transaction, copies of it again; the
 * ACK of a 2xx is the dialog's. A 2xx after the time-out is passed on too, since its call has to be ended.
 *
 * @see RFC 3261 §17.1.1.2, §17.1.1.3; RFC 6026 §7.2 (accepted)
 */
export function answerInvite(transaction: InviteTransaction, statusCode: number, nowMs: number): InviteStep {
  const { sends } = transaction;
  if (statusCode >= 200 && statusCode < 300) {
    const untilMs = transaction.kind === 'accepted' ? transaction.untilMs : nowMs + GIVE_UP_MS;
    return { transaction: { kind: 'accepted', untilMs, sends }, action: 'nothing', isPassedOn: true };
  }
  const isOpen = transaction.kind === 'calling' || transaction.kind === 'proceeding';
  if (statusCode < 200) {
    return isOpen
      ? { transaction: { kind: 'proceeding', sends }, action: 'nothing', isPassedOn: true }
      : { transaction, action: 'nothing', isPassedOn: false };
  }
  if (transaction.kind === 'completed') return { transaction, action: 'send-ack', isPassedOn: false };
  if (!isOpen) return { transaction, action: 'nothing', isPassedOn: false };
  const completed = { kind: 'completed', statusCode, untilMs: nowMs + TIMER_D_MS, sends } as const;
  return { transaction: completed, action: 'send-ack', isPassedOn: true };
}

/** When timer A or B is next due; `Infinity` outside `calling`. */
export function inviteDueAtMs(transaction: InviteTransaction): number {
  return transaction.kind === 'calling' ? Math.min(transaction.nextAtMs, transaction.giveUpAtMs) : Infinity;
}

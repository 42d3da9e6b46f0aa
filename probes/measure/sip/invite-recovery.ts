import type { Dialog } from './dialog-state.ts';
import { beginRequest } from './dialog-transaction.ts';
import { type CallAccount, type CallPlan, encodeCancel, encodeWithin } from './invite-plan.ts';
import type { CallEffect, CallLeg, CallState, CallStep } from './invite-state.ts';

/** What is kept on disk of a call that may be up. */
export type OpenCall = {
  readonly plan: CallPlan;
  readonly inviteSequence: number;
  /** Of provisional answers. */
  readonly early: readonly Dialog[];
  /** Of 2xx answers. */
  readonly dialogs: readonly Dialog[];
};

/** Above every CSeq number that the run before can have used. */
const SEQUENCE_STEP = 1000;

/** What has to be kept of a call. */
export function openCallOf({ early, inviteSequence, legs, plan }: CallState): OpenCall {
  return { plan, inviteSequence, early, dialogs: legs.map(({ dialog }) => dialog) };
}

/**
 * Takes up a call of an earlier run to end it: BYE into every dialog known; CANCEL as well while no 2xx was seen. Whether a
 * provisional answer came is not known then: a CANCEL without one finds no transaction and is answered 481 (a deviation from
 * RFC 3261 §9.1 that harms nobody). Early dialogs get a BYE too: a 2xx that crossed the crash has made one of them a call,
 * and RFC 3261 §15 lets the caller end an early one so.
 *
 * @param account - of the configuration as it is now.
 */
export function recoverCall(open: OpenCall, account: CallAccount | undefined, nowMs: number): CallStep {
  const { dialogs, early, inviteSequence, plan } = open;
  const sequenceNumber = inviteSequence + SEQUENCE_STEP;
  const known = dialogs.length > 0 ? dialogs : early;
  const legs = known.map(
    (dialog): CallLeg => ({
      dialog,
      sequenceNumber,
      remoteSequence: undefined,
      remoteOrigin: undefined,
      bye: beginRequest(nowMs),
      byeChallenged: undefined,
      isEndedByRemote: false,
    }),
  );
  const isCancelled = dialogs.length === 0;
  const state: CallState = {
    plan,
    account,
    offer: '',
    inviteSequence,
    invite: { kind: 'proceeding', sends: 1 },
    challenged: undefined,
    cancel: isCancelled ? beginRequest(nowMs) : undefined,
    cancelledAtMs: isCancelled ? nowMs : undefined,
    isEnding: true,
    hasTransportFailed: false,
    early,
    legs,
    startedAtMs: nowMs,
    firstSoundAtMs: undefined,
    answeredAtMs: undefined,
    endedAtMs: undefined,
    finalStatus: undefined,
    earlierSends: 0,
    earlierInvites: 0,
  };
  const byes = known.map((dialog): CallEffect => {
    const bye = { method: 'BYE', sequenceNumber, authorization: [] } as const;
    return { kind: 'send', ...encodeWithin(plan, dialog, bye) };
  });
  const cancels: CallEffect[] = isCancelled ? [{ kind: 'send', ...encodeCancel(plan, inviteSequence) }] : [];
  return { state, effects: [...cancels, ...byes] };
}

/**
 * A recovered call is certainly ended: every BYE was answered or given up; without a dialog, the INVITE was answered finally,
 * or the far end knows nothing of it, or everything was tried.
 */
export function isRecoveryOver({ cancel, invite, legs }: CallState): boolean {
  if (legs.length > 0) return legs.every(({ bye, isEndedByRemote }) => isEndedByRemote || bye?.kind !== 'waiting');
  if (invite.kind !== 'proceeding') return true;
  return cancel?.kind === 'gave-up' || (cancel?.kind === 'answered' && cancel.statusCode >= 300);
}

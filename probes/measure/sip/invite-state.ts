import type { Dialog } from './dialog-state.ts';
import type { RequestTransaction } from './dialog-transaction.ts';
import type { CallAccount, CallPlan, CallSend, Challenged } from './invite-plan.ts';
import type { InviteTransaction } from './invite-transaction.ts';
import type { SipRequest, SipResponse } from './message.ts';
import type { Source } from './response.ts';

/** One dialog that a 2xx has made. A forked INVITE may make several; the first is the call, others are ended at once. */
export type CallLeg = {
  readonly dialog: Dialog;
  /** CSeq number of our last request in it. */
  readonly sequenceNumber: number;
  readonly remoteSequence: number | undefined;
  /** Line `o=` of the session that the far end has described; the same again is no new session. */
  readonly remoteOrigin: string | undefined;
  readonly bye: RequestTransaction | undefined;
  readonly byeChallenged: Challenged | undefined;
  readonly isEndedByRemote: boolean;
};

/** A test call from its INVITE to its end. Monotonic milliseconds. */
export type CallState = {
  readonly plan: CallPlan;
  readonly account: CallAccount | undefined;
  readonly offer: string;
  readonly inviteSequence: number;
  readonly invite: InviteTransaction;
  readonly challenged: Challenged | undefined;
  readonly cancel: RequestTransaction | undefined;
  readonly cancelledAtMs: number | undefined;
  /** It is to end: cancelled as soon as that may be, or a BYE is out. */
  readonly isEnding: boolean;
  readonly hasTransportFailed: boolean;
  readonly early: readonly Dialog[];
  readonly legs: readonly CallLeg[];
  readonly startedAtMs: number;
  readonly firstSoundAtMs: number | undefined;
  readonly answeredAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly finalStatus: number | undefined;
  /** Copies of INVITEs before the present one, for the count of retransmissions. */
  readonly earlierSends: number;
  readonly earlierInvites: number;
};

/** What a call is told. */
export type CallInput =
  | { readonly kind: 'response'; readonly response: SipResponse }
  | { readonly kind: 'request'; readonly request: SipRequest; readonly source: Source }
  | { readonly kind: 'time' }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'transport-failed' };

/** What a call asks for, in this order; `journal` has to be on the disk before what follows is done. */
export type CallEffect =
  | ({ readonly kind: 'send' } & CallSend)
  | { readonly kind: 'journal' }
  | { readonly kind: 'answered'; readonly body: Uint8Array };

/** The call afterwards, and what is to be done. */
export type CallStep = { readonly state: CallState; readonly effects: readonly CallEffect[] };

/** Nothing of the call is left that could be up: its figures are final. */
export function isOver(state: CallState): boolean {
  if (state.legs.length > 0) return state.legs.every(isLegOver);
  return state.invite.kind === 'completed' || state.invite.kind === 'timed-out';
}

/** The far end has not confirmed the end: it may think the call is up, or still bring it up. */
export function isEndUnsure(state: CallState): boolean {
  if (state.hasTransportFailed) return false;
  return state.invite.kind === 'timed-out' || state.legs.some(({ bye }) => bye?.kind === 'gave-up');
}

/** The leg has ended, or everything was tried. */
export function isLegOver({ bye, isEndedByRemote }: CallLeg): boolean {
  return isEndedByRemote || (bye !== undefined && bye.kind !== 'waiting');
}

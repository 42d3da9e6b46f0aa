import { beginRequest } from './dialog-transaction.ts';
import { authorizationOf, encodeCancel, encodeWithin } from './invite-plan.ts';
import type { CallEffect, CallLeg, CallState, CallStep } from './invite-state.ts';

/** CANCEL where an answer is still awaited and a provisional one came; BYE where the call is up; otherwise nothing yet. */
export function endNow(state: CallState, nowMs: number): CallStep {
  if (state.legs.length === 0) {
    if (state.invite.kind !== 'proceeding' || state.cancel) return idle(state);
    const cancelled = { ...state, cancel: beginRequest(nowMs), cancelledAtMs: nowMs };
    return { state: cancelled, effects: [{ kind: 'send', ...encodeCancel(state.plan, state.inviteSequence) }] };
  }
  let step = idle(state);
  for (const [at, leg] of state.legs.entries()) {
    if (!leg.bye && !leg.isEndedByRemote) step = withEffects(step.effects, sendBye(step.state, at, nowMs));
  }
  return step;
}

/** BYE into the leg at this place, with the next CSeq number; nothing where there is no such leg. */
export function sendBye(state: CallState, at: number, nowMs: number): CallStep {
  const leg = state.legs[at];
  if (!leg) return idle(state);
  const ending = { ...leg, sequenceNumber: leg.sequenceNumber + 1, bye: beginRequest(nowMs) };
  const next = withLeg({ ...state, isEnding: state.isEnding || at === 0 }, at, ending);
  return { state: next, effects: [byeOf(next, ending)] };
}

/** The BYE of a leg as it stands, for its first copy and the others. */
export function byeOf({ account, plan }: CallState, leg: CallLeg): CallEffect {
  const { byeChallenged, dialog, sequenceNumber } = leg;
  const authorization = authorizationOf(account, byeChallenged, { method: 'BYE', uri: dialog.remoteTarget });
  return { kind: 'send', ...encodeWithin(plan, dialog, { method: 'BYE', sequenceNumber, authorization }) };
}

/** ACK of a 2xx. @see RFC 3261 §13.2.2.4 (with the credentials of its INVITE) */
export function ackOf({ account, challenged, inviteSequence, plan }: CallState, dialog: CallLeg['dialog']): CallEffect {
  const authorization = authorizationOf(account, challenged, { method: 'INVITE', uri: plan.requestUri });
  const ack = { method: 'ACK', sequenceNumber: inviteSequence, authorization } as const;
  return { kind: 'send', ...encodeWithin(plan, dialog, ack) };
}

/** The call with this leg in the place of another. */
export function withLeg(state: CallState, at: number, leg: CallLeg): CallState {
  return { ...state, legs: state.legs.with(at, leg) };
}

/** A step that does something else first. */
export function withEffects(first: readonly CallEffect[], { effects, state }: CallStep): CallStep {
  return { state, effects: [...first, ...effects] };
}

/** A step that asks for nothing. */
export function idle(state: CallState): CallStep {
  return { state, effects: [] };
}

import { answerTo, encodeAnswer, isWithin } from './dialog-answer.ts';
import { refreshed } from './dialog-state.ts';
import { GIVE_UP_MS, passRequestTime, requestDueAtMs } from './dialog-transaction.ts';
import { byeOf, endNow, idle, withEffects, withLeg } from './invite-ending.ts';
import {
  authorizationOf,
  type CallAccount,
  type CallPlan,
  contactOf,
  encodeCancel,
  encodeInvite,
} from './invite-plan.ts';
import { takeResponse } from './invite-response.ts';
import { type CallEffect, type CallInput, type CallState, type CallStep, isLegOver } from './invite-state.ts';
import { beginInvite, inviteDueAtMs, passInviteTime } from './invite-transaction.ts';
import type { SipRequest } from './message.ts';
import type { Source } from './response.ts';

/**
 * Begins a call: the journal first, then the INVITE.
 *
 * @param offer - session description.
 */
export function beginCall(plan: CallPlan, account: CallAccount | undefined, offer: string, nowMs: number): CallStep {
  const state: CallState = {
    plan,
    account,
    offer,
    inviteSequence: 1,
    invite: beginInvite(nowMs),
    challenged: undefined,
    cancel: undefined,
    cancelledAtMs: undefined,
    isEnding: false,
    hasTransportFailed: false,
    early: [],
    legs: [],
    startedAtMs: nowMs,
    firstSoundAtMs: undefined,
    answeredAtMs: undefined,
    endedAtMs: undefined,
    finalStatus: undefined,
    earlierSends: 0,
    earlierInvites: 0,
  };
  return { state, effects: [{ kind: 'journal' }, { kind: 'send', ...encodeInvite(plan, 1, offer, []) }] };
}

/**
 * Advances a call. Pure: the caller owns socket, disk and timer, carries effects out in order, and comes back with `time` at
 * {@link callDueAtMs}.
 *
 * An INVITE is cancelled only after a provisional answer; a 2xx that crosses the CANCEL is acknowledged and ended by BYE.
 *
 * @see RFC 3261 §9.1, §13.2.2, §15; RFC 6026 §7
 */
export function stepCall(state: CallState, input: CallInput, nowMs: number): CallStep {
  switch (input.kind) {
    case 'response':
      return takeResponse(state, input.response, nowMs);
    case 'request':
      return takeRequest(state, input.request, input.source, nowMs);
    case 'time':
      return passTime(state, nowMs);
    case 'hang-up':
      return endNow({ ...state, isEnding: true }, nowMs);
    case 'transport-failed':
      return idle(failTransport(state, nowMs));
    default:
      return input satisfies never;
  }
}

/** When the call next has to be told `time`; `Infinity` when only the network can change it. */
export function callDueAtMs(state: CallState): number {
  const { answeredAtMs, cancel, cancelledAtMs, invite, isEnding, legs, plan, startedAtMs } = state;
  const isOpen = legs.length === 0 && (invite.kind === 'calling' || invite.kind === 'proceeding');
  return Math.min(
    inviteDueAtMs(invite),
    cancel ? requestDueAtMs(cancel) : Infinity,
    isOpen && !isEnding ? startedAtMs + plan.ringMs : Infinity,
    isOpen && cancelledAtMs !== undefined ? cancelledAtMs + GIVE_UP_MS : Infinity,
    answeredAtMs !== undefined && legs[0] && !legs[0].bye && !isLegOver(legs[0])
      ? answeredAtMs + plan.talkMs
      : Infinity,
    ...legs.map(({ bye }) => (bye ? requestDueAtMs(bye) : Infinity)),
  );
}

function takeRequest(state: CallState, request: SipRequest, source: Source, nowMs: number): CallStep {
  const { plan } = state;
  const { callId, fromTag: ownTag } = plan;
  const at = state.legs.findIndex(({ dialog: { remoteTag } }) => isWithin(request, { callId, ownTag, remoteTag }));
  const leg = state.legs[at];
  const known = leg && {
    callId,
    ownTag,
    remoteTag: leg.dialog.remoteTag,
    remoteSequence: leg.remoteSequence,
    remoteOrigin: leg.remoteOrigin,
  };
  const answer = answerTo(request, known);
  if (!answer) return idle(state);
  const effect: CallEffect = {
    kind: 'send',
    ...encodeAnswer(request, source, answer, { contact: contactOf(plan), ownTag, session: state.offer }),
  };
  if (!leg || answer.statusCode === 500) return { state, effects: [effect] };
  const next = withLeg(state, at, {
    ...leg,
    remoteSequence: Math.max(leg.remoteSequence ?? 0, request.cseq.sequenceNumber),
    dialog: answer.isRefresh ? refreshed(leg.dialog, request) : leg.dialog,
    isEndedByRemote: leg.isEndedByRemote || (answer.isBye && leg.bye?.kind !== 'answered'),
  });
  const isEnd = answer.isBye && next.legs.every(isLegOver);
  return { state: isEnd ? { ...next, endedAtMs: next.endedAtMs ?? nowMs } : next, effects: [effect] };
}

function passTime(state: CallState, nowMs: number): CallStep {
  const effects: CallEffect[] = [];
  const { account, answeredAtMs, cancelledAtMs, challenged, offer, plan } = state;
  let next = state;
  const invited = passInviteTime(state.invite, nowMs);
  next = { ...next, invite: invited.transaction };
  if (invited.action === 'send-invite') {
    const authorization = authorizationOf(account, challenged, { method: 'INVITE', uri: plan.requestUri });
    effects.push({ kind: 'send', ...encodeInvite(plan, state.inviteSequence, offer, authorization) });
  }
  if (invited.action === 'timed-out') next = { ...next, isEnding: true, endedAtMs: nowMs };
  if (next.cancel) {
    const { transaction, isSendDue } = passRequestTime(next.cancel, nowMs);
    next = { ...next, cancel: transaction };
    if (isSendDue) effects.push({ kind: 'send', ...encodeCancel(plan, state.inviteSequence) });
  }
  for (const [at, leg] of next.legs.entries()) {
    if (!leg.bye) continue;
    const { transaction, isSendDue } = passRequestTime(leg.bye, nowMs);
    next = withLeg(next, at, { ...leg, bye: transaction });
    if (isSendDue) effects.push(byeOf(next, leg));
  }
  if (next.endedAtMs === undefined && next.legs.length > 0 && next.legs.every(isLegOver)) {
    next = { ...next, endedAtMs: nowMs };
  }
  const isUnanswered = next.legs.length === 0 && next.invite.kind === 'proceeding';
  if (isUnanswered && cancelledAtMs !== undefined && nowMs >= cancelledAtMs + GIVE_UP_MS) {
    return { state: { ...next, invite: { kind: 'timed-out', sends: next.invite.sends }, endedAtMs: nowMs }, effects };
  }
  const isRingOver = next.legs.length === 0 && nowMs >= state.startedAtMs + plan.ringMs;
  const isTalkOver = answeredAtMs !== undefined && nowMs >= answeredAtMs + plan.talkMs;
  if (isRingOver || isTalkOver) return withEffects(effects, endNow({ ...next, isEnding: true }, nowMs));
  return { state: next, effects };
}

/** An INVITE that the system refused to send has reached nobody; later faults show as silence. */
function failTransport(state: CallState, nowMs: number): CallState {
  if (state.invite.kind !== 'calling' || state.invite.sends > 1) return state;
  return { ...state, hasTransportFailed: true, invite: { kind: 'timed-out', sends: 0 }, endedAtMs: nowMs };
}

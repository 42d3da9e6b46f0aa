import { answerTo, encodeAnswer, isWithin } from './dialog-answer.ts';
import { dialogOf, refreshed } from './dialog-state.ts';
import { answerRequest, beginRequest, GIVE_UP_MS, passRequestTime, requestDueAtMs } from './dialog-transaction.ts';
import { chooseChallenge } from './digest-challenge.ts';
import {
  authorizationOf,
  type CallAccount,
  type CallPlan,
  type Challenged,
  contactOf,
  encodeCancel,
  encodeInvite,
  encodeRefusalAck,
  encodeWithin,
  inviteBranch,
} from './invite-plan.ts';
import type { CallEffect, CallInput, CallLeg, CallState, CallStep } from './invite-state.ts';
import { isLegOver } from './invite-state.ts';
import { answerInvite, beginInvite, inviteDueAtMs, passInviteTime } from './invite-transaction.ts';
import type { SipRequest, SipResponse } from './message.ts';
import type { Source } from './response.ts';

/** Challenges to one request that are answered: the first, and one more for a nonce that had run out. */
const MAX_CHALLENGES = 2;

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

function takeResponse(state: CallState, response: SipResponse, nowMs: number): CallStep {
  const { plan } = state;
  if (response.callId !== plan.callId || response.from.parameters.get('tag') !== plan.fromTag) return idle(state);
  switch (response.cseq.method) {
    case 'INVITE':
      return takeInviteResponse(state, response, nowMs);
    case 'CANCEL':
      return state.cancel ? idle({ ...state, cancel: answerRequest(state.cancel, response.statusCode) }) : idle(state);
    case 'BYE':
      return takeByeResponse(state, response, nowMs);
    default:
      return idle(state);
  }
}

function takeInviteResponse(state: CallState, response: SipResponse, nowMs: number): CallStep {
  const { plan } = state;
  const { statusCode } = response;
  const { sequenceNumber } = response.cseq;
  const branch = response.vias[0].parameters.get('branch');
  if (branch !== inviteBranch(plan, sequenceNumber)) return idle(state);
  if (sequenceNumber !== state.inviteSequence) {
    if (sequenceNumber > state.inviteSequence || statusCode < 300) return idle(state);
    return { state, effects: [{ kind: 'send', ...encodeRefusalAck(plan, response) }] };
  }
  const { transaction, action, isPassedOn } = answerInvite(state.invite, statusCode, nowMs);
  const next: CallState = { ...state, invite: transaction };
  if (statusCode >= 200 && statusCode < 300) return takeAccepted(next, response, nowMs);
  const effects: CallEffect[] = [];
  if (action === 'send-ack') effects.push({ kind: 'send', ...encodeRefusalAck(plan, response) });
  if (!isPassedOn) return { state: next, effects };
  return statusCode < 200
    ? takeProvisional(next, response, nowMs)
    : withEffects(effects, takeRefusal(next, response, nowMs));
}

function takeProvisional(state: CallState, response: SipResponse, nowMs: number): CallStep {
  const isSound = response.statusCode >= 180;
  const heard = { ...state, firstSoundAtMs: state.firstSoundAtMs ?? (isSound ? nowMs : undefined) };
  const dialog = dialogOf(response, state.plan.requestUri);
  const isNew = dialog && !state.early.some(({ remoteTag }) => remoteTag === dialog.remoteTag);
  const known = isNew ? { ...heard, early: [...state.early, dialog] } : heard;
  return withEffects(isNew ? [{ kind: 'journal' }] : [], state.isEnding ? endNow(known, nowMs) : idle(known));
}

function takeRefusal(state: CallState, response: SipResponse, nowMs: number): CallStep {
  const { statusCode } = response;
  const challenged = challengeOf(state, response, state.challenged);
  if (!challenged || state.isEnding || state.earlierInvites >= MAX_CHALLENGES) {
    return idle({
      ...state,
      finalStatus: statusCode,
      firstSoundAtMs: state.firstSoundAtMs ?? nowMs,
      endedAtMs: nowMs,
    });
  }
  const inviteSequence = state.inviteSequence + 1;
  const { account, plan } = state;
  const authorization = authorizationOf(account, challenged, { method: 'INVITE', uri: plan.requestUri });
  const again: CallState = {
    ...state,
    inviteSequence,
    challenged,
    invite: beginInvite(nowMs),
    earlierSends: state.earlierSends + state.invite.sends,
    earlierInvites: state.earlierInvites + 1,
  };
  const invite = encodeInvite(plan, inviteSequence, state.offer, authorization);
  return { state: again, effects: [{ kind: 'journal' }, { kind: 'send', ...invite }] };
}

function takeAccepted(state: CallState, response: SipResponse, nowMs: number): CallStep {
  const dialog = dialogOf(response, state.plan.requestUri);
  if (!dialog) return idle(state);
  const ack = ackOf(state, dialog);
  if (state.legs.some((leg) => leg.dialog.remoteTag === dialog.remoteTag)) return { state, effects: [ack] };
  const leg: CallLeg = {
    dialog,
    sequenceNumber: state.inviteSequence,
    remoteSequence: undefined,
    bye: undefined,
    byeChallenged: undefined,
    isEndedByRemote: false,
  };
  const isFirst = state.legs.length === 0;
  const next: CallState = {
    ...state,
    legs: [...state.legs, leg],
    firstSoundAtMs: state.firstSoundAtMs ?? nowMs,
    ...(isFirst && { answeredAtMs: nowMs, finalStatus: response.statusCode, endedAtMs: undefined }),
  };
  const effects: CallEffect[] = [{ kind: 'journal' }, ack];
  if (!isFirst || state.isEnding) return withEffects(effects, sendBye(next, next.legs.length - 1, nowMs));
  return { state: next, effects: [...effects, { kind: 'answered', body: response.body }] };
}

function takeByeResponse(state: CallState, response: SipResponse, nowMs: number): CallStep {
  const tag = response.to.parameters.get('tag') ?? '';
  const at = state.legs.findIndex(
    (leg) => leg.dialog.remoteTag === tag && leg.sequenceNumber === response.cseq.sequenceNumber,
  );
  const leg = state.legs[at];
  if (!leg?.bye || leg.bye.kind !== 'waiting') return idle(state);
  const challenged = challengeOf(state, response, leg.byeChallenged);
  if (challenged && !leg.byeChallenged) {
    return sendBye(withLeg(state, at, { ...leg, byeChallenged: challenged }), at, nowMs);
  }
  const next = withLeg(state, at, { ...leg, bye: answerRequest(leg.bye, response.statusCode) });
  return idle(next.legs.every(isLegOver) ? { ...next, endedAtMs: next.endedAtMs ?? nowMs } : next);
}

function takeRequest(state: CallState, request: SipRequest, source: Source, nowMs: number): CallStep {
  const { plan } = state;
  const { callId, fromTag: ownTag } = plan;
  const at = state.legs.findIndex(({ dialog: { remoteTag } }) => isWithin(request, { callId, ownTag, remoteTag }));
  const leg = state.legs[at];
  const known = leg && { callId, ownTag, remoteTag: leg.dialog.remoteTag, remoteSequence: leg.remoteSequence };
  const answer = answerTo(request, known);
  if (!answer) return idle(state);
  const effect: CallEffect = {
    kind: 'send',
    ...encodeAnswer(request, source, answer, { contact: contactOf(plan), ownTag }),
  };
  if (!leg || answer.statusCode === 500) return { state, effects: [effect] };
  const isRefresh = answer.statusCode === 200 && request.method === 'UPDATE';
  const next = withLeg(state, at, {
    ...leg,
    remoteSequence: Math.max(leg.remoteSequence ?? 0, request.cseq.sequenceNumber),
    dialog: isRefresh ? refreshed(leg.dialog, request) : leg.dialog,
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

/** CANCEL where an answer is still awaited and a provisional one came; BYE where the call is up; otherwise nothing yet. */
function endNow(state: CallState, nowMs: number): CallStep {
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

function sendBye(state: CallState, at: number, nowMs: number): CallStep {
  const leg = state.legs[at];
  if (!leg) return idle(state);
  const ending = { ...leg, sequenceNumber: leg.sequenceNumber + 1, bye: beginRequest(nowMs) };
  const next = withLeg({ ...state, isEnding: state.isEnding || at === 0 }, at, ending);
  return { state: next, effects: [byeOf(next, ending)] };
}

function byeOf({ account, plan }: CallState, leg: CallLeg): CallEffect {
  const { byeChallenged, dialog, sequenceNumber } = leg;
  const authorization = authorizationOf(account, byeChallenged, { method: 'BYE', uri: dialog.remoteTarget });
  return { kind: 'send', ...encodeWithin(plan, dialog, { method: 'BYE', sequenceNumber, authorization }) };
}

function ackOf({ account, challenged, inviteSequence, plan }: CallState, dialog: CallLeg['dialog']): CallEffect {
  const authorization = authorizationOf(account, challenged, { method: 'INVITE', uri: plan.requestUri });
  const ack = { method: 'ACK', sequenceNumber: inviteSequence, authorization } as const;
  return { kind: 'send', ...encodeWithin(plan, dialog, ack) };
}

/** The challenge to answer, or `undefined`: none, no account, or the same credentials were refused already. */
function challengeOf(
  { account }: CallState,
  { fields, statusCode }: SipResponse,
  before: Challenged | undefined,
): Challenged | undefined {
  if (!account || (statusCode !== 401 && statusCode !== 407)) return undefined;
  const wanted = statusCode === 401 ? 'www-authenticate' : 'proxy-authenticate';
  const challenge = chooseChallenge(fields.flatMap(({ name, value }) => (name === wanted ? [value] : [])));
  if (!challenge || (before && !challenge.isStale)) return undefined;
  return { header: statusCode === 401 ? 'Authorization' : 'Proxy-Authorization', challenge, nonceCount: 1 };
}

/** An INVITE that the system refused to send has reached nobody; later faults show as silence. */
function failTransport(state: CallState, nowMs: number): CallState {
  if (state.invite.kind !== 'calling' || state.invite.sends > 1) return state;
  return { ...state, hasTransportFailed: true, invite: { kind: 'timed-out', sends: 0 }, endedAtMs: nowMs };
}

function withLeg(state: CallState, at: number, leg: CallLeg): CallState {
  return { ...state, legs: state.legs.with(at, leg) };
}

function withEffects(first: readonly CallEffect[], { effects, state }: CallStep): CallStep {
  return { state, effects: [...first, ...effects] };
}

function idle(state: CallState): CallStep {
  return { state, effects: [] };
}

import { originOf } from './dialog-answer.ts';
import { dialogOf } from './dialog-state.ts';
import { answerRequest } from './dialog-transaction.ts';
import { chooseChallenge } from './digest-challenge.ts';
import { ackOf, endNow, idle, sendBye, withEffects, withLeg } from './invite-ending.ts';
import { authorizationOf, type Challenged, encodeInvite, encodeRefusalAck, inviteBranch } from './invite-plan.ts';
import { type CallEffect, type CallLeg, type CallState, type CallStep, isLegOver } from './invite-state.ts';
import { answerInvite, beginInvite } from './invite-transaction.ts';
import type { SipResponse } from './message.ts';

/** Challenges to one request that are answered: the first, and one more for a nonce that had run out. */
const MAX_CHALLENGES = 2;

/**
 * Takes a response to any request of the call; one of another call, branch or leg changes nothing.
 *
 * @see RFC 3261 §9.1, §13.2.2, §15, §22.2
 */
export function takeResponse(state: CallState, response: SipResponse, nowMs: number): CallStep {
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
    remoteOrigin: originOf(response.body),
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
  if (leg?.bye?.kind !== 'waiting') return idle(state);
  const challenged = challengeOf(state, response, leg.byeChallenged);
  if (challenged && !leg.byeChallenged) {
    return sendBye(withLeg(state, at, { ...leg, byeChallenged: challenged }), at, nowMs);
  }
  const next = withLeg(state, at, { ...leg, bye: answerRequest(leg.bye, response.statusCode) });
  return idle(next.legs.every(isLegOver) ? { ...next, endedAtMs: next.endedAtMs ?? nowMs } : next);
}

/** The challenge to answer, or `undefined`: none of the account's realm, no account, or the same credentials were refused already. */
function challengeOf(
  { account }: CallState,
  { fields, statusCode }: SipResponse,
  before: Challenged | undefined,
): Challenged | undefined {
  if (!account || (statusCode !== 401 && statusCode !== 407)) return undefined;
  const wanted = statusCode === 401 ? 'www-authenticate' : 'proxy-authenticate';
  const values = fields.flatMap(({ name, value }) => (name === wanted ? [value] : []));
  const challenge = chooseChallenge(values, account.realm);
  if (!challenge || (before && !challenge.isStale)) return undefined;
  return { header: statusCode === 401 ? 'Authorization' : 'Proxy-Authorization', challenge, nonceCount: 1 };
}

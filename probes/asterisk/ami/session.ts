import { encodeAction } from './action-encoder.ts';
import type { AmiErrorCode } from './ami-error.ts';
import { type AmiPacket, eventName, firstValue } from './ami-packet.ts';
import { beginFlight, type Flight, takeListEvent, takeResponse } from './flight.ts';
import { answerGreeting, takeLoginPacket } from './login-exchange.ts';
import {
  endSession,
  type SessionConfig,
  type SessionEffect,
  type SessionInput,
  type SessionState,
  type SessionStep,
} from './session-state.ts';

type LoggedIn = Extract<SessionState, { phase: 'logged-in' }>;
type Failure = { readonly code: AmiErrorCode; readonly reason: string };

/** How long the rest of an answer is still recognised after its caller was told, in ms. */
const LINGER_MS = 60_000;

/**
 * Advances one manager session. Pure: socket, timers and digests are the shell's. Nothing in flight is lost and nothing
 * is sent again by itself: each action is settled once, with its answer or with the reason it has none.
 *
 * @param nowMs - monotonic clock, ms.
 * @see https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
 */
export function stepSession(
  state: SessionState,
  input: SessionInput,
  nowMs: number,
  config: SessionConfig,
): SessionStep {
  if (input.kind === 'action') return takeAction(state, input, nowMs, config);
  if (state.phase === 'closed') return { state, effects: [] };
  switch (input.kind) {
    case 'greeting':
      return answerGreeting(state, input.amiVersion, config);
    case 'packet':
      if (state.phase === 'connecting') return endSession(state, 'AMI_BAD_GREETING', 'a packet before the greeting');
      if (state.phase === 'greeted') return takeLoginPacket(state, input.packet, config);
      return takePacket(state, input.packet, config);
    case 'cancel':
      if (state.phase !== 'logged-in') return { state, effects: [] };
      return failEarly(state, input.actionId, nowMs, { code: 'AMI_CANCELLED', reason: 'cancelled by the caller' });
    case 'tick':
      return takeTick(state, nowMs);
    case 'lost':
      return endSession(state, input.code, input.reason);
    default:
      return input satisfies never;
  }
}

function takeAction(
  state: SessionState,
  input: Extract<SessionInput, { kind: 'action' }>,
  nowMs: number,
  config: SessionConfig,
): SessionStep {
  const { actionId, action } = input;
  const refuse = (code: AmiErrorCode, reason: string): SessionStep => ({
    state,
    effects: [{ kind: 'settle', actionId, outcome: { kind: 'failed', code, reason } }],
  });
  const encoded = encodeAction(action, actionId);
  if (!encoded.ok) return refuse('AMI_BAD_ACTION', `${encoded.fault.code}: ${encoded.fault.message}`);
  if (state.phase !== 'logged-in') return refuse('AMI_NOT_CONNECTED', `${action.name}: not logged in to Asterisk`);
  if (state.inFlight.has(actionId)) return refuse('AMI_BAD_ACTION', `ActionID ${actionId} is already in flight`);
  const waiting = [...state.inFlight.values()].filter(({ isSettled }) => !isSettled).length;
  if (waiting >= config.maxInFlight) {
    return refuse('AMI_TOO_MANY_ACTIONS', `${waiting} actions wait, at most ${config.maxInFlight} may`);
  }
  const inFlight = new Map(state.inFlight);
  forgetOldest(inFlight, config.maxInFlight * 2);
  inFlight.set(actionId, beginFlight(action.name, input.isList, nowMs + input.timeoutMs));
  return { state: { ...state, inFlight }, effects: [{ kind: 'send', text: encoded.text }] };
}

/** Keeps the memory of settled flights bounded; those that still wait are never forgotten. */
function forgetOldest(inFlight: Map<string, Flight>, max: number): void {
  for (const [actionId, { isSettled }] of inFlight) {
    if (inFlight.size < max) return;
    if (isSettled) inFlight.delete(actionId);
  }
}

function takePacket(state: LoggedIn, packet: AmiPacket, config: SessionConfig): SessionStep {
  const actionId = firstValue(packet, 'ActionID');
  const flight = actionId === undefined ? undefined : state.inFlight.get(actionId);
  const isEvent = eventName(packet) !== undefined;
  if (actionId === undefined || flight === undefined) {
    return { state, effects: [{ kind: isEvent ? 'event' : 'stray', packet }] };
  }
  const step = isEvent ? takeListEvent(flight, packet, config.flight) : takeResponse(flight, packet);
  const inFlight = new Map(state.inFlight);
  if (step.flight === undefined) inFlight.delete(actionId);
  else inFlight.set(actionId, step.flight);
  const effects: SessionEffect[] = [];
  if (step.passedOn !== undefined) effects.push({ kind: step.passedOn, packet });
  if (step.outcome !== undefined) effects.push({ kind: 'settle', actionId, outcome: step.outcome });
  return { state: { ...state, inFlight }, effects };
}

function failEarly(
  state: LoggedIn,
  actionId: string,
  nowMs: number,
  failure: Failure,
): SessionStep & { state: LoggedIn } {
  const flight = state.inFlight.get(actionId);
  if (flight === undefined || flight.isSettled) return { state, effects: [] };
  const lingering = { ...flight, isSettled: true, items: undefined, deadlineMs: nowMs + LINGER_MS };
  return {
    state: { ...state, inFlight: new Map(state.inFlight).set(actionId, lingering) },
    effects: [{ kind: 'settle', actionId, outcome: { kind: 'failed', ...failure } }],
  };
}

function takeTick(state: Exclude<SessionState, { phase: 'closed' }>, nowMs: number): SessionStep {
  if (state.phase !== 'logged-in') {
    if (nowMs < state.deadlineMs) return { state, effects: [] };
    const waitedFor = state.phase === 'connecting' ? 'greeting' : `answer to ${state.awaiting}`;
    return endSession(state, 'AMI_LOGIN_TIMEOUT', `no ${waitedFor} in time`);
  }
  let current: LoggedIn = state;
  const effects: SessionEffect[] = [];
  for (const [actionId, flight] of state.inFlight) {
    if (nowMs < flight.deadlineMs) continue;
    if (flight.isSettled) {
      const inFlight = new Map(current.inFlight);
      inFlight.delete(actionId);
      current = { ...current, inFlight };
      continue;
    }
    const reason = `${flight.name}: no ${flight.response === undefined ? 'answer' : 'end of the list'} in time`;
    const step = failEarly(current, actionId, nowMs, { code: 'AMI_ACTION_TIMEOUT', reason });
    current = step.state;
    effects.push(...step.effects);
  }
  return { state: current, effects };
}

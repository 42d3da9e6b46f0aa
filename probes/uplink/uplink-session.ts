import type { RefuseFrame } from '../../wire/hub-frames.ts';
import type { EventFrame } from '../../wire/probe-frames.ts';
import { type ReconnectBounds, reconnectDelayMs } from '../reconnect-delay.ts';
import { takeHubFrame } from './hub-frame-intake.ts';
import { EVENT_WINDOW, type UplinkInput, type UplinkState, type UplinkStep } from './uplink-state.ts';

/** Half a second for a hub that restarts, half a minute for one that is gone. */
const RECONNECT: ReconnectBounds = { firstMs: 500, maxMs: 30_000 };

/** Least wait after a refusal that only a person can lift (another instance, an unknown PBX, a wrong token). */
const REFUSED_WAIT_MS = 30_000;

/** A connection that lasted so long after its welcome ends the doubling of waits. */
const STABLE_AFTER_MS = 10_000;

/** Events without any acknowledgement for so long are sent again from the oldest. */
const ACK_OVERDUE_MS = 30_000;

/** Refusals that no retry lifts. */
const LASTING_REFUSALS: ReadonlySet<RefuseFrame['code']> = new Set([
  'another-instance',
  'unknown-pbx',
  'unknown-version',
]);

/**
 * Advances the uplink. Pure: socket, timers, outbox and randomness are the caller's.
 *
 * After each welcome the outbox is sent from its oldest event on, in order, with at most {@link EVENT_WINDOW} of them
 * unacknowledged; the hub recognises repeats by outbox id and sequence. A congested socket stops events (they are safe
 * in the outbox) and, by {@link maySendBatch}, measurements.
 *
 * @param nowMs - monotonic clock.
 */
export function advance(state: UplinkState, input: UplinkInput, nowMs: number): UplinkStep {
  if (state.phase === 'stopped') return { state, effects: [] };
  switch (input.kind) {
    case 'connect':
      return connect(state);
    case 'opened':
      if (state.phase !== 'connecting') return { state, effects: [] };
      return { state: { ...state, phase: 'greeting' }, effects: [{ kind: 'send-hello' }] };
    case 'frame':
      return load(takeHubFrame(state, input.frame, nowMs));
    case 'unreadable':
      return { state, effects: [{ kind: 'report', notice: { code: 'unreadable-frame', fault: input.fault } }] };
    case 'events-loaded':
      if (input.connection !== state.connection) return { state, effects: [] };
      return load(sendEvents({ ...state, isLoading: false }, input.events, nowMs));
    case 'load-failed':
      if (input.connection !== state.connection) return { state, effects: [] };
      return {
        state: { ...state, isLoading: false, hasMore: true },
        effects: [{ kind: 'report', notice: { code: 'outbox-unreadable' } }],
      };
    case 'outbox-changed':
      return load({ state: { ...state, hasMore: true }, effects: [] });
    case 'congestion':
      return load({ state: { ...state, isCongested: input.isCongested }, effects: [] });
    case 'tick':
      return load(resendOverdue(state, nowMs));
    case 'disconnected':
      return disconnected(state, input.isTokenRefused, input.random, nowMs);
    case 'stop':
      return { state: { ...state, phase: 'stopped' }, effects: [{ kind: 'disconnect' }] };
    default:
      return input satisfies never;
  }
}

/** Whether a batch of measurements may leave now. */
export function maySendBatch(state: UplinkState): boolean {
  return state.phase === 'flowing' && !state.isCongested;
}

function connect(state: UplinkState): UplinkStep {
  if (state.phase !== 'waiting') return { state, effects: [] };
  const connection = state.connection + 1;
  return { state: { ...state, phase: 'connecting', connection }, effects: [{ kind: 'open', connection }] };
}

function disconnected(state: UplinkState, isTokenRefused: boolean, random: number, nowMs: number): UplinkStep {
  if (state.phase === 'waiting') return { state, effects: [] };
  const wasStable = state.welcomedAtMs !== undefined && nowMs - state.welcomedAtMs >= STABLE_AFTER_MS;
  const failures = wasStable ? 1 : state.failures + 1;
  const isLasting = isTokenRefused || (state.refusal !== undefined && LASTING_REFUSALS.has(state.refusal));
  const delayMs = reconnectDelayMs(failures, random, RECONNECT);
  const afterMs = isLasting ? REFUSED_WAIT_MS + delayMs : delayMs;
  const after: UplinkState = {
    ...state,
    phase: 'waiting',
    failures,
    welcomedAtMs: undefined,
    sentThrough: 0,
    inFlight: [],
    isLoading: false,
    hasMore: true,
    isCongested: false,
    refusal: undefined,
  };
  const reconnect = { kind: 'reconnect', afterMs } as const;
  if (!isTokenRefused) return { state: after, effects: [reconnect] };
  return { state: after, effects: [{ kind: 'report', notice: { code: 'token-refused' } }, reconnect] };
}

function sendEvents(state: UplinkState, events: readonly EventFrame[], nowMs: number): UplinkStep {
  const unsent = events.filter(({ sequence }) => sequence > Math.max(state.sentThrough, state.acknowledgedThrough));
  const last = unsent.at(-1)?.sequence;
  if (last === undefined || state.phase !== 'flowing') return { state, effects: [] };
  return {
    state: {
      ...state,
      sentThrough: last,
      everSentThrough: Math.max(last, state.everSentThrough),
      inFlight: [...state.inFlight, ...unsent.map(({ sequence }) => sequence)],
      progressAtMs: state.inFlight.length === 0 ? nowMs : state.progressAtMs,
      hasMore: true,
    },
    effects: unsent.map((frame) => ({ kind: 'send-event', frame })),
  };
}

function resendOverdue(state: UplinkState, nowMs: number): UplinkStep {
  const count = state.inFlight.length;
  if (count === 0 || nowMs - state.progressAtMs < ACK_OVERDUE_MS) return { state, effects: [] };
  return {
    state: { ...state, inFlight: [], sentThrough: 0, hasMore: true, progressAtMs: nowMs },
    effects: [{ kind: 'report', notice: { code: 'events-unacknowledged', count } }],
  };
}

function load({ state, effects }: UplinkStep): UplinkStep {
  const limit = EVENT_WINDOW - state.inFlight.length;
  if (state.phase !== 'flowing' || state.isLoading || state.isCongested || !state.hasMore || limit <= 0) {
    return { state, effects };
  }
  const after = Math.max(state.sentThrough, state.acknowledgedThrough);
  const { connection } = state;
  return {
    state: { ...state, isLoading: true, hasMore: false },
    effects: [...effects, { kind: 'load-events', connection, after, limit }],
  };
}

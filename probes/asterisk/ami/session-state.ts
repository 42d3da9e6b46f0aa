import type { AmiAction } from './action-encoder.ts';
import type { AmiErrorCode } from './ami-error.ts';
import type { AmiPacket } from './ami-packet.ts';
import type { ActionOutcome, Flight, FlightLimits } from './flight.ts';

/** How to log in. `md5` sends a digest of Asterisk's challenge, `plain` the secret itself. */
export type Login =
  | { readonly kind: 'plain'; readonly username: string; readonly secret: string }
  | {
      readonly kind: 'md5';
      readonly username: string;
      /** Lower-case hex MD5 of the challenge followed by the secret; computed by the shell. */
      readonly keyFor: (challenge: string) => string;
    };

/** What a session needs to know; fixed for its life. */
export type SessionConfig = {
  readonly login: Login;
  /** Value of `Events` at login: classes joined by commas, `on` or `off`. */
  readonly eventMask: string;
  /** From the start of connecting to the accepted login, in ms. */
  readonly loginTimeoutMs: number;
  /** Most actions that may wait at once. */
  readonly maxInFlight: number;
  readonly flight: FlightLimits;
};

/** One connection from dialling to its end; a new connection is a new session. Deadlines are monotonic ms. */
export type SessionState =
  | { readonly phase: 'connecting'; readonly deadlineMs: number }
  | {
      readonly phase: 'greeted';
      readonly amiVersion: string;
      readonly awaiting: 'challenge' | 'login';
      readonly deadlineMs: number;
    }
  | { readonly phase: 'logged-in'; readonly amiVersion: string; readonly inFlight: ReadonlyMap<string, Flight> }
  | { readonly phase: 'closed'; readonly code: AmiErrorCode };

/** What happens to a session. */
export type SessionInput =
  | { readonly kind: 'greeting'; readonly amiVersion: string }
  | { readonly kind: 'packet'; readonly packet: AmiPacket }
  | {
      readonly kind: 'action';
      readonly action: AmiAction;
      readonly actionId: string;
      readonly timeoutMs: number;
      readonly isList: boolean;
    }
  | { readonly kind: 'cancel'; readonly actionId: string }
  | { readonly kind: 'tick' }
  | { readonly kind: 'lost'; readonly code: AmiErrorCode; readonly reason: string };

/** What the shell must do, in order. After `disconnect` the socket is destroyed. */
export type SessionEffect =
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'logged-in'; readonly amiVersion: string }
  | { readonly kind: 'settle'; readonly actionId: string; readonly outcome: ActionOutcome }
  | { readonly kind: 'event'; readonly packet: AmiPacket }
  /** A packet that belongs to nothing: a late response, or one nobody asked for. To be counted. */
  | { readonly kind: 'stray'; readonly packet: AmiPacket }
  | { readonly kind: 'disconnect'; readonly code: AmiErrorCode; readonly reason: string };

/** New state and what follows from it. */
export type SessionStep = { readonly state: SessionState; readonly effects: readonly SessionEffect[] };

/** A session that begins to connect at `nowMs` (monotonic). */
export function beginSession(config: SessionConfig, nowMs: number): SessionState {
  return { phase: 'connecting', deadlineMs: nowMs + config.loginTimeoutMs };
}

/** When the shell must next feed a tick: monotonic ms, or undefined when nothing waits. */
export function nextDeadlineMs(state: SessionState): number | undefined {
  if (state.phase === 'closed') return undefined;
  if (state.phase !== 'logged-in') return state.deadlineMs;
  let soonest: number | undefined;
  for (const { deadlineMs } of state.inFlight.values()) {
    if (soonest === undefined || deadlineMs < soonest) soonest = deadlineMs;
  }
  return soonest;
}

/** Ends a session: everything still in flight fails with the code of the ending, in the order it was sent. */
export function endSession(state: SessionState, code: AmiErrorCode, reason: string): SessionStep {
  const effects: SessionEffect[] = [{ kind: 'disconnect', code, reason }];
  if (state.phase === 'logged-in') {
    for (const [actionId, { isSettled, name }] of state.inFlight) {
      if (isSettled) continue;
      const outcome = { kind: 'failed', code, reason: `${name} was in flight: ${reason}` } as const;
      effects.push({ kind: 'settle', actionId, outcome });
    }
  }
  return { state: { phase: 'closed', code }, effects };
}

import type { Outcome } from '../../../wire/measurement.ts';
import { parseIpAddress } from './host.ts';
import { fieldValue, type SipMessage, type SipResponse } from './message.ts';
import type { Source } from './response.ts';
import { parseRetryAfterS } from './retry-after.ts';

/** What identifies the one request of a transaction, and when it left. */
export type SentOptions = {
  readonly branch: string;
  readonly callId: string;
  readonly sequenceNumber: number;
  /** Where it went; only an answer from there counts. */
  readonly target: Source;
  /** Monotonic. */
  readonly sentAtMs: number;
};

/** Waiting for the one answer, or settled for good. */
export type OptionsState =
  | { readonly kind: 'waiting'; readonly sent: SentOptions }
  | { readonly kind: 'settled'; readonly outcome: Outcome };

/** What may happen to a transaction. Socket faults are those of this one request. */
export type OptionsInput =
  | { readonly kind: 'message'; readonly message: SipMessage; readonly source: Source }
  | { readonly kind: 'timeout' }
  | {
      readonly kind: 'socket-fault';
      readonly fault: 'port-unreachable' | 'connection-reset' | 'no-route' | 'not-permitted' | 'socket-error';
    }
  | { readonly kind: 'cancelled' };

/** Why a message did not settle the transaction. */
export const IGNORED_REASONS = [
  'request',
  'provisional',
  'extra-via',
  'wrong-branch',
  'wrong-call-id',
  'wrong-cseq',
  'wrong-source',
  'settled',
] as const;

/** One of {@link IGNORED_REASONS}. */
export type IgnoredReason = (typeof IGNORED_REASONS)[number];

/** What the shell does next: hand out the outcome, or count a message that meant nothing. */
export type OptionsEffect =
  | { readonly kind: 'settle'; readonly outcome: Outcome }
  | { readonly kind: 'ignore'; readonly reason: IgnoredReason };

/** Next state and what to do. */
export type OptionsStep = { readonly state: OptionsState; readonly effects: readonly OptionsEffect[] };

/** The state right after the request has left. */
export function startOptions(sent: SentOptions): OptionsState {
  return { kind: 'waiting', sent };
}

/**
 * Advances one single-shot OPTIONS transaction: no timer E, the request is never sent again, so over UDP the round trip
 * belongs to one datagram and every attempt is an independent trial. Deviates there from RFC 3261 §17.1.2, on purpose.
 *
 * Any final status (200 to 699) is `answered`; judging it is the hub's work. A provisional response settles nothing.
 *
 * @param nowMs - monotonic; for a message the time at which it was received.
 * @see RFC 3261 §17.1.3 (matching), §8.1.3.3 (more than one Via: discard), §18.1.2.
 */
export function stepOptions(state: OptionsState, input: OptionsInput, nowMs: number): OptionsStep {
  if (state.kind === 'settled') {
    return { state, effects: input.kind === 'message' ? [{ kind: 'ignore', reason: 'settled' }] : [] };
  }
  const elapsedMs = Math.max(0, nowMs - state.sent.sentAtMs);
  switch (input.kind) {
    case 'message':
      return receive(state, input.message, input.source, elapsedMs);
    case 'timeout':
      return settle({ kind: 'timed-out', waitedMs: elapsedMs });
    case 'socket-fault':
      return settle(
        input.fault === 'port-unreachable' || input.fault === 'connection-reset'
          ? { kind: 'refused', reason: input.fault }
          : { kind: 'not-measured', reason: input.fault },
      );
    case 'cancelled':
      return settle({ kind: 'not-measured', reason: 'cancelled' });
    default:
      return input satisfies never;
  }
}

function receive(state: OptionsState & { kind: 'waiting' }, message: SipMessage, source: Source, rttMs: number) {
  if (message.kind === 'request') return ignore(state, 'request');
  const reason = mismatch(state.sent, message, source);
  if (reason) return ignore(state, reason);
  if (message.statusCode < 200) return ignore(state, 'provisional');
  const retryAfterS = message.statusCode === 503 ? retryAfterOf(message) : undefined;
  const answered = { kind: 'answered', rttMs, statusCode: message.statusCode } as const;
  return settle(retryAfterS === undefined ? answered : { ...answered, retryAfterS });
}

function retryAfterOf(message: SipResponse): number | undefined {
  const value = fieldValue(message, 'retry-after');
  return value === undefined ? undefined : parseRetryAfterS(value);
}

function mismatch(sent: SentOptions, message: SipMessage, source: Source): IgnoredReason | undefined {
  const [top, ...others] = message.vias;
  if (top.parameters.get('branch') !== sent.branch) return 'wrong-branch';
  if (others.length > 0) return 'extra-via';
  if (message.callId !== sent.callId) return 'wrong-call-id';
  const { sequenceNumber, method } = message.cseq;
  if (sequenceNumber !== sent.sequenceNumber || method !== 'OPTIONS') return 'wrong-cseq';
  return isSameSource(source, sent.target) ? undefined : 'wrong-source';
}

function isSameSource(one: Source, other: Source): boolean {
  if (one.port !== other.port) return false;
  return one.address === other.address || canonical(one.address) === canonical(other.address);
}

function canonical(address: string): string {
  return parseIpAddress(address)?.canonical ?? address;
}

function ignore(state: OptionsState, reason: IgnoredReason): OptionsStep {
  return { state, effects: [{ kind: 'ignore', reason }] };
}

function settle(outcome: Outcome): OptionsStep {
  return { state: { kind: 'settled', outcome }, effects: [{ kind: 'settle', outcome }] };
}

import type { InviteMeasurement } from '../../../wire/measurement.ts';
import type { CallLeg } from './call-leg.ts';

/**
 * Shortest wait without any reply that speaks against an edge, in ms: by then an INVITE over UDP has gone out four times
 * (0, 0.5, 1.5, 3.5 s). A caller who gives up sooner proves nothing.
 *
 * @see RFC 3261 §17.1.1.2 (timer A, T1 = 500 ms)
 */
export const MIN_UNANSWERED_WAIT_MS = 4_000;

/** What the end of an unanswered INVITE proves. */
export type RemoteEndMeaning = 'edge-answered' | 'no-answer' | 'inconclusive';

/** Q.850 cause 18, "no user responding": what Asterisk makes of 408. */
const NO_USER_RESPONDING = '18';

/**
 * Judges an end that came from the far side of an unanswered leg. Asterisk reports 408 when its own timer B fires and 503
 * when its own transport fails, in the same field and with the same cause as if the edge had sent them: measured on
 * 22.10.1, a refused TCP connection and a real 503 differ in nothing. So neither is an answer.
 *
 * @param statusCode - of `TechCause`; undefined on an older Asterisk, where only the cause is left and proves little.
 * @param cause - `Cause` as text, a Q.850 number.
 * @see RFC 3261 §8.1.3.1 (408 for a transaction time-out, 503 for a transport error)
 */
export function meaningOfRemoteEnd(statusCode: number | undefined, cause: string | undefined): RemoteEndMeaning {
  if (statusCode === 408) return 'no-answer';
  if (statusCode === undefined) return cause === NO_USER_RESPONDING ? 'no-answer' : 'inconclusive';
  return statusCode === 503 || statusCode < 300 ? 'inconclusive' : 'edge-answered';
}

/** Evidence that the edge answered, with the final status where one was seen. */
export function answeredInvite(leg: CallLeg, observedAtMs: number, statusCode?: number): InviteMeasurement {
  return {
    ...evidence(leg, observedAtMs),
    outcome: 'answered',
    ...(statusCode === undefined ? {} : { statusCode }),
  };
}

/**
 * That an INVITE failed before any reply beyond 100, at the end of its leg: it met silence, or a 408 or 503 that the edge or
 * Asterisk itself made. No `transport` is told: Asterisk gives a failed transport the same 503 as an edge's own.
 *
 * @param endedAtMs - monotonic.
 * @returns undefined where the leg proves nothing: a reply was seen, the wait was short and no status says more, its
 * beginning or some of its events were not seen.
 */
export function unansweredInvite(leg: CallLeg, endedAtMs: number): InviteMeasurement | undefined {
  if (leg.hasReply || leg.hasGap || leg.startedAtMs === undefined) return undefined;
  const { finalStatusCode: statusCode } = leg;
  const failed = { ...evidence(leg, endedAtMs), outcome: 'unanswered' } as const;
  if (statusCode === 503) return { ...failed, statusCode, failure: 'service-unavailable' };
  if (statusCode === 408) return { ...failed, statusCode, failure: 'timeout' };
  if (leg.isInconclusive || endedAtMs - leg.startedAtMs < MIN_UNANSWERED_WAIT_MS) return undefined;
  return failed;
}

function evidence(leg: CallLeg, observedAtMs: number) {
  const { trunk, edge } = leg;
  return { kind: 'invite', trunk: trunk.trunk, ...(edge === undefined ? {} : { edge }), observedAtMs } as const;
}

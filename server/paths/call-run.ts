import { MIN_MISSES } from '../../wire/hard-down.ts';
import type { InviteMeasurement } from '../../wire/measurement.ts';

/** Why a call got nowhere at a trunk. */
export type CallFailure = NonNullable<InviteMeasurement['failure']>;

/** One failed call: on the probe's monotonic clock, and in hub time. */
type FailedCall = { readonly kind: CallFailure; readonly probeAtMs: number; readonly atMs: number };

/** Calls that failed at one edge with none answered since, the oldest first. */
export type CallRun = readonly FailedCall[];

/** No call has failed since the last that was answered. */
export const NO_FAILED_CALLS: CallRun = [];

/** Failures this close together make a run; what lies further back says nothing of now. */
const TOGETHER_MS = 60_000;

/** With no call left to contradict it (the trunk leads no more) a run stands for so long. */
export const CALLS_STAND_FOR_MS = 300_000;

/** Most failures remembered. */
const MAX_FAILURES = 9;

/** Adds one failed call. */
export function addFailedCall(run: CallRun, failure: FailedCall): CallRun {
  return [...run, failure].slice(-MAX_FAILURES);
}

/** What else bears on a run of failed calls. Times on the probe's clock but for `nowMs` (hub time). */
export type CallRunContext = {
  /** Latest answer to OPTIONS, by when the request was sent. */
  readonly optionsAnsweredSentAtMs: number | undefined;
  /** The last OPTIONS was missed, or its answer said that the service is not there. */
  readonly isOptionsFailing: boolean;
  /** Latest answer of another target of the same PBX, by when the request was sent. */
  readonly otherAnsweredSentAtMs: number | undefined;
  /** Asterisk's registration at the trunk is refused or gets no answer. */
  readonly isRegistrationLost: boolean;
  readonly nowMs: number;
};

/** What failed calls amount to. */
export type CallRunJudgement = {
  readonly isDown: boolean;
  /** Calls that met silence since OPTIONS was last answered: as good as missed OPTIONS. */
  readonly silent: number;
  readonly refused: number;
};

/** Failed calls that say nothing. */
const NOTHING: CallRunJudgement = { isDown: false, silent: 0, refused: 0 };

/**
 * Judges failed calls. Three of one minute, with none answered since the first and another target of the PBX answering
 * meanwhile, make the edge hard-down for calls. A 503 counts only beside failing OPTIONS or a lost registration: an edge may
 * refuse a number rather than a call, and the dialplan takes the next trunk by itself.
 */
export function judgeCallRun(run: CallRun, context: CallRunContext): CallRunJudgement {
  const { nowMs, optionsAnsweredSentAtMs = 0, otherAnsweredSentAtMs, isOptionsFailing, isRegistrationLost } = context;
  const newest = run.at(-1);
  if (!newest || nowMs - newest.atMs >= CALLS_STAND_FOR_MS) return NOTHING;
  const together = run.filter(({ atMs }) => newest.atMs - atMs < TOGETHER_MS);
  const firstAtMs = together[0]?.probeAtMs ?? newest.probeAtMs;
  const notRefused = together.filter(({ kind }) => kind !== 'service-unavailable');
  const counted = isOptionsFailing || isRegistrationLost ? together.length : notRefused.length;
  const isOtherAnswering = otherAnsweredSentAtMs !== undefined && otherAnsweredSentAtMs >= firstAtMs;
  return {
    isDown: counted >= MIN_MISSES && isOtherAnswering,
    silent: notRefused.filter(({ probeAtMs }) => probeAtMs >= optionsAnsweredSentAtMs).length,
    refused: together.length - notRefused.length,
  };
}

/** `3 calls in a row failed within 41 s (2 timed out, 1 refused with 503), the last 12 s ago`. */
export function shownFailedCalls(run: CallRun, nowMs: number): string {
  const newest = run.at(-1);
  if (!newest) return 'no call failed';
  const together = run.filter(({ atMs }) => newest.atMs - atMs < TOGETHER_MS);
  const spanS = Math.round((newest.atMs - (together[0]?.atMs ?? newest.atMs)) / 1000);
  const kinds = [...Map.groupBy(together, ({ kind }) => kind)].map(
    ([kind, of]) => `${of.length} ${FAILURE_WORDS[kind]}`,
  );
  const calls = together.length === 1 ? '1 call failed' : `${together.length} calls in a row failed within ${spanS} s`;
  return `${calls} (${kinds.join(', ')}), the last ${Math.round((nowMs - newest.atMs) / 1000)} s ago`;
}

const FAILURE_WORDS: Readonly<Record<CallFailure, string>> = {
  timeout: 'timed out',
  transport: 'not delivered',
  'service-unavailable': 'refused with 503',
};

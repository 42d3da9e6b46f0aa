import { addAttempt } from '../../../wire/hard-down.ts';
import { addToLoss } from '../../../wire/loss-before-run.ts';
import type { Outcome } from '../../../wire/measurement.ts';
import { type DueAttempt, missesNeeded, type ScheduleState, type TargetState } from './schedule-state.ts';

/** Confirmations of one run of misses never exceed this, whatever becomes of them: no flood at a broken socket. */
const MAX_CONFIRMATIONS = 9;

/** An attempt without result for so long is forgotten. */
const FORGOTTEN_AFTER_MS = 60_000;

/** What became of a due attempt. `not-measured` outcomes are no evidence and change no run (safety rule 2). */
export type SettledAttempt = DueAttempt & {
  readonly sentAtMs: number;
  readonly settledAtMs: number;
  readonly outcome: Outcome['kind'];
};

/** Folds the result of one attempt. Results may come in any order; one for an unknown target changes nothing. */
export function settled(state: ScheduleState, result: SettledAttempt): ScheduleState {
  const before = state.targets.get(result.target);
  if (!before) return state;
  const outstanding = before.outstanding.filter(
    ({ sequence, sentAtMs }) => sequence !== result.sequence && sentAtMs > result.settledAtMs - FORGOTTEN_AFTER_MS,
  );
  const after = withConfirmation(
    fold({ ...before, outstanding }, result),
    state.policy.confirmGapMs,
    result.settledAtMs,
  );
  return { ...state, targets: new Map(state.targets).set(result.target, after) };
}

function fold(target: TargetState, result: SettledAttempt): TargetState {
  if (result.outcome === 'not-measured') return target;
  const isAnswered = result.outcome === 'answered';
  const isUnbiased = result.schedule === 'liveness' || result.schedule === 'loss' ? 1 : 0;
  const run = addAttempt(target.run, { sentAtMs: result.sentAtMs, settledAtMs: result.settledAtMs, isAnswered });
  if (!isAnswered) {
    if (!run.hasAnswered) return { ...target, run };
    return { ...target, run, unbiasedMisses: target.unbiasedMisses + isUnbiased };
  }
  const wasOutage = target.run.misses >= missesNeeded(target);
  const misses = wasOutage ? 0 : target.unbiasedMisses;
  return {
    ...target,
    run,
    unbiasedMisses: 0,
    confirmations: 0,
    lastAnsweredAtMs: result.settledAtMs,
    loss: addToLoss(target.loss, misses + isUnbiased, misses),
  };
}

function withConfirmation(target: TargetState, gapMs: number, nowMs: number): TargetState {
  const nextConfirmAtMs = isConfirming(target)
    ? Math.max(nowMs, target.lastConfirmAtMs + gapMs)
    : Number.POSITIVE_INFINITY;
  return { ...target, nextConfirmAtMs };
}

/** Whether the run of misses asks for one more confirmation beside those under way. */
export function isConfirming(target: TargetState): boolean {
  const { hasAnswered, misses, firstMissSentAtMs } = target.run;
  if (target.pace?.isAsked === false) return false;
  if (!hasAnswered || firstMissSentAtMs === undefined || target.confirmations >= MAX_CONFIRMATIONS) return false;
  const underWay = target.outstanding.filter(({ sentAtMs }) => sentAtMs >= firstMissSentAtMs).length;
  return misses + underWay < missesNeeded(target);
}

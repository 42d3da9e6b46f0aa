import { addAttempt } from '../../../wire/hard-down.ts';
import { addToLoss } from '../../../wire/loss-before-run.ts';
import type { Outcome } from '../../../wire/measurement.ts';
import { confirmDueAtMs } from './confirmation.ts';
import { type DueAttempt, missesNeeded, type ScheduleState, type TargetState } from './schedule-state.ts';
import { trafficDueAtMs } from './traffic.ts';
import { addDelay } from './usual-delay.ts';

/** An attempt without result for so long is forgotten. */
const FORGOTTEN_AFTER_MS = 60_000;

/** What became of a due attempt. `not-measured` outcomes are no evidence and change no run (safety rule 2). */
export type SettledAttempt = DueAttempt & {
  readonly sentAtMs: number;
  readonly settledAtMs: number;
  readonly outcome: Outcome['kind'];
};

/**
 * Folds the result of one attempt. Results may come in any order; one for an unknown target changes nothing. A miss sent before
 * the latest answered attempt is loss, but no part of a run.
 */
export function settled(state: ScheduleState, result: SettledAttempt): ScheduleState {
  const before = state.targets.get(result.target);
  if (!before) return state;
  const outstanding = before.outstanding.filter(
    ({ sequence, sentAtMs }) => sequence !== result.sequence && sentAtMs > result.settledAtMs - FORGOTTEN_AFTER_MS,
  );
  const folded = fold({ ...before, outstanding }, result);
  const nextConfirmAtMs = confirmDueAtMs(folded, state.policy, result.settledAtMs);
  const after = { ...folded, nextConfirmAtMs, nextTrafficAtMs: trafficDueAtMs(folded, result.settledAtMs) };
  return { ...state, targets: new Map(state.targets).set(result.target, after) };
}

function fold(target: TargetState, result: SettledAttempt): TargetState {
  if (result.outcome === 'not-measured') return target;
  const isAnswered = result.outcome === 'answered';
  const isUnbiased = result.schedule === 'liveness' || result.schedule === 'loss' ? 1 : 0;
  if (!isAnswered && result.sentAtMs < target.lastAnsweredSentAtMs) {
    return { ...target, loss: addToLoss(target.loss, isUnbiased, isUnbiased) };
  }
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
    lastAnsweredSentAtMs: Math.max(target.lastAnsweredSentAtMs, result.sentAtMs),
    usualDelay: addDelay(target.usualDelay, result.settledAtMs - result.sentAtMs),
    loss: addToLoss(target.loss, misses + isUnbiased, misses),
  };
}

import { missesNeeded, type SchedulePolicy, type TargetState } from './schedule-state.ts';
import { lateAfterMs } from './usual-delay.ts';

/** Confirmations of one run of misses never exceed this, whatever becomes of them: no flood at a broken socket. */
const MAX_CONFIRMATIONS = 9;

/** The attempts of a run are spread over so many confirmation gaps from its first on, few or many: a shorter silence is no outage. */
const SPREAD_GAPS = 4;

/** Least part of the policy's gap that two confirmations are apart. */
const LEAST_GAP_RATIO = 0.5;

/**
 * Whether one more confirmation should go out beside those under way: at a miss, and already while an attempt is late, for only
 * its time-out makes it a miss, and that need not be waited for.
 */
export function isConfirming(target: TargetState, nowMs: number): boolean {
  if (target.pace?.isAsked === false) return false;
  if (!target.run.hasAnswered || target.confirmations >= MAX_CONFIRMATIONS) return false;
  const sinceMs = silentSinceMs(target, nowMs);
  return sinceMs !== undefined && missing(target, sinceMs) > 0;
}

/**
 * When the next confirmation is due, or when an attempt under way will be late and ask for one; `Infinity` for neither. Those
 * of one run are spread over four gaps from its first attempt on, at least half a gap apart, so that neither many misses make
 * it slow nor few make it rash.
 */
export function confirmDueAtMs(target: TargetState, policy: SchedulePolicy, nowMs: number): number {
  const sinceMs = silentSinceMs(target, nowMs);
  if (sinceMs === undefined || !isConfirming(target, nowMs)) return nextLateAtMs(target, nowMs);
  const { lastConfirmAtMs } = target;
  if (lastConfirmAtMs < sinceMs) return nowMs;
  const leftMs = sinceMs + SPREAD_GAPS * policy.confirmGapMs - lastConfirmAtMs;
  const gapMs = leftMs > 0 ? leftMs / missing(target, sinceMs) : policy.confirmGapMs;
  return Math.max(nowMs, lastConfirmAtMs + Math.max(LEAST_GAP_RATIO * policy.confirmGapMs, gapMs));
}

/** Attempts that the run still lacks, those under way counted as misses. */
function missing(target: TargetState, sinceMs: number): number {
  const underWay = target.outstanding.filter(({ sentAtMs }) => sentAtMs >= sinceMs).length;
  return missesNeeded(target) - target.run.misses - underWay;
}

/** When the first attempt left that is a miss or late, and after which none was answered; undefined for none. */
function silentSinceMs(target: TargetState, nowMs: number): number | undefined {
  const lateMs = lateAfterMs(target.usualDelay);
  const late = unanswered(target).filter((sentAtMs) => sentAtMs + lateMs <= nowMs);
  const { firstMissSentAtMs } = target.run;
  const all = firstMissSentAtMs === undefined ? late : [firstMissSentAtMs, ...late];
  return all.length > 0 ? Math.min(...all) : undefined;
}

function nextLateAtMs(target: TargetState, nowMs: number): number {
  if (!target.run.hasAnswered || target.run.misses > 0 || target.confirmations >= MAX_CONFIRMATIONS) {
    return Number.POSITIVE_INFINITY;
  }
  const lateMs = lateAfterMs(target.usualDelay);
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...unanswered(target).flatMap((sentAtMs) => (sentAtMs + lateMs > nowMs ? [sentAtMs + lateMs] : [])),
  );
}

/** Attempts under way that were sent after the latest one that was answered. */
function unanswered({ lastAnsweredSentAtMs, outstanding }: TargetState): readonly number[] {
  return outstanding.flatMap(({ sentAtMs }) => (sentAtMs > lastAnsweredSentAtMs ? [sentAtMs] : []));
}

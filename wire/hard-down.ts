/** Fewest and most consecutive misses that may make a path hard-down. */
export const MIN_MISSES = 3;
/** See {@link MIN_MISSES}. */
export const MAX_MISSES = 9;

/**
 * Chance that one run of misses is mere loss, above which the run must be longer. Chosen for paths times rate: in 1e9 attempts
 * (400 paths at 1/s for 30 days) less than one run is long enough by chance, at whatever steady loss up to 10 %.
 */
const CHANCE_OF_MERE_LOSS = 1e-8;

/** One attempt at the path in question, as far as hard-down cares. Times on one monotonic clock. */
export type Attempt = { readonly sentAtMs: number; readonly settledAtMs: number; readonly isAnswered: boolean };

/** Memory of one path. Start with {@link NO_RUN}. */
export type MissRun = {
  /** The path has answered at some time: an edge that never did is unmeasurable, not down. */
  readonly hasAnswered: boolean;
  /** Consecutive misses since the last answer. */
  readonly misses: number;
  /** When the first of them was sent. */
  readonly firstMissSentAtMs: number | undefined;
};

/** No attempt seen yet. */
export const NO_RUN: MissRun = { hasAnswered: false, misses: 0, firstMissSentAtMs: undefined };

/**
 * Folds one settled attempt into the run of misses. Attempts sent before an answered one that settle later are
 * counted by the caller's order of settling.
 */
export function addAttempt(run: MissRun, attempt: Attempt): MissRun {
  if (attempt.isAnswered) return { hasAnswered: true, misses: 0, firstMissSentAtMs: undefined };
  return { ...run, misses: run.misses + 1, firstMissSentAtMs: run.firstMissSentAtMs ?? attempt.sentAtMs };
}

/**
 * How many consecutive misses make a path hard-down, from the loss measured before the run began.
 *
 * @param lossRatio - 0 to 1; an upper estimate is the careful choice.
 * @returns the least k from 3 to 9 with lossRatio^k at most 10^-8, or 9.
 */
export function missesForHardDown(lossRatio: number): number {
  if (!(lossRatio > 0)) return MIN_MISSES;
  if (lossRatio >= 1) return MAX_MISSES;
  const needed = Math.ceil(Math.log(CHANCE_OF_MERE_LOSS) / Math.log(lossRatio));
  return Math.min(MAX_MISSES, Math.max(MIN_MISSES, needed));
}

/** What a hard-down judgement rests on. */
export type HardDownEvidence = {
  readonly run: MissRun;
  /** Loss before the run, 0 to 1. */
  readonly lossRatio: number;
  /** Latest time at which another target of the same PBX answered, by when the request was sent. */
  readonly otherAnsweredSentAtMs: number | undefined;
  /** Latest time at which the edge answered an INVITE. */
  readonly inviteAnsweredAtMs: number | undefined;
};

/** The judgement, with the reason when it is not hard-down. */
export type HardDownJudgement =
  | { readonly isHardDown: true; readonly misses: number; readonly needed: number }
  | {
      readonly isHardDown: false;
      readonly misses: number;
      readonly needed: number;
      readonly because:
        | 'answering'
        | 'unmeasurable'
        | 'too-few-misses'
        | 'no-other-target-answered'
        | 'invite-answered';
    };

/**
 * The one definition of hard-down, used alike by the probe's own demotion and by the hub: k consecutive misses, while
 * another target of the same PBX answered inside those misses, and no INVITE was answered by that edge since the first
 * miss. With `invite-answered` the path is probe-blocked, not down.
 */
export function judgeHardDown(evidence: HardDownEvidence): HardDownJudgement {
  const { run, lossRatio, otherAnsweredSentAtMs, inviteAnsweredAtMs } = evidence;
  const needed = missesForHardDown(lossRatio);
  const { misses, firstMissSentAtMs } = run;
  if (misses === 0 || firstMissSentAtMs === undefined) {
    return { isHardDown: false, misses, needed, because: 'answering' };
  }
  if (inviteAnsweredAtMs !== undefined && inviteAnsweredAtMs >= firstMissSentAtMs) {
    return { isHardDown: false, misses, needed, because: 'invite-answered' };
  }
  if (!run.hasAnswered) return { isHardDown: false, misses, needed, because: 'unmeasurable' };
  if (misses < needed) return { isHardDown: false, misses, needed, because: 'too-few-misses' };
  if (otherAnsweredSentAtMs === undefined || otherAnsweredSentAtMs < firstMissSentAtMs) {
    return { isHardDown: false, misses, needed, because: 'no-other-target-answered' };
  }
  return { isHardDown: true, misses, needed };
}

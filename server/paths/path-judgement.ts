import { judgeHardDown, MIN_MISSES } from '../../wire/hard-down.ts';
import { type CallRunJudgement, judgeCallRun } from './call-run.ts';
import type { HealthState } from './path-health.ts';
import type { PathPolicy } from './path-policy.ts';
import type { PathState } from './path-state.ts';

/** Everything the state of one path is judged from. Hub time but for `otherAnsweredSentAtMs` (the probe's clock). */
export type PathFacts = {
  readonly path: PathState;
  readonly otherAnsweredSentAtMs: number | undefined;
  /** When the probe last spoke. */
  readonly lastHeardAtMs: number | undefined;
  /** Age of the newest measurement when it was sent, milliseconds. */
  readonly backlogMs: number;
  /** Why the probe's instrument is sick, if it is. */
  readonly sickness: string | undefined;
  /** Interval that the hub has assigned; undefined: the probe's own. */
  readonly intervalMs?: number | undefined;
  /** Asterisk's registration at the trunk is refused or gets no answer. */
  readonly isRegistrationLost?: boolean;
};

/** A path that the hub asks rarely is stale after so many of its intervals. */
const STALE_INTERVALS = 3;

/** What one attempt may take beyond its interval: time-out, confirmation, the way to the hub. */
const LATENESS_MS = 10_000;

/** A state with its ground; `misses` and `needed` are the run of misses and its bound. */
export type PathJudgement = { readonly misses: number; readonly needed: number } & (
  | {
      readonly state: 'unknown';
      readonly because:
        | 'never-heard'
        | 'probe-silent'
        | 'catching-up'
        | 'probe-sick'
        | 'no-sample'
        | 'not-measured'
        | 'not-fresh'
        | 'few-asked';
    }
  | { readonly state: 'unmeasurable'; readonly because: 'never-answered' | 'never-alive' }
  | { readonly state: 'probe-blocked'; readonly because: 'invite-answered' | 'invite-accepted' }
  | { readonly state: 'hard-down'; readonly because: 'run-of-misses' | 'calls-failing' | 'rejecting' }
  | { readonly state: 'degraded'; readonly because: 'loss-test-raised' | 'all-targets-silent' | 'calls-refused' }
  | { readonly state: 'healthy'; readonly because: 'answering' }
);

/**
 * Judges one path. No data, a silent or a sick probe make it unknown, never bad (safety rule 2); round-trip time and ICMP do
 * not enter. `hard-down` is the definition of wire/hard-down.ts, to which the hub adds what only it may act on: live calls that
 * fail in a row (call-run.ts), and an edge that answers in a row that its service is not there.
 */
export function judgePath(facts: PathFacts, policy: PathPolicy, nowMs: number): PathJudgement {
  const { path } = facts;
  const hardDown = judgeHardDown({
    run: path.run,
    lossRatio: path.runLossRatio,
    otherAnsweredSentAtMs: facts.otherAnsweredSentAtMs,
    inviteAnsweredAtMs: path.probeInviteAnsweredAtMs,
  });
  const run = { misses: hardDown.misses, needed: hardDown.needed };
  const ignorance = whyUnknown(facts, policy, nowMs);
  if (ignorance && !isAboutOptions(ignorance)) return { ...run, state: 'unknown', because: ignorance };
  const calls = callJudgement(facts, nowMs);
  if (calls.isDown && hasEverAnswered(facts)) return { ...run, state: 'hard-down', because: 'calls-failing' };
  if (ignorance) return { ...run, state: 'unknown', because: ignorance };
  if (hardDown.isHardDown) return { ...run, state: 'hard-down', because: 'run-of-misses' };
  const isLongRun = run.misses >= run.needed;
  if (isLongRun && hardDown.because === 'invite-answered') {
    return { ...run, state: 'probe-blocked', because: 'invite-answered' };
  }
  if (!path.run.hasAnswered) {
    return path.asked >= MIN_MISSES
      ? { ...run, state: 'unmeasurable', because: 'never-answered' }
      : { ...run, state: 'unknown', because: 'few-asked' };
  }
  if (run.misses > 0 && calls.silent > 0 && isDownTogether(facts, calls, run)) {
    return { ...run, state: 'hard-down', because: 'calls-failing' };
  }
  if (isLongRun && hardDown.because === 'no-other-target-answered') {
    return { ...run, state: 'degraded', because: 'all-targets-silent' };
  }
  if (!path.isFresh) return { ...run, state: 'unknown', because: 'not-fresh' };
  if (path.rejections.count >= MIN_MISSES) return { ...run, ...rejected(facts) };
  if (path.lossTest.isRaised) return { ...run, state: 'degraded', because: 'loss-test-raised' };
  if (calls.refused >= MIN_MISSES) return { ...run, state: 'degraded', because: 'calls-refused' };
  return { ...run, state: 'healthy', because: 'answering' };
}

/** True where the PBX of a path that is left to others speaks before its witnesses: its probe tells nothing, or its own calls do. */
export function isOwnWord(facts: PathFacts, policy: PathPolicy, nowMs: number): boolean {
  const ignorance = whyUnknown(facts, policy, nowMs);
  if (ignorance && !isAboutOptions(ignorance)) return true;
  return facts.path.failedCalls.length > 0 && judgePath(facts, policy, nowMs).because === 'calls-failing';
}

/** Age at which the last sample of a path says nothing any more, milliseconds; longer where the hub has assigned a slow pace. */
export function sampleStaleAfterMs(intervalMs: number | undefined, policy: PathPolicy): number {
  const assignedMs = intervalMs === undefined ? 0 : STALE_INTERVALS * intervalMs + LATENESS_MS;
  return Math.max(policy.pathStaleAfterMs, assignedMs);
}

/** What the failed calls of a path amount to now. */
export function callJudgement(facts: PathFacts, nowMs: number): CallRunJudgement {
  const { path, otherAnsweredSentAtMs, isRegistrationLost = false } = facts;
  return judgeCallRun(path.failedCalls, {
    optionsAnsweredSentAtMs: path.probeAnsweredSentAtMs,
    isOptionsFailing: path.run.misses > 0 || path.rejections.count > 0,
    otherAnsweredSentAtMs,
    isRegistrationLost,
    nowMs,
  });
}

/** True for the states in which the path's counts are evidence of loss: OPTIONS is answered here, and was just asked. */
export function isLossEvidence(state: HealthState): boolean {
  return state === 'healthy' || state === 'degraded' || state === 'hard-down';
}

type Ignorance = 'never-heard' | 'probe-silent' | 'catching-up' | 'probe-sick' | 'no-sample' | 'not-measured';

/** Without OPTIONS the path's calls can still speak; with a silent or sick probe nothing can. */
function isAboutOptions(ignorance: Ignorance): boolean {
  return ignorance === 'no-sample' || ignorance === 'not-measured';
}

function hasEverAnswered({ path }: PathFacts): boolean {
  return path.run.hasAnswered || path.probeInviteAnsweredAtMs !== undefined;
}

/** Missed OPTIONS and calls that met silence together make the run, where another target answered inside it. */
function isDownTogether(
  { path, otherAnsweredSentAtMs }: PathFacts,
  { silent }: CallRunJudgement,
  { misses, needed }: { readonly misses: number; readonly needed: number },
): boolean {
  const firstAtMs = path.run.firstMissSentAtMs;
  const isOtherAnswering =
    firstAtMs !== undefined && otherAnsweredSentAtMs !== undefined && otherAnsweredSentAtMs >= firstAtMs;
  const isInviteAnswered = firstAtMs !== undefined && (path.probeInviteAnsweredAtMs ?? -1) >= firstAtMs;
  return misses + silent >= needed && isOtherAnswering && !isInviteAnswered;
}

function rejected({ path }: PathFacts): Rejected {
  if (!path.hasBeenAlive) return { state: 'unmeasurable', because: 'never-alive' };
  const isCallAccepted = (path.probeInviteAliveAtMs ?? -1) >= path.rejections.probeFirstSentAtMs;
  return isCallAccepted
    ? { state: 'probe-blocked', because: 'invite-accepted' }
    : { state: 'hard-down', because: 'rejecting' };
}

type Rejected =
  | { readonly state: 'unmeasurable'; readonly because: 'never-alive' }
  | { readonly state: 'probe-blocked'; readonly because: 'invite-accepted' }
  | { readonly state: 'hard-down'; readonly because: 'rejecting' };

function whyUnknown(facts: PathFacts, policy: PathPolicy, nowMs: number): Ignorance | undefined {
  const { path, lastHeardAtMs, backlogMs, sickness, intervalMs } = facts;
  if (lastHeardAtMs === undefined) return 'never-heard';
  if (nowMs - lastHeardAtMs >= policy.staleAfterMs) return 'probe-silent';
  if (backlogMs >= policy.staleAfterMs) return 'catching-up';
  if (sickness !== undefined) return 'probe-sick';
  const { lastSampleAtMs, lastNotMeasured, quietUntilMs } = path;
  if (lastSampleAtMs === undefined) return lastNotMeasured ? 'not-measured' : 'no-sample';
  const ageMs = nowMs - Math.max(lastSampleAtMs, quietUntilMs ?? 0);
  const isUnmeasured = lastNotMeasured !== undefined && lastNotMeasured.atMs > lastSampleAtMs;
  if (isUnmeasured && ageMs >= policy.staleAfterMs) return 'not-measured';
  return ageMs >= sampleStaleAfterMs(intervalMs, policy) ? 'no-sample' : undefined;
}

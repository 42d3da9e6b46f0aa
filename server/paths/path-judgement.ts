import { judgeHardDown, MIN_MISSES } from '../../wire/hard-down.ts';
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
};

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
  | { readonly state: 'unmeasurable'; readonly because: 'never-answered' }
  | { readonly state: 'probe-blocked'; readonly because: 'invite-answered' }
  | { readonly state: 'hard-down'; readonly because: 'run-of-misses' }
  | { readonly state: 'degraded'; readonly because: 'loss-test-raised' | 'all-targets-silent' }
  | { readonly state: 'healthy'; readonly because: 'answering' }
);

/**
 * Judges one path. No data, a silent or a sick probe make it unknown, never bad (safety rule 2); round-trip time does not
 * enter. `hard-down` is the definition of wire/hard-down.ts and nothing else.
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
  if (isLongRun && hardDown.because === 'no-other-target-answered') {
    return { ...run, state: 'degraded', because: 'all-targets-silent' };
  }
  if (!path.isFresh) return { ...run, state: 'unknown', because: 'not-fresh' };
  if (path.lossTest.isRaised) return { ...run, state: 'degraded', because: 'loss-test-raised' };
  return { ...run, state: 'healthy', because: 'answering' };
}

/** True for the states in which the path's counts are evidence of loss: OPTIONS is answered here, and was just asked. */
export function isLossEvidence(state: HealthState): boolean {
  return state === 'healthy' || state === 'degraded' || state === 'hard-down';
}

function whyUnknown(
  { path, lastHeardAtMs, backlogMs, sickness }: PathFacts,
  policy: PathPolicy,
  nowMs: number,
): 'never-heard' | 'probe-silent' | 'catching-up' | 'probe-sick' | 'no-sample' | 'not-measured' | undefined {
  if (lastHeardAtMs === undefined) return 'never-heard';
  if (nowMs - lastHeardAtMs >= policy.staleAfterMs) return 'probe-silent';
  if (backlogMs >= policy.staleAfterMs) return 'catching-up';
  if (sickness !== undefined) return 'probe-sick';
  const { lastSampleAtMs, lastNotMeasured } = path;
  if (lastSampleAtMs === undefined) return lastNotMeasured ? 'not-measured' : 'no-sample';
  const ageMs = nowMs - lastSampleAtMs;
  const isUnmeasured = lastNotMeasured !== undefined && lastNotMeasured.atMs > lastSampleAtMs;
  if (isUnmeasured && ageMs >= policy.staleAfterMs) return 'not-measured';
  return ageMs >= policy.pathStaleAfterMs ? 'no-sample' : undefined;
}

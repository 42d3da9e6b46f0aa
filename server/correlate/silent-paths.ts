import type { PathEvidence } from './path-evidence.ts';
import { isJudgeable } from './path-evidence.ts';
import { placeKey } from './places.ts';
import { sayCleared } from './sentence.ts';
import type { Place, Verdict } from './verdict.ts';
import type { VerdictEffect } from './verdict-effect.ts';

/** Open `probe-blocked` and `unmeasurable` verdicts by path key. */
export type SilentPathsState = ReadonlyMap<string, Verdict>;

/** Result of one step. */
export type SilentPathsStep = { readonly state: SilentPathsState; readonly effects: readonly VerdictEffect[] };

/**
 * Opens a verdict for each path judged `probe-blocked` or `unmeasurable`, and clears it once the path is judged otherwise
 * or gone. `unknown` and an abstaining instrument change nothing (safety rule 2). These are plain observations, so the
 * posterior is 1 and there is no runner-up.
 */
export function stepSilentPaths(
  state: SilentPathsState,
  paths: readonly PathEvidence[],
  nowMs: number,
): SilentPathsStep {
  const next = new Map<string, Verdict>();
  const effects: VerdictEffect[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const { key } = path.health.ref;
    if (state.size > 0) seen.add(key);
    const open = state.get(key);
    const symptom = symptomOf(path);
    if (open === undefined && symptom === undefined) continue;
    if (open && (symptom === open.symptom || (symptom === undefined && isSilent(path)))) {
      next.set(key, open);
      continue;
    }
    if (open) effects.push({ kind: 'verdict-cleared', verdict: cleared(open, endingOf(path), nowMs) });
    if (symptom === undefined) continue;
    const verdict = silentVerdict(path, symptom, nowMs);
    next.set(key, verdict);
    effects.push({ kind: 'verdict-opened', verdict });
  }
  for (const [key, open] of state) {
    if (!seen.has(key))
      effects.push({ kind: 'verdict-cleared', verdict: cleared(open, 'no longer configured', nowMs) });
  }
  return { state: next, effects };
}

/** Says nothing of itself now; a path left to other PBXs says nothing any more, and its verdict ends. */
function isSilent({ health }: PathEvidence): boolean {
  return health.inheritedFrom === undefined && !isJudgeable(health);
}

function endingOf({ health }: PathEvidence): string {
  return health.inheritedFrom === undefined ? `now ${health.state}` : 'now left to other PBXs of its site';
}

function symptomOf({ health }: PathEvidence): 'probe-blocked' | 'unmeasurable' | undefined {
  if (health.isAbstaining || health.inheritedFrom !== undefined) return undefined;
  return health.state === 'probe-blocked' || health.state === 'unmeasurable' ? health.state : undefined;
}

function silentVerdict({ health }: PathEvidence, symptom: 'probe-blocked' | 'unmeasurable', nowMs: number): Verdict {
  const { ref, options, reason } = health;
  const place: Place = { kind: 'path', pbx: ref.pbx, target: ref.target };
  const claim =
    symptom === 'probe-blocked'
      ? 'OPTIONS goes unanswered while calls succeed, so only the probe is blocked; no ground for a flip'
      : 'has never answered OPTIONS, so probes cannot say how it is';
  return {
    verdictId: `${symptom}-${placeKey(place)}-${Math.round(nowMs).toString(36)}`,
    symptom,
    certainty: 'named',
    place,
    group: [place],
    posterior: 1,
    runnerUp: undefined,
    direction: 'unknown',
    witnesses: [ref.pbx],
    siteCount: 1,
    windowMs: options.windowMs,
    lossInsideRatio: options.lossRatio,
    lossOutsideRatio: 0,
    evidence: [
      {
        pathKey: ref.key,
        sent: options.sent,
        lost: options.lost,
        lowRatio: options.lowRatio,
        highRatio: options.highRatio,
      },
    ],
    wouldSplit: undefined,
    openedAtMs: nowMs,
    updatedAtMs: nowMs,
    clearedAtMs: undefined,
    sentence: `Path ${ref.pbx} > ${ref.target}: ${claim} (${reason}).`,
  };
}

function cleared(verdict: Verdict, ending: string, nowMs: number): Verdict {
  return { ...verdict, sentence: sayCleared(ending, verdict.sentence), updatedAtMs: nowMs, clearedAtMs: nowMs };
}

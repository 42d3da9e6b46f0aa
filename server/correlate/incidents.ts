import type { Steps } from '../steps.ts';
import type { Finding } from './finding.ts';
import { clearedVerdict, type Incident, isNews, troubleOf, withCalm } from './incident.ts';
import type { Candidate, IncidentsState, IncidentsStep } from './incidents-state.ts';
import type { PathEvidence } from './path-evidence.ts';
import type { Sight } from './sight.ts';
import { LOSS_RULES, type SymptomRules } from './symptom-rules.ts';
import type { VerdictEffect } from './verdict-effect.ts';
import { weaveFindings } from './weave-findings.ts';

/** A candidate unseen for so long is forgotten; one unconfirmed within the longest window starts anew. */
const CANDIDATE_UNSEEN_MS = 15_000;
const CANDIDATE_MS = 300_000;
/** How long a cleared verdict may be reopened under its id. */
export const HOLD_MS = 600_000;

/**
 * Advances the life of the verdicts on one symptom by one pass, in steps: confirm and open, update, hold while figures are missing, merge, clear,
 * reopen. The id of a new verdict is made of its first place and the time of opening, so a replay makes the same ids.
 *
 * @param findings - of this very sight, see `findFaults`.
 */
export function* incidentSteps(
  state: IncidentsState,
  sight: Sight,
  findings: readonly Finding[],
  rules: SymptomRules = LOSS_RULES,
): Steps<IncidentsStep> {
  const effects: VerdictEffect[] = [];
  const freshFromMs = new Map([...state.freshFromMs].filter(([, fromMs]) => sight.nowMs - fromMs < CANDIDATE_MS));
  const held = state.held.filter(({ clearedAtMs }) => sight.nowMs - (clearedAtMs ?? 0) < HOLD_MS);
  const byKey = pathsByKey(state, sight);
  const open: Incident[] = [];
  const stale = new Set<string>();
  const isOfOthers = othersOf(state.open);
  for (const incident of state.open) {
    yield;
    const calm = rules.calm(troubleOf(incident, sight, byKey, isOfOthers(incident)), sight);
    const next = withCalm(incident, calm, sight.nowMs);
    if (next === undefined) {
      const verdict = clearedVerdict(incident, calm, sight.nowMs);
      effects.push({ kind: 'verdict-cleared', verdict });
      held.push(verdict);
      const fromMs = calm.kind === 'over' ? calm.quietSinceMs : sight.nowMs;
      for (const key of incident.insideKeys) freshFromMs.set(key, fromMs);
    } else {
      open.push(next);
      if (calm.kind === 'missing') stale.add(next.verdict.verdictId);
    }
  }
  const cleared = { open, held, candidates: liveCandidates(state, sight), freshFromMs };
  const isOfCleared = effects.length > 0;
  if (findings.length === 0 || isOfCleared) return tell(cleared, effects, sight);
  const woven = yield* weaveFindings(cleared, sight, { findings, stale, rules });
  return tell(woven.state, [...effects, ...woven.effects], sight);
}

/** Adds the effects of what differs from what was last told. */
function tell(state: IncidentsState, effects: readonly VerdictEffect[], sight: Sight): IncidentsStep {
  const told: VerdictEffect[] = [...effects];
  const open = state.open.map((incident) => {
    const { verdict, told: last } = incident;
    if (last === undefined) told.push({ kind: 'verdict-opened', verdict });
    else if (isNews(verdict, last, sight.nowMs)) told.push({ kind: 'verdict-updated', verdict });
    else return incident;
    return { ...incident, told: verdict };
  });
  return { state: { ...state, open }, effects: told };
}

/** Tells of an open verdict whether others account for a path of its own, suspicions aside. */
export function othersOf(open: readonly Incident[]): (incident: Incident) => (ownKey: string) => boolean {
  const counts = new Map<string, number>();
  for (const { insideKeys, verdict } of open) {
    if (verdict.certainty === 'suspect') continue;
    for (const key of new Set(insideKeys)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return ({ verdict }) => {
    const itself = verdict.certainty === 'suspect' ? 0 : 1;
    return (ownKey) => (counts.get(ownKey) ?? 0) > itself;
  };
}

/** Paths of the open incidents only: there are few, in a fleet of many paths. */
function pathsByKey({ open }: IncidentsState, { paths }: Sight): ReadonlyMap<string, PathEvidence> {
  const wanted = new Set(open.flatMap(({ insideKeys, witnessKeys }) => [...insideKeys, ...witnessKeys]));
  if (wanted.size === 0) return new Map();
  return new Map(
    paths.flatMap((path) => (wanted.has(path.health.ref.key) ? [[path.health.ref.key, path] as const] : [])),
  );
}

function liveCandidates(state: IncidentsState, sight: Sight): readonly Candidate[] {
  return state.candidates.filter(
    ({ sinceMs, seenAtMs }) => sight.nowMs - seenAtMs <= CANDIDATE_UNSEEN_MS && sight.nowMs - sinceMs < CANDIDATE_MS,
  );
}

import type { Steps } from '../steps.ts';
import type { Finding } from './finding.ts';
import { type Incident, keysAt, mergedVerdict, opened, updated } from './incident.ts';
import type { IncidentsState, IncidentsStep } from './incidents-state.ts';
import { placeKey } from './places.ts';
import type { Sight } from './sight.ts';
import type { SymptomRules } from './symptom-rules.ts';
import type { VerdictEffect } from './verdict-effect.ts';

/** Consecutive windows must lie at least so far apart. */
const CONFIRM_MS = 1_000;

/** Incidents so far, and the ids of those that a finding of this pass speaks of. */
type Woven = { readonly state: IncidentsState; readonly claimed: ReadonlySet<string> };

/** All findings of the pass, and the ids of verdicts that stand for want of figures. */
export type PassGround = {
  readonly findings: readonly Finding[];
  readonly stale: ReadonlySet<string>;
  readonly rules: SymptomRules;
};

/**
 * Takes the findings of one pass into the incidents: each goes on with one, waits for its second window, or opens one; and those
 * that turn out to be a part of another end.
 */
export function* weaveFindings(state: IncidentsState, sight: Sight, ground: PassGround): Steps<IncidentsStep> {
  let woven: Woven = { state, claimed: new Set() };
  for (const finding of ground.findings) {
    woven = yield* weave(woven, sight, finding, ground);
    yield;
  }
  return mergeCovered(woven, sight, ground.stale);
}

/** One finding: it goes on with an incident, waits for its second window, or opens. */
function* weave(before: Woven, sight: Sight, finding: Finding, ground: PassGround): Steps<Woven> {
  const { state } = before;
  const matching = matchingIncident(before, finding, ground, keysAt(sight, finding.insideIndices));
  const claimed = new Set(before.claimed);
  if (matching) claimed.add(matching.verdict.verdictId);
  if (matching && ground.stale.has(matching.verdict.verdictId)) return { state, claimed };
  const isSamePlace = matching && placeKey(matching.verdict.place) === placeKey(finding.place);
  const isSurer = matching?.verdict.certainty === 'suspect' && finding.certainty !== 'suspect';
  if (matching && isSamePlace && !isSurer) {
    return {
      state: { ...state, open: replaced(state.open, matching, updated(matching, sight, finding, ground.rules)) },
      claimed,
    };
  }
  const key = finding.certainty === 'suspect' ? 'suspect' : finding.group.map(placeKey).join();
  const known = state.candidates.find((candidate) => candidate.key === key);
  const candidate = { key, sinceMs: known?.sinceMs ?? sight.nowMs, seenAtMs: sight.nowMs };
  const candidates = state.candidates.filter((other) => other.key !== key);
  const isSecond =
    sight.nowMs - candidate.sinceMs >= CONFIRM_MS &&
    (yield* ground.rules.isConfirmed(sight, finding, candidate.sinceMs));
  if (!isSecond) return { state: { ...state, candidates: [...candidates, candidate] }, claimed };
  if (matching) {
    const open = replaced(state.open, matching, updated(matching, sight, finding, ground.rules));
    return { state: { ...state, candidates, open }, claimed };
  }
  const reopened = state.held.find(({ place }) => placeKey(place) === placeKey(finding.place));
  const incident = opened(sight, finding, reopened, ground.rules);
  claimed.add(incident.verdict.verdictId);
  const held = state.held.filter((verdict) => verdict !== reopened);
  return { state: { ...state, candidates, held, open: [...state.open, incident] }, claimed };
}

/**
 * Ends verdicts that no finding of this pass speaks of and whose paths all lie inside one that was just found and is no mere
 * suspicion: they have turned out to be a part of it.
 */
function mergeCovered({ state, claimed }: Woven, sight: Sight, stale: ReadonlySet<string>): IncidentsStep {
  const sure = state.open.flatMap((incident) => {
    const { certainty, verdictId } = incident.verdict;
    const isSure = claimed.has(verdictId) && certainty !== 'suspect' && !stale.has(verdictId);
    return isSure ? [{ incident, inside: new Set(incident.insideKeys) }] : [];
  });
  const effects: VerdictEffect[] = [];
  const open = state.open.filter((incident) => {
    if (claimed.has(incident.verdict.verdictId)) return true;
    const whole = sure.find(({ inside }) => incident.insideKeys.every((key) => inside.has(key)))?.incident;
    if (whole) effects.push({ kind: 'verdict-cleared', verdict: mergedVerdict(incident, whole, sight.nowMs) });
    return whole === undefined;
  });
  return { state: { ...state, open }, effects };
}

/** The incident that a finding goes on with: of its place, else one that shares paths and that nothing else speaks of. */
function matchingIncident(
  { state, claimed }: Woven,
  finding: Finding,
  { findings }: PassGround,
  insideKeys: readonly string[],
): Incident | undefined {
  const key = placeKey(finding.place);
  const same = state.open.find(({ verdict }) => placeKey(verdict.place) === key);
  if (same) return same;
  const inside = new Set(insideKeys);
  const spokenOf = new Set(findings.map(({ place }) => placeKey(place)));
  return state.open.find(
    ({ insideKeys: keys, verdict }) =>
      !claimed.has(verdict.verdictId) &&
      !spokenOf.has(placeKey(verdict.place)) &&
      keys.some((each) => inside.has(each)),
  );
}

function replaced(open: readonly Incident[], old: Incident, next: Incident): readonly Incident[] {
  return open.map((incident) => (incident === old ? next : incident));
}

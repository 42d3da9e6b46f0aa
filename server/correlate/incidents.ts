import { type Finding, isConfirmed } from './finding.ts';
import { clearedVerdict, type Incident, isNews, keysAt, opened, troubleOf, updated, withCalm } from './incident.ts';
import { placeKey } from './places.ts';
import { judgeCalm } from './quiet.ts';
import type { Sight } from './sight.ts';
import type { Verdict } from './verdict.ts';
import type { VerdictEffect } from './verdict-effect.ts';

type Candidate = { readonly key: string; readonly sinceMs: number; readonly seenAtMs: number };

/** Memory of incidents. Start with {@link NO_INCIDENTS}. */
export type IncidentsState = {
  readonly open: readonly Incident[];
  /** Cleared of late: the same place reopens under the same id. */
  readonly held: readonly Verdict[];
  readonly candidates: readonly Candidate[];
  /** See {@link Sight.freshFromMs}. */
  readonly freshFromMs: ReadonlyMap<string, number>;
};

/** No trouble yet. */
export const NO_INCIDENTS: IncidentsState = { open: [], held: [], candidates: [], freshFromMs: new Map() };

/** Consecutive windows must lie at least so far apart. */
const CONFIRM_MS = 1_000;
/** A candidate unseen for so long is forgotten; one unconfirmed within the longest window starts anew. */
const CANDIDATE_UNSEEN_MS = 15_000;
const CANDIDATE_MS = 300_000;
/** How long a cleared verdict may be reopened under its id. */
export const HOLD_MS = 600_000;
/** Result of one step. */
export type IncidentsStep = { readonly state: IncidentsState; readonly effects: readonly VerdictEffect[] };

/**
 * Advances the life of loss verdicts by one pass: confirm and open, update, hold while figures are missing, clear, reopen.
 * The id of a new verdict is made of its first place and the time of opening, so a replay makes the same ids.
 *
 * @param finding - of this very sight, see `findFault`.
 */
export function step(state: IncidentsState, sight: Sight, finding: Finding | undefined): IncidentsStep {
  const effects: VerdictEffect[] = [];
  const freshFromMs = new Map([...state.freshFromMs].filter(([, fromMs]) => sight.nowMs - fromMs < CANDIDATE_MS));
  const held = state.held.filter(({ clearedAtMs }) => sight.nowMs - (clearedAtMs ?? 0) < HOLD_MS);
  const byKey = new Map(sight.paths.map((path) => [path.health.ref.key, path]));
  const open: Incident[] = [];
  const stale = new Set<Incident>();
  for (const incident of state.open) {
    const calm = judgeCalm(troubleOf(incident, byKey), sight.nowMs, sight.minQuietMs);
    const next = withCalm(incident, calm, sight.nowMs);
    if (next === undefined) {
      const verdict = clearedVerdict(incident, calm, sight.nowMs);
      effects.push({ kind: 'verdict-cleared', verdict });
      held.push(verdict);
      const fromMs = calm.kind === 'over' ? calm.quietSinceMs : sight.nowMs;
      for (const key of incident.insideKeys) freshFromMs.set(key, fromMs);
    } else {
      open.push(next);
      if (calm.kind === 'missing') stale.add(next);
    }
  }
  const cleared = { open, held, candidates: state.candidates, freshFromMs };
  const isOfCleared = effects.length > 0;
  if (finding === undefined || isOfCleared)
    return tell({ ...cleared, candidates: liveCandidates(state, sight) }, effects, sight);
  return tell(weave(cleared, sight, finding, stale), effects, sight);
}

function weave(state: IncidentsState, sight: Sight, finding: Finding, stale: ReadonlySet<Incident>): IncidentsState {
  const candidates = liveCandidates(state, sight);
  const matching = matchingIncident(state.open, finding, keysAt(sight, finding.insideIndices));
  if (matching && stale.has(matching)) return { ...state, candidates };
  const isSamePlace = matching && placeKey(matching.verdict.place) === placeKey(finding.place);
  const isSurer = matching?.verdict.certainty === 'suspect' && finding.certainty !== 'suspect';
  if (matching && isSamePlace && !isSurer) {
    return { ...state, candidates, open: replaced(state.open, matching, updated(matching, sight, finding)) };
  }
  const key = finding.certainty === 'suspect' ? 'suspect' : finding.group.map(placeKey).join();
  const known = candidates.find((candidate) => candidate.key === key);
  const candidate = { key, sinceMs: known?.sinceMs ?? sight.nowMs, seenAtMs: sight.nowMs };
  const isSecond = sight.nowMs - candidate.sinceMs >= CONFIRM_MS && isConfirmed(sight, finding, candidate.sinceMs);
  if (!isSecond) return { ...state, candidates: [...candidates.filter((other) => other.key !== key), candidate] };
  if (matching) {
    return { ...state, candidates: [], open: replaced(state.open, matching, updated(matching, sight, finding)) };
  }
  const reopened = state.held.find(({ place }) => placeKey(place) === placeKey(finding.place));
  return {
    ...state,
    candidates: [],
    held: state.held.filter((verdict) => verdict !== reopened),
    open: [...state.open, opened(sight, finding, reopened)],
  };
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

function matchingIncident(open: readonly Incident[], finding: Finding, insideKeys: readonly string[]) {
  const inside = new Set(insideKeys);
  const key = placeKey(finding.place);
  return (
    open.find(({ verdict }) => placeKey(verdict.place) === key) ??
    open.find((incident) => incident.insideKeys.some((pathKey) => inside.has(pathKey)))
  );
}

function liveCandidates(state: IncidentsState, sight: Sight): readonly Candidate[] {
  return state.candidates.filter(
    ({ sinceMs, seenAtMs }) => sight.nowMs - seenAtMs <= CANDIDATE_UNSEEN_MS && sight.nowMs - sinceMs < CANDIDATE_MS,
  );
}

function replaced(open: readonly Incident[], old: Incident, next: Incident): readonly Incident[] {
  return open.map((incident) => (incident === old ? next : incident));
}

import type { Finding } from './finding.ts';
import { type KindTrouble, kindsCalm, kindTroubles, worstOf } from './kinds/quiet-kinds.ts';
import type { PathEvidence } from './path-evidence.ts';
import { describePlace, placeKey } from './places.ts';
import type { Calm, Trouble } from './quiet.ts';
import { sayCleared, sayStale } from './sentence.ts';
import type { Sight } from './sight.ts';
import type { SymptomRules } from './symptom-rules.ts';
import type { Certainty, Verdict } from './verdict.ts';

/** An open trouble and its memory. */
export type Incident = {
  readonly verdict: Verdict;
  readonly insideKeys: readonly string[];
  readonly witnessKeys: readonly string[];
  readonly peakRatio: number;
  /** Kinds beside OPTIONS that it rests on. */
  readonly kinds: readonly KindTrouble[];
  readonly quietSinceMs: number | undefined;
  /** The opening or, inside the hold, the latest reopening: what was lost in an earlier spell tells nothing of this one's direction. */
  readonly spellSinceMs: number;
  /** The sentence without the mark of missing figures. */
  readonly freshSentence: string;
  /** As last told; undefined before the first telling. */
  readonly told: Verdict | undefined;
};

/** A named verdict stays named down to here while nothing else speaks against it. */
const STAY_POSTERIOR = 0.8;
/** Small changes of figures are told no more often than this. */
const RETELL_MS = 10_000;

/**
 * Opens an incident.
 *
 * @param reopened - the cleared verdict of the same place inside its hold: its id and time of opening go on.
 */
export function opened(sight: Sight, finding: Finding, reopened: Verdict | undefined, rules: SymptomRules): Incident {
  const openedAtMs = reopened?.openedAtMs ?? sight.nowMs;
  const verdictId =
    reopened?.verdictId ?? `${rules.symptom}-${placeKey(finding.place)}-${Math.round(openedAtMs).toString(36)}`;
  const spellSinceMs = sight.nowMs;
  const verdict = rules.verdict(sight, finding, { verdictId, openedAtMs, spellSinceMs, certainty: finding.certainty });
  return { ...memoryOf(sight, finding, verdict), spellSinceMs, quietSinceMs: undefined, told: undefined };
}

/**
 * Takes up a verdict that was open when the hub stopped: it stands as it was until its paths give fresh figures (safety
 * rules 2 and 9).
 */
export function recalled(verdict: Verdict): Incident {
  return {
    verdict,
    insideKeys: verdict.evidence.map(({ pathKey }) => pathKey),
    witnessKeys: witnessKeysOf(verdict),
    peakRatio: verdict.lossInsideRatio,
    kinds: kindTroubles(verdict),
    quietSinceMs: undefined,
    spellSinceMs: verdict.openedAtMs,
    freshSentence: verdict.sentence,
    told: verdict,
  };
}

function witnessKeysOf({ evidence, shifts }: Verdict): readonly string[] {
  if (shifts === undefined) return evidence.filter(({ lost }) => lost > 0).map(({ pathKey }) => pathKey);
  return [...new Set(shifts.flatMap(({ isShifted, pathKey }) => (isShifted ? [pathKey] : [])))];
}

/** Takes in a newer finding; the place may change, the id does not. */
export function updated(incident: Incident, sight: Sight, finding: Finding, rules: SymptomRules): Incident {
  const { spellSinceMs } = incident;
  const { verdictId, openedAtMs } = incident.verdict;
  const certainty = keptCertainty(incident, finding);
  const verdict = rules.verdict(sight, finding, { verdictId, openedAtMs, spellSinceMs, certainty });
  const memory = memoryOf(sight, finding, verdict);
  const peakRatio = Math.max(incident.peakRatio, memory.peakRatio);
  return { ...incident, ...memory, peakRatio, kinds: worstOf(incident.kinds, memory.kinds) };
}

function memoryOf(sight: Sight, finding: Finding, verdict: Verdict) {
  return {
    verdict,
    insideKeys: keysAt(sight, finding.insideIndices),
    witnessKeys: keysAt(sight, finding.witnesses.pathIndices),
    peakRatio: verdict.lossInsideRatio,
    kinds: kindTroubles(verdict),
    freshSentence: verdict.sentence,
  };
}

function keptCertainty(incident: Incident, finding: Finding): Certainty {
  const { certainty, place } = incident.verdict;
  const isStaying =
    finding.certainty === 'suspect' &&
    finding.doubts.length === 0 &&
    finding.posterior >= STAY_POSTERIOR &&
    placeKey(place) === placeKey(finding.place) &&
    // What nothing tells apart any more is named no longer.
    (certainty !== 'named' || finding.group.length === 1);
  return isStaying ? certainty : finding.certainty;
}

/** Takes in what the paths say of the end; undefined once the incident is over. */
export function withCalm(incident: Incident, calm: Calm, nowMs: number): Incident | undefined {
  switch (calm.kind) {
    case 'gone':
    case 'probe-blocked':
    case 'over':
      return undefined;
    case 'waiting':
      return {
        ...incident,
        quietSinceMs: calm.quietSinceMs,
        verdict: { ...incident.verdict, sentence: incident.freshSentence },
      };
    case 'missing': {
      const paths = calm.paths.map(({ health }) => `path ${health.ref.pbx} > ${health.ref.target}`);
      const mark = sayStale(paths);
      return {
        ...incident,
        quietSinceMs: nowMs,
        verdict: { ...incident.verdict, sentence: `${incident.freshSentence}${mark}` },
      };
    }
    default:
      return calm satisfies never;
  }
}

/** The last word on an incident that {@link withCalm} found over. */
export function clearedVerdict(incident: Incident, calm: Calm, nowMs: number): Verdict {
  const { verdict } = incident;
  const ending =
    calm.kind === 'over'
      ? (calm.ending ?? `quiet for ${Math.round((nowMs - calm.quietSinceMs) / 1000)} s`)
      : calm.kind === 'probe-blocked'
        ? 'its paths are silent to probes only'
        : 'its paths are no longer configured';
  const sentence = sayCleared(ending, incident.freshSentence);
  return { ...verdict, sentence, updatedAtMs: nowMs, clearedAtMs: nowMs };
}

/** The last word on an incident that has turned out to be a part of another. */
export function mergedVerdict(incident: Incident, whole: Incident, nowMs: number): Verdict {
  const sentence = sayCleared(`part of ${describePlace(whole.verdict.place)}`, incident.freshSentence);
  const { verdictId: mergedInto } = whole.verdict;
  return { ...incident.verdict, sentence, mergedInto, updatedAtMs: nowMs, clearedAtMs: nowMs };
}

/** True when the verdict differs from what was last told by more than a few figures, or figures have aged. */
export function isNews(verdict: Verdict, told: Verdict, nowMs: number): boolean {
  const isOther =
    verdict.certainty !== told.certainty ||
    placeKey(verdict.place) !== placeKey(told.place) ||
    verdict.witnesses.join() !== told.witnesses.join() ||
    verdict.siteCount !== told.siteCount;
  if (isOther) return true;
  const isRestated = verdict.sentence !== told.sentence;
  return isRestated && (verdict.updatedAtMs === told.updatedAtMs || nowMs - told.updatedAtMs >= RETELL_MS);
}

/**
 * What {@link judgeCalm} needs; paths that left the configuration are left out, and so are those that another fault accounts
 * for: their loss does not keep this one open, unless it has no other paths.
 */
export function troubleOf(
  incident: Incident,
  sight: Sight,
  byKey: ReadonlyMap<string, PathEvidence>,
  isOfOthers: (key: string) => boolean,
): Trouble {
  const present = (keys: readonly string[]) => keys.flatMap((key) => byKey.get(key) ?? []);
  const isOwn = (key: string) => !isOfOthers(key);
  const ownKeys = incident.insideKeys.filter(isOwn);
  const hasOwn = ownKeys.length > 0;
  const insideKeys = hasOwn ? ownKeys : incident.insideKeys;
  const inside = new Set(insideKeys);
  const isInside = (index: number) => inside.has(sight.space.refs[index]?.key ?? '');
  return {
    ...(incident.kinds.length > 0 && {
      kindsSince: (sinceMs) => kindsCalm(sight, isInside, incident.kinds, sinceMs),
    }),
    insidePaths: present(insideKeys),
    witnessPaths: present(hasOwn ? incident.witnessKeys.filter(isOwn) : incident.witnessKeys),
    quietSinceMs: incident.quietSinceMs,
    peakRatio: incident.peakRatio,
  };
}

/** Path keys at indices of the space. */
export function keysAt(sight: Sight, indices: readonly number[]): readonly string[] {
  return indices.map((index) => sight.space.refs[index]?.key ?? '');
}

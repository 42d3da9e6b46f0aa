import { finish, portions, type Steps } from '../steps.ts';
import type { ChangePoint } from './change-point.ts';
import { HOLD_MS } from './incidents.ts';
import type { PathEvidence } from './path-evidence.ts';
import { placeKey } from './places.ts';
import { isNarrower, sinceWhen } from './since-when.ts';
import type { Verdict } from './verdict.ts';
import type { VerdictEffect } from './verdict-effect.ts';

/** What is remembered of a verdict beside its finding. Hub time. */
type Annal = {
  readonly since: ChangePoint | undefined;
  /** When the beginning was last looked for. */
  readonly lookedAtMs: number;
  readonly reopenedAtMs: readonly number[];
  readonly clearedAtMs: number | undefined;
};

/** The end of the last verdict of one symptom at one place, and when verdicts there reopened before. */
type Ending = { readonly clearedAtMs: number; readonly reopenedAtMs: readonly number[] };

/** Memory of {@link annotate}. Start with {@link NO_ANNALS}. */
export type AnnalsState = {
  readonly ofVerdict: ReadonlyMap<string, Annal>;
  readonly endings: ReadonlyMap<string, Ending>;
};

/** Nothing was ever told. */
export const NO_ANNALS: AnnalsState = { ofVerdict: new Map(), endings: new Map() };

/** What one pass says, as found; and what its verdicts rest on. */
export type AnnalsInput = {
  readonly effects: readonly VerdictEffect[];
  readonly open: readonly Verdict[];
  /** Paths of a verdict's place, those with evidence. */
  readonly pathsOf: (verdict: Verdict) => readonly PathEvidence[];
  readonly nowMs: number;
};

/** Trouble that comes back within so long is the same one flapping; reopenings are counted over as long. */
export const FLAP_MS = 86_400_000;
/** Of more reopenings the newest are kept. */
export const MAX_REOPENINGS = 200;
/** The beginning is looked for again while a verdict is young: so often, and so long. */
const LOOK_EVERY_MS = 10_000;
const YOUNG_MS = 120_000;

/** A pass with all that is remembered. `effects` and `open` are those of the pass, with what is added. */
type Annotated = {
  readonly state: AnnalsState;
  readonly effects: readonly VerdictEffect[];
  readonly open: readonly Verdict[];
};

/** Verdicts looked at before others get a turn. */
const STEP_VERDICTS = 10;

/** {@link annalSteps} in one go. */
export function annotate(state: AnnalsState, input: AnnalsInput): Annotated {
  return finish(annalSteps(state, input));
}

/**
 * Adds to the verdicts of a pass since when their trouble lasts and how often it came back within a day. What was once found of
 * a beginning stands unless a young verdict's own paths tell it more narrowly; a verdict that reopens keeps the first.
 */
export function* annalSteps(state: AnnalsState, { effects, nowMs, open, pathsOf }: AnnalsInput): Steps<Annotated> {
  const ofVerdict = new Map([...state.ofVerdict].filter(([, annal]) => !isForgotten(annal, nowMs)));
  const endings = new Map([...state.endings].filter(([, { clearedAtMs }]) => nowMs - clearedAtMs < FLAP_MS));
  const look = (verdict: Verdict, annal: Annal | undefined): Annal => {
    const looked = lookedAt(annal ?? annalOf(verdict), verdict, pathsOf, nowMs);
    ofVerdict.set(verdict.verdictId, looked);
    return looked;
  };
  const tell = ({ kind, verdict }: VerdictEffect): VerdictEffect => {
    const known = ofVerdict.get(verdict.verdictId);
    if (kind === 'verdict-cleared') {
      const last = { ...(known ?? annalOf(verdict)), clearedAtMs: verdict.clearedAtMs ?? nowMs };
      ofVerdict.set(verdict.verdictId, last);
      // One that has turned out to be a part of another has not ended.
      if (verdict.mergedInto === undefined) endings.set(troubleKey(verdict), endingOf(last, nowMs));
      return { kind, verdict: withAnnal(verdict, last, nowMs) };
    }
    if (kind === 'verdict-updated') return { kind, verdict: withAnnal(verdict, look(verdict, known), nowMs) };
    const ending = endings.get(troubleKey(verdict));
    const before = known ?? annalOf(verdict);
    const reopenedAtMs = ending ? [...ending.reopenedAtMs, nowMs].slice(-MAX_REOPENINGS) : before.reopenedAtMs;
    const looked = look(verdict, { ...before, reopenedAtMs, clearedAtMs: undefined });
    return { kind, verdict: withAnnal(verdict, looked, nowMs) };
  };
  const told: VerdictEffect[] = [];
  for (const some of portions(effects, STEP_VERDICTS)) {
    for (const effect of some) told.push(tell(effect));
    yield;
  }
  const standing: Verdict[] = [];
  for (const some of portions(open, STEP_VERDICTS)) {
    for (const verdict of some) {
      standing.push(withAnnal(verdict, look(verdict, ofVerdict.get(verdict.verdictId)), nowMs));
    }
    yield;
  }
  return { state: { ofVerdict, endings }, effects: told, open: standing };
}

/**
 * Memory as it can be read from stored verdicts.
 *
 * @param verdicts - open ones, and those cleared within {@link FLAP_MS}.
 */
export function recallAnnals(verdicts: readonly Verdict[]): AnnalsState {
  const ended = verdicts
    .filter(({ clearedAtMs, mergedInto }) => clearedAtMs !== undefined && mergedInto === undefined)
    .toSorted((one, other) => (one.clearedAtMs ?? 0) - (other.clearedAtMs ?? 0));
  return {
    ofVerdict: new Map(verdicts.map((verdict) => [verdict.verdictId, annalOf(verdict)])),
    endings: new Map(
      ended.map((verdict) => [troubleKey(verdict), endingOf(annalOf(verdict), verdict.clearedAtMs ?? 0)]),
    ),
  };
}

/** What a verdict itself says: nothing where it is new. */
function annalOf({ clearedAtMs, reopenedAtMs, sinceHighMs, sinceLowMs, sinceMs }: Verdict): Annal {
  return {
    since: sinceHighMs === undefined ? undefined : { atMs: sinceMs, lowMs: sinceLowMs, highMs: sinceHighMs },
    lookedAtMs: Number.NEGATIVE_INFINITY,
    reopenedAtMs: reopenedAtMs ?? [],
    clearedAtMs,
  };
}

function endingOf({ clearedAtMs, reopenedAtMs }: Annal, nowMs: number): Ending {
  return { clearedAtMs: clearedAtMs ?? nowMs, reopenedAtMs };
}

function lookedAt(annal: Annal, verdict: Verdict, pathsOf: AnnalsInput['pathsOf'], nowMs: number): Annal {
  const isFirst = annal.since === undefined && annal.lookedAtMs === Number.NEGATIVE_INFINITY;
  const isAgain = nowMs - verdict.openedAtMs <= YOUNG_MS && nowMs - annal.lookedAtMs >= LOOK_EVERY_MS;
  // Only of loss do later attempts tell more.
  if (!isFirst && !(isAgain && verdict.symptom === 'loss')) return annal;
  const found = sinceWhen(verdict, pathsOf(verdict), nowMs);
  const isBetter = found !== undefined && (annal.since === undefined || isNarrower(found, annal.since));
  return { ...annal, lookedAtMs: nowMs, since: isBetter ? found : annal.since };
}

function isForgotten({ clearedAtMs }: Annal, nowMs: number): boolean {
  return clearedAtMs !== undefined && nowMs - clearedAtMs >= HOLD_MS;
}

function withAnnal(verdict: Verdict, { reopenedAtMs, since }: Annal, nowMs: number): Verdict {
  const { sinceHighMs: _high, sinceLowMs: _low, sinceMs: _at, ...rest } = verdict;
  return {
    ...rest,
    ...(since?.atMs !== undefined && { sinceMs: since.atMs }),
    ...(since?.lowMs !== undefined && { sinceLowMs: since.lowMs }),
    ...(since && { sinceHighMs: since.highMs }),
    reopenedAtMs: reopenedAtMs.filter((atMs) => nowMs - atMs < FLAP_MS),
  };
}

/** Troubles of one symptom at one place are one that comes back. */
function troubleKey({ place, symptom }: Verdict): string {
  return `${symptom} ${placeKey(place)}`;
}

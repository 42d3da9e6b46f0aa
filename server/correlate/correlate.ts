import { finish, type Steps } from '../steps.ts';
import { faultSteps } from './finding.ts';
import { buildHypotheses, type HypothesisSpace, isBuiltOver } from './hypotheses.ts';
import { type Incident, recalled } from './incident.ts';
import { HOLD_MS, incidentSteps, othersOf } from './incidents.ts';
import { type IncidentsState, NO_INCIDENTS } from './incidents-state.ts';
import type { PathEvidence } from './path-evidence.ts';
import { NO_SHIFTS, type ShiftInput, type ShiftState, shiftSteps } from './shift/shift-pass.ts';
import type { CallCounts, MediaCounts } from './sight.ts';
import { type SilentPathsState, stepSilentPaths } from './silent-paths.ts';
import type { Verdict } from './verdict.ts';
import { type AnnalsState, annalSteps, NO_ANNALS, recallAnnals } from './verdict-annals.ts';
import type { VerdictEffect } from './verdict-effect.ts';

/** Memory of the correlate stage. Start with {@link NOTHING_CORRELATED}. */
export type CorrelateState = {
  readonly space: HypothesisSpace;
  readonly incidents: IncidentsState;
  readonly latency: ShiftState;
  readonly media: ShiftState;
  readonly silentPaths: SilentPathsState;
  /** Since when, and how often before. */
  readonly annals: AnnalsState;
};

/** Before the first pass. */
export const NOTHING_CORRELATED: CorrelateState = {
  space: buildHypotheses([]),
  incidents: NO_INCIDENTS,
  latency: NO_SHIFTS,
  media: NO_SHIFTS,
  silentPaths: new Map(),
  annals: NO_ANNALS,
};

/**
 * The state to start with after a restart of the hub.
 *
 * @param verdicts - as stored: open ones, and those cleared within a day. Open ones stand as they were until their paths give
 *   fresh figures, so the paths must be declared from the configuration, not only at a probe's hello; those inside their hold
 *   reopen under their ids.
 * @param nowMs - hub time of the start.
 */
export function recallVerdicts(verdicts: readonly Verdict[], nowMs = Number.NEGATIVE_INFINITY): CorrelateState {
  const open = verdicts.filter(({ clearedAtMs }) => clearedAtMs === undefined);
  const silent = open.filter(({ symptom }) => symptom === 'probe-blocked' || symptom === 'unmeasurable');
  const held = verdicts.filter(
    ({ clearedAtMs, mergedInto }) =>
      clearedAtMs !== undefined && mergedInto === undefined && nowMs - clearedAtMs < HOLD_MS,
  );
  const incidentsOf = (wanted: Verdict['symptom']): IncidentsState => ({
    ...NO_INCIDENTS,
    open: open.filter(({ symptom }) => symptom === wanted).map(recalled),
    held: held.filter(({ symptom }) => symptom === wanted),
  });
  return {
    ...NOTHING_CORRELATED,
    incidents: incidentsOf('loss'),
    latency: { ...NO_SHIFTS, incidents: incidentsOf('latency') },
    media: { ...NO_SHIFTS, incidents: incidentsOf('media') },
    silentPaths: new Map(silent.flatMap((verdict) => verdict.evidence.map(({ pathKey }) => [pathKey, verdict]))),
    annals: recallAnnals(verdicts),
  };
}

/** What one pass looks at: every path that is configured, also those without figures. */
export type CorrelateInput = {
  readonly paths: readonly PathEvidence[];
  readonly nowMs: number;
  /** Media counted one way: evidence of loss, and what tells its direction. */
  readonly mediaCounts?: MediaCounts;
  /** What became of calls at trunks. */
  readonly callCounts?: CallCounts;
  /** Round trips and media beside their baselines; absent: nothing is said of them. */
  readonly latency?: ShiftInput;
  readonly media?: ShiftInput;
  /** Least quiet before a verdict clears, milliseconds; 30 s when absent. */
  readonly minQuietMs?: number;
};

/** What one pass gives. `open` holds every open verdict as of now, whether or not it changed. */
export type Correlation = {
  readonly state: CorrelateState;
  readonly effects: readonly VerdictEffect[];
  readonly open: readonly Verdict[];
};

/** {@link correlateSteps} in one go. */
export function correlate(state: CorrelateState, input: CorrelateInput): Correlation {
  return finish(correlateSteps(state, input));
}

/**
 * One pass of correlation, in steps: whose fault, over all paths. Call it once a second, and at once when a path turns hard-down.
 *
 * @param input - `nowMs` is hub time and never steps back; a path left out counts as removed from the configuration.
 */
export function* correlateSteps(state: CorrelateState, input: CorrelateInput): Steps<Correlation> {
  const { callCounts, mediaCounts, minQuietMs, nowMs, paths } = input;
  const refs = paths.map(({ health }) => health.ref);
  const space = isBuiltOver(state.space, refs) ? state.space : buildHypotheses(refs);
  const { freshFromMs } = state.incidents;
  const sight = { nowMs, space, paths, freshFromMs, callCounts, mediaCounts, minQuietMs };
  yield;
  const loss = yield* incidentSteps(state.incidents, sight, yield* faultSteps(sight));
  yield;
  const latency = input.latency
    ? yield* shiftSteps(state.latency, sight, input.latency)
    : { state: state.latency, effects: [] };
  const media = input.media ? yield* shiftSteps(state.media, sight, input.media) : { state: state.media, effects: [] };
  yield;
  const silent = stepSilentPaths(state.silentPaths, paths, nowMs);
  const incidents = [loss.state, latency.state.incidents, media.state.incidents].flatMap(({ open }) => open);
  yield;
  const annals = yield* annalSteps(state.annals, {
    effects: [...loss.effects, ...latency.effects, ...media.effects, ...silent.effects],
    open: [...incidents.map(({ verdict }) => verdict), ...silent.state.values()],
    pathsOf: pathsByVerdict(loss.state.open, paths),
    nowMs,
  });
  return {
    state: {
      space,
      incidents: loss.state,
      latency: latency.state,
      media: media.state,
      silentPaths: silent.state,
      annals: annals.state,
    },
    effects: annals.effects,
    open: annals.open,
  };
}

/** Looks up the paths of a verdict's place that bore evidence; those that no other verdict accounts for, where there are any. */
function pathsByVerdict(open: readonly Incident[], paths: readonly PathEvidence[]) {
  let byKey: ReadonlyMap<string, PathEvidence> | undefined;
  const isOfOthers = othersOf(open);
  return ({ evidence, verdictId }: Verdict): readonly PathEvidence[] => {
    byKey ??= new Map(paths.map((path) => [path.health.ref.key, path]));
    const incident = open.find(({ verdict }) => verdict.verdictId === verdictId);
    const inside = incident?.insideKeys ?? evidence.map(({ pathKey }) => pathKey);
    const isOther = incident && isOfOthers(incident);
    const own = isOther ? inside.filter((key) => !isOther(key)) : inside;
    return (own.length > 0 ? own : inside).flatMap((key) => byKey?.get(key) ?? []);
  };
}

import { findFaults } from './finding.ts';
import { buildHypotheses, type HypothesisSpace, isBuiltOver } from './hypotheses.ts';
import { recalled } from './incident.ts';
import { step } from './incidents.ts';
import { type IncidentsState, NO_INCIDENTS } from './incidents-state.ts';
import type { PathEvidence } from './path-evidence.ts';
import type { MediaCounts } from './sight.ts';
import { type SilentPathsState, stepSilentPaths } from './silent-paths.ts';
import type { Verdict } from './verdict.ts';
import type { VerdictEffect } from './verdict-effect.ts';

/** Memory of the correlate stage. Start with {@link NOTHING_CORRELATED}. */
export type CorrelateState = {
  readonly space: HypothesisSpace;
  readonly incidents: IncidentsState;
  readonly silentPaths: SilentPathsState;
};

/** Before the first pass. */
export const NOTHING_CORRELATED: CorrelateState = {
  space: buildHypotheses([]),
  incidents: NO_INCIDENTS,
  silentPaths: new Map(),
};

/**
 * The state to start with after a restart of the hub.
 *
 * @param verdicts - as stored; those that were cleared are passed over. Verdicts stand as they were until their paths give
 *   fresh figures, so the paths must be declared from the configuration, not only at a probe's hello.
 */
export function recallVerdicts(verdicts: readonly Verdict[]): CorrelateState {
  const open = verdicts.filter(({ clearedAtMs }) => clearedAtMs === undefined);
  const silent = open.filter(({ symptom }) => symptom !== 'loss');
  return {
    ...NOTHING_CORRELATED,
    incidents: { ...NO_INCIDENTS, open: open.filter(({ symptom }) => symptom === 'loss').map(recalled) },
    silentPaths: new Map(silent.flatMap((verdict) => verdict.evidence.map(({ pathKey }) => [pathKey, verdict]))),
  };
}

/** What one pass looks at: every path that is configured, also those without figures. */
export type CorrelateInput = {
  readonly paths: readonly PathEvidence[];
  readonly nowMs: number;
  /** Media counted one way: what tells the direction of loss. */
  readonly mediaCounts?: MediaCounts;
  /** Least quiet before a verdict clears, milliseconds; 30 s when absent. */
  readonly minQuietMs?: number;
};

/** What one pass gives. `open` holds every open verdict as of now, whether or not it changed. */
export type Correlation = {
  readonly state: CorrelateState;
  readonly effects: readonly VerdictEffect[];
  readonly open: readonly Verdict[];
};

/**
 * One pass of correlation: whose fault, over all paths. Call it once a second, and at once when a path turns hard-down.
 *
 * @param input - `nowMs` is hub time and never steps back; a path left out counts as removed from the configuration.
 */
export function correlate(state: CorrelateState, input: CorrelateInput): Correlation {
  const { mediaCounts, minQuietMs, nowMs, paths } = input;
  const refs = paths.map(({ health }) => health.ref);
  const space = isBuiltOver(state.space, refs) ? state.space : buildHypotheses(refs);
  const { freshFromMs } = state.incidents;
  const sight = { nowMs, space, paths, freshFromMs, mediaCounts, minQuietMs };
  const loss = step(state.incidents, sight, findFaults(sight));
  const silent = stepSilentPaths(state.silentPaths, paths, nowMs);
  return {
    state: { space, incidents: loss.state, silentPaths: silent.state },
    effects: [...loss.effects, ...silent.effects],
    open: [...loss.state.open.map(({ verdict }) => verdict), ...silent.state.values()],
  };
}

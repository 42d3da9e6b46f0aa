import type { Steps } from '../../steps.ts';
import type { HypothesisSpace } from '../hypotheses.ts';
import { buildHypotheses, isBuiltOver } from '../hypotheses.ts';
import { incidentSteps } from '../incidents.ts';
import { type IncidentsState, NO_INCIDENTS } from '../incidents-state.ts';
import type { PathEvidence } from '../path-evidence.ts';
import type { Sight } from '../sight.ts';
import type { SymptomRules } from '../symptom-rules.ts';
import type { VerdictEffect } from '../verdict-effect.ts';
import { judgeShiftCalm } from './shift-calm.ts';
import { isShiftConfirmed, shiftFindingSteps } from './shift-finding.ts';
import { shiftVerdict } from './shift-verdict.ts';
import type { ShiftView } from './shift-view.ts';

/** Memory of one symptom. Start with {@link NO_SHIFTS}. */
export type ShiftState = {
  readonly incidents: IncidentsState;
  /** Places over the paths that have figures, where these are not those of loss. */
  readonly space: HypothesisSpace | undefined;
};

/** No trouble yet. */
export const NO_SHIFTS: ShiftState = { incidents: NO_INCIDENTS, space: undefined };

/** The figures of one symptom, and its own paths where they are others than those that loss is judged on. */
export type ShiftInput = { readonly view: ShiftView; readonly paths?: () => readonly PathEvidence[] };

/**
 * One pass over one symptom, in steps. While nothing is shifted and no verdict is open it costs nothing, however many paths there are.
 *
 * @param lossSight - what the pass looks at for loss.
 */
export function* shiftSteps(
  state: ShiftState,
  lossSight: Sight,
  { paths: ownPaths, view }: ShiftInput,
): Steps<{ readonly state: ShiftState; readonly effects: readonly VerdictEffect[] }> {
  const { candidates, freshFromMs, held, open } = state.incidents;
  const isAnyShifted = view.isAnyShifted(lossSight.nowMs);
  if (!isAnyShifted && open.length + held.length + candidates.length === 0) return { state, effects: [] };
  const sight = sightOf(state, { ...lossSight, freshFromMs }, ownPaths?.());
  const { nowMs, paths } = sight;
  yield;
  const says = paths.map((path) => view.says(path, nowMs));
  yield;
  const rules: SymptomRules = {
    symptom: view.symptom,
    isConfirmed: (_, finding, sinceMs) =>
      isShiftConfirmed(
        sight,
        finding,
        paths.map((path) => view.saysSince(path, sinceMs, nowMs)),
        sinceMs,
      ),
    calm: (trouble) => judgeShiftCalm(view, trouble, sight),
    verdict: (_, finding, frame) => shiftVerdict({ view, says }, sight, finding, frame),
  };
  const findings = isAnyShifted ? yield* shiftFindingSteps(sight, says) : [];
  const { effects, state: incidents } = yield* incidentSteps(state.incidents, sight, findings, rules);
  return { state: { incidents, space: ownPaths ? sight.space : undefined }, effects };
}

function sightOf(state: ShiftState, lossSight: Sight, paths: readonly PathEvidence[] | undefined): Sight {
  if (paths === undefined) return lossSight;
  const refs = paths.map(({ health }) => health.ref);
  const space = state.space && isBuiltOver(state.space, refs) ? state.space : buildHypotheses(refs);
  return { ...lossSight, paths, space };
}

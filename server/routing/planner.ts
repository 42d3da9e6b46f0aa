import { blastBudget, recentFlips } from './blast-budget.ts';
import { NO_CALLS } from './call-ledger.ts';
import { type PbxPlan, planPbx, type Scene } from './pbx-plan.ts';
import { EMPTY_PBX, entryOf, type PbxMemory, type PlannerMemory } from './planner-memory.ts';
import { NO_CONSTRAINTS } from './route-constraints.ts';
import { EMERGENCY_CLASS, type PbxRouteInput, type RouteInput } from './route-input.ts';
import type { FlipProposal, PlannedRoute } from './route-plan.ts';

/** Memory, routes and flips after one planning. */
export type PlanResult = {
  readonly memory: PlannerMemory;
  readonly routes: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
};

/** What a planning in steps looks at; PBXs are asked for one by one, so that each is planned from what is known by then. */
export type PlanStepsInput = Omit<RouteInput, 'pbxes' | 'healths'> & {
  readonly pbxes: Iterable<PbxRouteInput>;
  readonly healths: Pick<RouteInput['healths'], 'get'>;
  /** PBXs of the whole fleet, of which only a share may change at once. */
  readonly fleetSize: number;
};

/**
 * Plans the routes of the fleet: a pure function of memory, input and time.
 *
 * Memory of PBXs that are not in the input is kept. The version of a PBX's plan goes up by one in each planning that
 * changes any of its routes (in observe mode: any of its proposals), and never down; it starts above what was read back.
 */
export function plan(memory: PlannerMemory, input: RouteInput, nowMs: number): PlanResult {
  const steps = planSteps(memory, { ...input, fleetSize: input.pbxes.length }, nowMs);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** {@link plan}, with a pause after each PBX. */
export function* planSteps(
  memory: PlannerMemory,
  input: PlanStepsInput,
  nowMs: number,
): Generator<undefined, PlanResult> {
  const { calls = NO_CALLS, constraints = NO_CONSTRAINTS, fleetSize, healths, policy } = input;
  const recent = [...recentFlips(memory.recentFlips, policy, nowMs)];
  const scene: Scene = {
    healths,
    verdicts: input.verdicts.filter(
      ({ certainty, clearedAtMs, symptom }) =>
        clearedAtMs === undefined && symptom === 'loss' && certainty !== 'suspect',
    ),
    policy,
    calls,
    constraints,
    budget: blastBudget(recent, fleetSize, policy),
  };
  const pbxes: Record<string, PbxMemory> = { ...memory.pbxes };
  const routes: PlannedRoute[] = [];
  const flips: FlipProposal[] = [];
  for (const told of input.pbxes) {
    const { pbx } = told;
    const planned: PbxPlan = planPbx(entryOf(pbxes, pbx) ?? EMPTY_PBX, withoutEmergency(told), scene, nowMs);
    pbxes[pbx] = planned.memory;
    routes.push(...planned.routes);
    flips.push(...planned.flips);
    if (planned.isMoved) {
      recent.push({ pbx, atMs: nowMs });
      scene.budget.take(pbx);
    }
    yield;
  }
  return { memory: { format: memory.format, pbxes, recentFlips: recent }, routes, flips };
}

/** The emergency class has a static list of its own in the dialplan: no order of the hub ever touches it (safety rule 4). */
function withoutEmergency(pbx: PbxRouteInput): PbxRouteInput {
  const isTold = pbx.classes.some((order) => order.class === EMERGENCY_CLASS);
  return isTold ? { ...pbx, classes: pbx.classes.filter((order) => order.class !== EMERGENCY_CLASS) } : pbx;
}

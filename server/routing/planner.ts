import type { Verdict } from '../correlate/verdict.ts';
import { currentRoute, isFoundNewer, isInAsterisk } from './adopted-route.ts';
import { type BlastBudget, blastBudget, type RecentFlip, recentFlips } from './blast-budget.ts';
import { type CallReader, NO_CALLS } from './call-ledger.ts';
import { classTiers, type TrunkLook } from './class-tiers.ts';
import { edgeEvidence, trunkEvidence } from './edge-evidence.ts';
import { flipSentence } from './flip-sentence.ts';
import { isOwnSideTroubled } from './own-side.ts';
import { type ClassDecision, classMode, planClass } from './plan-class.ts';
import { EMPTY_PBX, entryOf, type PbxMemory, type PlannerMemory, type RouteMemory } from './planner-memory.ts';
import { NO_CONSTRAINTS, pinOf, type RouteConstraints } from './route-constraints.ts';
import { type ClassOrder, EMERGENCY_CLASS, type PbxRouteInput, type RouteInput } from './route-input.ts';
import type { FlipProposal, PlannedRoute } from './route-plan.ts';
import type { RoutePolicy } from './route-policy.ts';
import { adoptedHold, NO_HOLD, stepHold, type TrunkHold } from './trunk-hold.ts';
import { trunkScore } from './trunk-score.ts';
import { type TrunkTier, trunkTier } from './trunk-tier.ts';

/** Memory, routes and flips after one planning. */
export type PlanResult = {
  readonly memory: PlannerMemory;
  readonly routes: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
};

type PbxPlan = {
  readonly memory: PbxMemory;
  readonly routes: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
  /** Calls were moved, in enforce mode: it counts in the blast budget. */
  readonly isMoved: boolean;
};

type Scene = {
  readonly healths: Pick<RouteInput['healths'], 'get'>;
  readonly verdicts: readonly Verdict[];
  readonly policy: RoutePolicy;
  readonly calls: CallReader;
  readonly constraints: RouteConstraints;
  readonly budget: BlastBudget;
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
  const { calls = NO_CALLS, constraints = NO_CONSTRAINTS, fleetSize, policy } = input;
  const verdicts = input.verdicts.filter(({ clearedAtMs }) => clearedAtMs === undefined);
  const pbxes: Record<string, PbxMemory> = { ...memory.pbxes };
  const routes: PlannedRoute[] = [];
  const flips: FlipProposal[] = [];
  let recent: readonly RecentFlip[] = recentFlips(memory.recentFlips, policy, nowMs);
  let budget = blastBudget(recent, fleetSize, policy, nowMs);
  for (const told of input.pbxes) {
    const pbx = withoutEmergency(told);
    const scene = { healths: input.healths, verdicts, policy, calls, constraints, budget };
    const planned = planPbx(entryOf(pbxes, pbx.pbx) ?? EMPTY_PBX, pbx, scene, nowMs);
    pbxes[pbx.pbx] = planned.memory;
    routes.push(...planned.routes);
    flips.push(...planned.flips);
    if (planned.isMoved) {
      recent = [...recent, { pbx: pbx.pbx, atMs: nowMs }];
      budget = blastBudget(recent, fleetSize, policy, nowMs);
    }
    yield;
  }
  return { memory: { format: memory.format, pbxes, recentFlips: [...recent] }, routes, flips };
}

/** The emergency class has a static list of its own in the dialplan: no order of the hub ever touches it (safety rule 4). */
function withoutEmergency(pbx: PbxRouteInput): PbxRouteInput {
  const isTold = pbx.classes.some((order) => order.class === EMERGENCY_CLASS);
  return isTold ? { ...pbx, classes: pbx.classes.filter((order) => order.class !== EMERGENCY_CLASS) } : pbx;
}

function planPbx(memory: PbxMemory, input: PbxRouteInput, scene: Scene, nowMs: number): PbxPlan {
  const { holds, looks } = trunkLooks(memory, input, scene, nowMs);
  const { calls, constraints, policy } = scene;
  const isTroubled = isOwnSideTroubled(input, [...looks.values()], scene.verdicts);
  const ownSide = isTroubled ? { isTroubled, lastAtMs: nowMs } : memory.ownSide && { ...memory.ownSide, isTroubled };
  const decisions = input.classes.map((order) => {
    const known = entryOf(memory.routes, order.class);
    const before = { troubles: known?.troubles ?? {}, full: known?.full ?? [] };
    const ordered = known?.mode === 'enforce' ? known.current : undefined;
    const about = { pbx: input.pbx, order, looks, before, ordered, calls, constraints, policy };
    const spoiltUntilMs = ownSide?.lastAtMs;
    const { after, tiers } = classTiers({ ...about, isOwnSideTroubled: isTroubled, spoiltUntilMs }, nowMs);
    const decision = planClass(
      {
        pbx: input.pbx,
        order,
        modes: input.modes,
        readBack: input.readBack,
        memory: known,
        version: memory.version,
        tiers,
        providerOf: (trunk) => looks.get(trunk)?.of.provider,
        calls,
        pin: pinOf(constraints.pins, { pbx: input.pbx, site: input.site, class: order.class }, nowMs),
        policy,
        budget: scene.budget,
      },
      nowMs,
    );
    return { order, decision, tiers, after };
  });
  const found = Math.max(memory.version, ...(input.readBack ?? []).map(({ version }) => version ?? 0));
  const version = found + (decisions.some(({ decision }) => decision.isChanged) ? 1 : 0);
  const routes: Record<string, RouteMemory> = {};
  for (const { after, decision, order } of decisions) {
    routes[order.class] = {
      ...decision.memory,
      ...(Object.keys(after.troubles).length > 0 && { troubles: { ...after.troubles } }),
      ...(after.full.length > 0 && { full: [...after.full] }),
    };
  }
  const flips = decisions.flatMap(({ order, decision, tiers }) =>
    flip(input, order, decision, tiers, scene, version, nowMs),
  );
  return {
    memory: { version, holds, routes, ...(ownSide && { ownSide }) },
    routes: decisions.map(({ order, decision, tiers }) => plannedRoute(input, order, decision, tiers, version)),
    flips,
    isMoved: flips.some(({ mode }) => mode === 'enforce') || decisions.some(({ decision }) => decision.isShared),
  };
}

function trunkLooks(
  memory: PbxMemory,
  input: PbxRouteInput,
  { healths, verdicts, policy }: Scene,
  nowMs: number,
): { readonly holds: Record<string, TrunkHold>; readonly looks: ReadonlyMap<string, TrunkLook> } {
  const adopted = demotedWhenFound(memory, input);
  const holds: Record<string, TrunkHold> = {};
  const looks = new Map<string, TrunkLook>();
  for (const of of input.trunks) {
    const { pathKeys, provider, trunk } = of;
    const known = pathKeys.flatMap((key) => healths.get(key) ?? []);
    const evidence = trunkEvidence(pathKeys.map((key) => edgeEvidence(provider, healths.get(key), verdicts)));
    const remembered = entryOf(memory.holds, trunk) ?? NO_HOLD;
    const before = adopted.has(trunk) && remembered.phase === 'free' ? adoptedHold(nowMs) : remembered;
    const hold = stepHold(before, evidence, policy, nowMs);
    holds[trunk] = hold;
    const weighed = trunkScore({ healths: known, standing: undefined, usedRatio: undefined });
    const tier = { ...trunkTier(trunk, evidence, hold, policy, nowMs), ...weighed };
    looks.set(trunk, { of, evidence, tier, healths: known, isUnblemished: hold.strikes === 0 });
  }
  return { holds, looks };
}

/** Trunks that stand behind a later configured one in a route that was found, not ordered. One that it does not hold is new. */
function demotedWhenFound(memory: PbxMemory, input: PbxRouteInput): ReadonlySet<string> {
  const demoted = new Set<string>();
  for (const order of input.classes) {
    const mode = classMode(input.modes, order.class);
    const { version } = memory;
    const start = { order, mode, memory: entryOf(memory.routes, order.class), version, readBack: input.readBack };
    if (start.memory && !isFoundNewer(start)) continue;
    const written = input.readBack?.find((route) => route.class === order.class)?.trunks;
    const isWritten = (trunk: string) => !written || written.some((each) => each.trunk === trunk);
    const found = currentRoute(start).flatMap(({ trunk }) => (isWritten(trunk) ? [trunk] : []));
    for (const [at, trunk] of found.entries()) {
      const place = order.trunks.indexOf(trunk);
      if (found.slice(0, at).some((ahead) => order.trunks.indexOf(ahead) > place)) demoted.add(trunk);
    }
  }
  return demoted;
}

function plannedRoute(
  { pbx, modes, readBack }: PbxRouteInput,
  order: ClassOrder,
  decision: ClassDecision,
  tiers: ReadonlyMap<string, TrunkTier>,
  version: number,
): PlannedRoute {
  const { current, planned } = decision.memory;
  return {
    pbx,
    class: order.class,
    mode: classMode(modes, order.class),
    trunks: planned,
    current,
    configured: order.trunks,
    version,
    reason: decision.reason,
    perTrunk: planned.map(({ trunk }) => standing(trunk, tiers)),
    isChanged: decision.isChanged,
    isInAsterisk: isInAsterisk(current, order.class, readBack),
    isPanic: decision.isPanic,
    isWaiting: decision.isWaiting,
  };
}

function flip(
  { pbx }: PbxRouteInput,
  order: ClassOrder,
  decision: ClassDecision,
  tiers: ReadonlyMap<string, TrunkTier>,
  { verdicts }: Scene,
  version: number,
  nowMs: number,
): readonly FlipProposal[] {
  if (!decision.flip) return [];
  const from = standing(decision.flip.from, tiers);
  const to = standing(decision.flip.to, tiers);
  const { mode, planned } = decision.memory;
  const verdict = verdicts.find(({ verdictId }) => verdictId === from.verdictId);
  const told = { pbx, class: order.class, mode, from, to, verdict, isPanic: decision.isPanic };
  return [
    {
      pbx,
      class: order.class,
      mode,
      direction: order.trunks.indexOf(to.trunk) < order.trunks.indexOf(from.trunk) ? 'back' : 'away',
      fromTrunk: from.trunk,
      toTrunk: to.trunk,
      trunks: planned,
      version,
      verdictId: verdict?.verdictId,
      orderedBy: 'planner',
      atMs: nowMs,
      sentence: flipSentence({ ...told, orderedBy: 'planner' }),
    },
  ];
}

function standing(trunk: string, tiers: ReadonlyMap<string, TrunkTier>): TrunkTier {
  return tiers.get(trunk) ?? { trunk, tier: 'unknown', reason: 'not a trunk of this PBX', verdictId: undefined };
}

import type { Verdict } from '../correlate/verdict.ts';
import type { BlastBudget } from './blast-budget.ts';
import type { CallReader } from './call-ledger.ts';
import { type ClassTroubles, NO_TROUBLES } from './class-ground.ts';
import { type ClassTiers, classTiers, shownTiers } from './class-tiers.ts';
import { keptPbx, keptRoute } from './kept-memory.ts';
import { isOwnSideTroubled } from './own-side.ts';
import { type PbxCalls, pbxCalls } from './pbx-calls.ts';
import { planClass } from './plan-class.ts';
import { entryOf, type PbxMemory, type RouteMemory } from './planner-memory.ts';
import { type Maintenance, type Pin, pinOf, pinsAt, type RouteConstraints, restOf } from './route-constraints.ts';
import type { ClassOrder, PbxRouteInput, RouteInput } from './route-input.ts';
import type { FlipProposal, PlannedRoute } from './route-plan.ts';
import type { RoutePolicy } from './route-policy.ts';
import { type DecidedClass, plannedFlip, plannedRoute } from './route-report.ts';
import type { TrunkLook } from './trunk-look.ts';
import { trunkLooks } from './trunk-looks.ts';
import type { Tier, TrunkTier } from './trunk-tier.ts';

/** What all PBXs of one planning are planned with. */
export type Scene = {
  readonly healths: Pick<RouteInput['healths'], 'get'>;
  /** Open ones that may speak against a trunk. */
  readonly verdicts: readonly Verdict[];
  readonly policy: RoutePolicy;
  readonly calls: CallReader;
  readonly constraints: RouteConstraints;
  readonly budget: BlastBudget;
};

/** The plan of one PBX. */
export type PbxPlan = {
  readonly memory: PbxMemory;
  readonly routes: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
  /** Calls were moved, in enforce mode: it counts in the blast budget. */
  readonly isMoved: boolean;
};

/** What the classes of one PBX have in common. */
type Common = {
  readonly input: PbxRouteInput;
  readonly memory: PbxMemory;
  readonly scene: Scene;
  readonly looks: ReadonlyMap<string, TrunkLook>;
  readonly calls: PbxCalls;
  /** Pins that bear on this PBX. */
  readonly pins: readonly Pin[];
  /** The maintenance for which its routes rest. */
  readonly rest: Maintenance | undefined;
  readonly isOwnSideTroubled: boolean;
  readonly spoiltUntilMs: number | undefined;
  readonly shown: ReadonlyMap<string, TrunkTier>;
  /** No order, load, or media of calls speaks against a trunk of this PBX, nor does its own side: only calls may. */
  readonly isCalm: boolean;
};

/** Plans the routes of one PBX: looks at its trunks once, then decides class by class. */
export function planPbx(memory: PbxMemory, input: PbxRouteInput, scene: Scene, nowMs: number): PbxPlan {
  const { holds, looks } = trunkLooks(memory, input, scene, nowMs);
  const { maintenance, pins } = scene.constraints;
  const rest = maintenance.length === 0 ? undefined : restOf(maintenance, input, nowMs);
  const isTroubled = rest !== undefined || isOwnSideTroubled(input, looks.values(), scene.verdicts);
  const ownSide = isTroubled ? { isTroubled, lastAtMs: nowMs } : memory.ownSide && { ...memory.ownSide, isTroubled };
  const calls = pbxCalls(scene.calls, input.pbx, nowMs);
  const spoiltUntilMs = ownSide?.lastAtMs;
  const common: Common = {
    input,
    memory,
    scene,
    looks,
    calls,
    pins: pinsAt(pins, input),
    rest,
    isOwnSideTroubled: isTroubled,
    spoiltUntilMs,
    shown: shownTiers(looks, scene),
    isCalm: !isTroubled && isUndemanding(scene, input, calls, spoiltUntilMs, nowMs),
  };
  const decided = input.classes.map((order) => decide(order, common, nowMs));
  const found = Math.max(memory.version, ...(input.readBack ?? []).map(({ version }) => version ?? 0));
  const version = found + (decided.some(({ decision }) => decision.isChanged) ? 1 : 0);
  const routes: Record<string, RouteMemory> = {};
  for (const { memory: kept, order } of decided) routes[order.class] = kept;
  const flips: FlipProposal[] = [];
  for (const each of decided) {
    const flip = each.decision.flip && plannedFlip(input, each, scene, version, nowMs);
    if (flip) flips.push(flip);
  }
  return {
    memory: keptPbx(memory, { version, holds, routes, ...(ownSide && { ownSide }) }),
    routes: decided.map((each) => plannedRoute(input, each, version)),
    flips,
    isMoved: flips.some(({ mode }) => mode === 'enforce') || decided.some(({ decision }) => decision.isShared),
  };
}

function isUndemanding(
  { constraints: { limits, loads, maintenance }, policy }: Scene,
  { trunks }: PbxRouteInput,
  calls: PbxCalls,
  spoiltUntilMs: number | undefined,
  nowMs: number,
): boolean {
  if (loads.size > 0 || maintenance.length > 0 || limits?.size) return false;
  const windowFromMs = Math.max(nowMs - policy.calls.windowMs, spoiltUntilMs ?? 0);
  return trunks.every(({ trunk }) => calls.mosSince(trunk, windowFromMs) === undefined);
}

function decide(order: ClassOrder, common: Common, nowMs: number): DecidedClass & { readonly memory: RouteMemory } {
  const { calls, input, looks, memory, pins, rest, scene } = common;
  const known = entryOf(memory.routes, order.class);
  const latestAtMs = calls.latestAtMs(order.class);
  const { after, tiers } = tiersOf(order, known, latestAtMs, common, nowMs);
  const subject = { pbx: input.pbx, site: input.site, class: order.class };
  const decision = planClass(
    {
      pbx: input.pbx,
      order,
      modes: input.modes,
      readBack: input.readBack,
      memory: known,
      version: memory.version,
      tiers,
      tierOf: (trunk): Tier => tiers.get(trunk)?.tier ?? 'unknown',
      groundsOf: (trunk) => looks.get(trunk)?.of ?? { provider: undefined },
      calls,
      latestAtMs,
      pin: pins.length === 0 ? undefined : pinOf(pins, subject, nowMs),
      rest,
      policy: scene.policy,
      budget: scene.budget,
    },
    nowMs,
  );
  return { order, decision, tiers, memory: keptRoute(known, decision.memory, after) };
}

function tiersOf(
  order: ClassOrder,
  known: RouteMemory | undefined,
  latestAtMs: number | undefined,
  common: Common,
  nowMs: number,
): ClassTiers {
  const { calls, isCalm, looks, scene, shown, spoiltUntilMs } = common;
  const before: ClassTroubles = {
    troubles: known?.troubles ?? NO_TROUBLES.troubles,
    full: known?.full ?? NO_TROUBLES.full,
  };
  const isUntold = latestAtMs === undefined && known?.troubles === undefined && known?.full === undefined;
  if (isCalm && isUntold) return { tiers: shown, after: NO_TROUBLES };
  return classTiers(
    {
      order,
      looks,
      before,
      ordered: known?.mode === 'enforce' ? known.current : undefined,
      calls,
      latestAtMs,
      asrLowOf: new Map(),
      constraints: scene.constraints,
      isOwnSideTroubled: common.isOwnSideTroubled,
      spoiltUntilMs,
      policy: scene.policy,
    },
    nowMs,
  );
}

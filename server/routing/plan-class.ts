import type { Mode, PbxModes, ReadBackRoute, WeightedTrunk } from '../../wire/plan.ts';
import { currentRoute, isSameRoute, weighed } from './adopted-route.ts';
import type { BlastBudget } from './blast-budget.ts';
import type { RouteMemory } from './planner-memory.ts';
import type { ClassOrder } from './route-input.ts';
import type { RoutePolicy } from './route-policy.ts';
import { orderTrunks, type TrunkOrder } from './trunk-order.ts';
import type { Tier, TrunkTier } from './trunk-tier.ts';

/** Share of new calls that a half-open trunk takes where canaries are on. */
export const CANARY_WEIGHT = 5;

/** What one class of one PBX is planned from. */
export type ClassInput = {
  readonly pbx: string;
  readonly order: ClassOrder;
  readonly modes: PbxModes;
  readonly readBack: readonly ReadBackRoute[] | undefined;
  readonly memory: RouteMemory | undefined;
  /** Version of the PBX's plan so far. */
  readonly version: number;
  readonly tiers: ReadonlyMap<string, TrunkTier>;
  readonly policy: RoutePolicy;
  readonly budget: BlastBudget;
};

/** The decision for one class. */
export type ClassDecision = {
  readonly memory: RouteMemory;
  readonly reason: string;
  readonly isChanged: boolean;
  readonly isPanic: boolean;
  /** An enforced change of the first trunk is put off. */
  readonly isWaiting: boolean;
  /** First trunk before and after, when a flip is ordered (enforce) or newly proposed (observe). */
  readonly flip: { readonly from: string; readonly to: string } | undefined;
};

/** Routing mode of one class: its own where it has one, else the PBX's. */
export function classMode(modes: PbxModes, className: string): Mode {
  return modes.classes.find((each) => each.class === className)?.routing ?? modes.routing;
}

/**
 * Decides the route of one class. In observe mode the wanted order is only planned and `current` stays what Asterisk has; in
 * enforce mode `current` becomes the plan. With the global stop on nothing changes.
 */
export function planClass(input: ClassInput, nowMs: number): ClassDecision {
  const { order, memory, modes, tiers, policy, readBack } = input;
  const mode = classMode(modes, order.class);
  const current = currentRoute({ order, mode, memory, version: input.version, readBack });
  const isFirstSight = memory === undefined;
  const known: RouteMemory = memory ?? { current: [...current], planned: [...current], mode, isOwn: false };
  const tierOf = (trunk: string): Tier => tiers.get(trunk)?.tier ?? 'unknown';
  const wanted = orderTrunks({ configured: order.trunks, current: current.map(({ trunk }) => trunk), tierOf });
  if (modes.stopped) {
    return stopped({ ...known, current: [...current], planned: [...current] }, wanted.isPanic);
  }
  const trunks = weightedOrder(wanted, current, known.isOwn, policy, tierOf);
  const wait = mode === 'enforce' ? whyWait(input, current, trunks, nowMs) : undefined;
  const planned = wait === undefined ? trunks : current;
  const flip = flipOf(mode, current, planned, known);
  const isChanged = !isSameRoute(planned, known.planned) || (!isFirstSight && mode !== known.mode);
  const after: RouteMemory = {
    current: [...(mode === 'enforce' ? planned : current)],
    planned: [...planned],
    mode,
    isOwn: mode === 'enforce' && (known.isOwn || !isSameRoute(planned, current)),
    ...flippedAt(mode === 'enforce' && flip ? nowMs : known.flippedAtMs),
  };
  const reason = wait ?? routeReason(wanted, order.trunks, planned, tiers);
  return { memory: after, reason, isChanged, isPanic: wanted.isPanic, isWaiting: wait !== undefined, flip };
}

function stopped(memory: RouteMemory, isPanic: boolean): ClassDecision {
  const reason = 'Stopped by the global switch: nothing changes.';
  return { memory, reason, isChanged: false, isPanic, isWaiting: false, flip: undefined };
}

function flippedAt(flippedAtMs: number | undefined): { readonly flippedAtMs?: number } {
  return flippedAtMs === undefined ? {} : { flippedAtMs };
}

function weightedOrder(
  { trunks }: TrunkOrder,
  current: readonly WeightedTrunk[],
  isOwn: boolean,
  policy: RoutePolicy,
  tierOf: (trunk: string) => Tier,
): readonly WeightedTrunk[] {
  const canary = policy.isCanaryOn ? trunks.findIndex((trunk, at) => at > 0 && tierOf(trunk) === 'half-open') : -1;
  const isSameOrder = trunks.every((trunk, at) => current[at]?.trunk === trunk);
  if (isSameOrder && !isOwn && canary === -1) return current;
  return weighed(trunks).map((each, at) => (at === canary ? { ...each, weight: CANARY_WEIGHT } : each));
}

/** Why an enforced change of the first trunk must wait. A move off a hard-down trunk never does. */
function whyWait(
  { pbx, memory, tiers, policy, budget }: ClassInput,
  current: readonly WeightedTrunk[],
  wanted: readonly WeightedTrunk[],
  nowMs: number,
): string | undefined {
  const from = current[0]?.trunk ?? '';
  const to = wanted[0]?.trunk ?? '';
  if (from === to || tiers.get(from)?.tier === 'hard-down') return undefined;
  const flippedAtMs = memory?.flippedAtMs;
  if (flippedAtMs !== undefined && nowMs - flippedAtMs < policy.minDwellMs) {
    const leftS = Math.ceil((flippedAtMs + policy.minDwellMs - nowMs) / 1000);
    return `Waits: ${to} should lead instead of ${from}, but the route changed lately (${leftS} s left).`;
  }
  if (!budget.isOpenTo(pbx)) {
    return `Waits: ${to} should lead instead of ${from}, but ${budget.limit} PBXs changed within the last minute already.`;
  }
  return undefined;
}

function flipOf(
  mode: Mode,
  current: readonly WeightedTrunk[],
  planned: readonly WeightedTrunk[],
  known: RouteMemory,
): ClassDecision['flip'] {
  const from = current[0]?.trunk ?? '';
  const to = planned[0]?.trunk ?? '';
  if (from === to) return undefined;
  const wasProposed = mode === 'observe' && known.mode === 'observe' && known.planned[0]?.trunk === to;
  return wasProposed ? undefined : { from, to };
}

function routeReason(
  { isPanic, isWithoutRefuge }: TrunkOrder,
  configured: readonly string[],
  planned: readonly WeightedTrunk[],
  tiers: ReadonlyMap<string, TrunkTier>,
): string {
  const first = planned[0]?.trunk ?? '';
  if (isPanic) return `PANIC: no trunk is left that is not bad; ${first} leads as the least bad.`;
  if (isWithoutRefuge) {
    return `${first} leads: degraded trunks keep their place, for no trunk with good evidence would lead instead.`;
  }
  const isAsConfigured = planned.every(({ trunk }, at) => configured[at] === trunk);
  if (isAsConfigured) return `${first} leads, as configured.`;
  const passed = configured.slice(0, configured.indexOf(first));
  const grounds = passed.map((trunk) => `${trunk} is ${tiers.get(trunk)?.tier ?? 'unknown'}`).join(', ');
  return grounds === ''
    ? `${first} leads, as configured; others stand in another order.`
    : `${first} leads: ${grounds}.`;
}

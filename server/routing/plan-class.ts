import type { Mode, PbxModes, ReadBackRoute, WeightedTrunk } from '../../wire/plan.ts';
import { currentRoute, isSameRoute } from './adopted-route.ts';
import type { BlastBudget } from './blast-budget.ts';
import type { CallReader } from './call-ledger.ts';
import { callShares, muchShared, newlyShared, ratios, type ShareInput, withoutShares } from './call-shares.ts';
import type { RouteMemory } from './planner-memory.ts';
import { type Ramp, type RampStep, stepRamp } from './ramp.ts';
import type { Pin } from './route-constraints.ts';
import type { ClassOrder } from './route-input.ts';
import type { RoutePolicy } from './route-policy.ts';
import { orderTrunks, type TrunkOrder } from './trunk-order.ts';
import { diverseFallback, preferredOrder } from './trunk-preference.ts';
import { BAD_TIERS, type Tier, type TrunkTier } from './trunk-tier.ts';

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
  readonly providerOf: (trunk: string) => string | undefined;
  readonly calls: CallReader;
  /** The trunk that a person wants to lead. */
  readonly pin: Pin | undefined;
  readonly policy: RoutePolicy;
  readonly budget: BlastBudget;
};

/** The decision for one class. */
export type ClassDecision = {
  readonly memory: RouteMemory;
  readonly reason: string;
  readonly isChanged: boolean;
  readonly isPanic: boolean;
  /** An enforced change of the first trunk, or of shares, is put off. */
  readonly isWaiting: boolean;
  /** First trunk before and after, when a flip is ordered (enforce) or newly proposed (observe). */
  readonly flip: { readonly from: string; readonly to: string } | undefined;
  /** An enforced change gives calls to a trunk that had none, or many more: it counts in the blast budget as a flip does. */
  readonly isShared: boolean;
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
  const { order, memory, modes, pin, readBack, tiers } = input;
  const mode = classMode(modes, order.class);
  const current = currentRoute({ order, mode, memory, version: input.version, readBack });
  const isFirstSight = memory === undefined;
  const known: RouteMemory = memory ?? { current: [...current], planned: [...current], mode, isOwn: false };
  const pinned = pinnedTrunk(input);
  const wanted = wantedOrder(input, current, pinned);
  if (modes.stopped) {
    return stopped({ ...known, current: [...current], planned: [...current] }, wanted.isPanic);
  }
  const comeBack = mode === 'enforce' ? comingBack(input, { ...wanted, pinned }, current, nowMs) : undefined;
  const trunks = shared(input, comeBack?.trunks ?? wanted.trunks, {
    current,
    isOwn: known.isOwn,
    guest: comeBack?.guest,
    isPinned: pinned !== undefined && wanted.trunks[0] === pinned,
  });
  const wait = mode === 'enforce' ? whyWait(input, current, trunks, nowMs) : undefined;
  const planned = wait === undefined ? trunks : withoutShares(current, (trunk) => isLeftAtOnce(tiers.get(trunk)));
  const flip = flipOf(mode, current, planned, known);
  const isChanged = !isSameRoute(planned, known.planned) || (!isFirstSight && mode !== known.mode);
  const ramp = wait === undefined ? comeBack?.guest.ramp : known.ramp;
  const flippedAtMs = mode === 'enforce' && flip ? nowMs : known.flippedAtMs;
  const after: RouteMemory = {
    current: [...(mode === 'enforce' ? planned : current)],
    planned: [...planned],
    mode,
    isOwn: mode === 'enforce' && (known.isOwn || !isSameRoute(planned, current)),
    ...(flippedAtMs !== undefined && { flippedAtMs }),
    ...(ramp && { ramp }),
    ...(pin && pinned === undefined && order.trunks.includes(pin.trunk) && { pinAside: pin.trunk }),
  };
  const reason = wait ?? routeReason(input, wanted, planned, comeBack?.guest);
  const isShared = mode === 'enforce' && movedShares(input, planned, current).length > 0;
  return { memory: after, reason, isChanged, isPanic: wanted.isPanic, isWaiting: wait !== undefined, flip, isShared };
}

/** The order by health, preference and pin, before anything is put off. */
function wantedOrder(input: ClassInput, current: readonly WeightedTrunk[], pinned: string | undefined): TrunkOrder {
  const { order, policy, providerOf, tiers } = input;
  const tierOf = (trunk: string): Tier => tiers.get(trunk)?.tier ?? 'unknown';
  const wanted = orderTrunks({
    configured: preferredOrder(order),
    current: current.map(({ trunk }) => trunk),
    tierOf,
    scoreOf: (trunk) => tiers.get(trunk)?.score ?? 1,
    scoreMargin: policy.scoreMargin,
  });
  const led = pinned === undefined ? wanted.trunks : [pinned, ...wanted.trunks.filter((trunk) => trunk !== pinned)];
  const trunks = order.isFallbackDiverse
    ? diverseFallback(led, providerOf, (trunk) => tierOf(trunk) === 'usable')
    : led;
  return { ...wanted, trunks };
}

/**
 * The trunk that a pin makes lead. It holds against verdicts and calls, and not against a trunk that is hard-down; one that was waits
 * until its hold is over, so that a pin does not flap with its trunk.
 */
function pinnedTrunk({ memory, order, pin, tiers }: ClassInput): string | undefined {
  if (!pin || !order.trunks.includes(pin.trunk)) return undefined;
  const tier = tiers.get(pin.trunk)?.tier ?? 'unknown';
  const isHeldAside = memory?.pinAside === pin.trunk && !['usable', 'shedding', 'half-open'].includes(tier);
  return tier === 'hard-down' || isHeldAside ? undefined : pin.trunk;
}

type Guest = { readonly trunk: string; readonly percent: number; readonly ramp?: Ramp; readonly clause: string };

/**
 * A trunk that should lead instead of one that is not bad comes back by growing shares, and meanwhile stands second. One that
 * only calls can tell of is given the first share, if it stands before the leader in the configuration or has a share there.
 */
function comingBack(
  input: ClassInput,
  { pinned, trunks }: TrunkOrder & { readonly pinned: string | undefined },
  current: readonly WeightedTrunk[],
  nowMs: number,
): { readonly trunks: readonly string[]; readonly guest: Guest } | undefined {
  const { calls, memory, order, pbx, policy, tiers } = input;
  if (!policy.isCanaryOn || (pinned !== undefined && trunks[0] === pinned)) return undefined;
  const tierOf = (trunk: string): Tier => tiers.get(trunk)?.tier ?? 'unknown';
  const from = current[0]?.trunk ?? '';
  const to = trunks[0] ?? '';
  if (from === to) {
    const preferred = preferredOrder(order);
    const [percent] = policy.canary.sharePercents;
    const trunk = preferred.find((each, at) => {
      const isAhead = at < preferred.indexOf(from);
      return each !== from && (isAhead || lacksShare(each, input, current)) && tiers.get(each)?.isTriedByCalls;
    });
    if (trunk === undefined || percent === undefined || BAD_TIERS.has(tierOf(from))) return undefined;
    return { trunks, guest: { trunk, percent, clause: `${trunk} takes ${percent} % of the calls, to know it by` } };
  }
  if (BAD_TIERS.has(tierOf(from)) || tierOf(to) !== 'usable') return undefined;
  const recent = calls.recent(pbx, to, order.class);
  const latestAtMs = calls.latestAtMs(pbx, order.class);
  const step: RampStep = stepRamp({ ramp: memory?.ramp, trunk: to, calls: recent, latestAtMs }, policy, nowMs);
  if (step.kind === 'lead') return undefined;
  const { clause, percent, ramp } = step;
  return { trunks: [from, ...trunks.filter((trunk) => trunk !== from)], guest: { trunk: to, percent, ramp, clause } };
}

/** It has a share in the configuration, and fewer calls by now than a first step gives. */
function lacksShare(trunk: string, { order, policy }: ClassInput, current: readonly WeightedTrunk[]): boolean {
  const [percent = 0] = policy.canary.sharePercents;
  return (order.weights?.get(trunk) ?? 0) > 0 && (ratios(current).get(trunk) ?? 0) * 100 < percent;
}

function shared(
  { order, tiers }: ClassInput,
  trunks: readonly string[],
  rest: Pick<ShareInput, 'current' | 'guest' | 'isOwn' | 'isPinned'>,
): readonly WeightedTrunk[] {
  const tierOf = (trunk: string): Tier => tiers.get(trunk)?.tier ?? 'unknown';
  return callShares({ ...rest, trunks, configured: order.trunks, weights: order.weights, tierOf });
}

function stopped(memory: RouteMemory, isPanic: boolean): ClassDecision {
  const reason = 'Stopped by the global switch: nothing changes.';
  return { memory, reason, isChanged: false, isPanic, isWaiting: false, flip: undefined, isShared: false };
}

/** Trunks that calls leave without waiting: hard-down, or in maintenance because a person said so. */
function isLeftAtOnce(standing: TrunkTier | undefined): boolean {
  return standing?.tier === 'hard-down' || standing?.tier === 'maintenance';
}

/** Trunks whose shares grow so that the change counts as a move of calls. */
function movedShares(
  { tiers }: Pick<ClassInput, 'tiers'>,
  planned: readonly WeightedTrunk[],
  current: readonly WeightedTrunk[],
): readonly string[] {
  const much = muchShared(planned, current, (trunk) => isLeftAtOnce(tiers.get(trunk)));
  return [...newlyShared(planned, current), ...much];
}

/**
 * Why an enforced change of the first trunk, a first share for another, or a much larger one, must wait. A move off a hard-down trunk
 * never does, nor what a person ordered.
 */
function whyWait(
  { pbx, memory, pin, tiers, policy, budget }: ClassInput,
  current: readonly WeightedTrunk[],
  wanted: readonly WeightedTrunk[],
  nowMs: number,
): string | undefined {
  const from = current[0]?.trunk ?? '';
  const to = wanted[0]?.trunk ?? '';
  if (isLeftAtOnce(tiers.get(from)) || (pin?.trunk === to && from !== to)) return undefined;
  const [first] = movedShares({ tiers }, wanted, current);
  if (from === to && first === undefined) return undefined;
  const isFirst = current.some(({ trunk, weight }) => trunk === first && weight === 0);
  const share = isFirst ? 'a share' : 'a larger share';
  const what = from === to ? `${first} should take ${share}` : `${to} should lead instead of ${from}`;
  const flippedAtMs = memory?.flippedAtMs;
  if (from !== to && flippedAtMs !== undefined && nowMs - flippedAtMs < policy.minDwellMs) {
    const leftS = Math.ceil((flippedAtMs + policy.minDwellMs - nowMs) / 1000);
    return `Waits: ${what}, but the route changed lately (${leftS} s left).`;
  }
  if (!budget.isOpenTo(pbx)) {
    return `Waits: ${what}, but ${budget.limit} PBXs changed within the last minute already.`;
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
  { order, pin, tiers }: ClassInput,
  { isPanic, isWithoutRefuge }: TrunkOrder,
  planned: readonly WeightedTrunk[],
  guest: Guest | undefined,
): string {
  const first = planned[0]?.trunk ?? '';
  const more = guest ? ` ${guest.clause}.` : shedding(planned, tiers);
  if (pin?.trunk === first)
    return `${first} leads: pinned by ${pin.actor}, ${pin.reason}.${isPanic ? ' PANIC: no trunk is left that is not bad.' : ''}`;
  if (isPanic) return `PANIC: no trunk is left that is not bad; ${first} leads as the least bad.`;
  if (isWithoutRefuge) {
    return `${first} leads: degraded trunks keep their place, for no trunk with good evidence would lead instead.`;
  }
  const configured = preferredOrder(order);
  const isAsConfigured = planned.every(({ trunk }, at) => configured[at] === trunk);
  if (isAsConfigured) return `${first} leads, as configured.${more}`;
  const passed = configured.slice(0, configured.indexOf(first)).filter((trunk) => trunk !== guest?.trunk);
  const grounds = passed.map((trunk) => `${trunk} is ${tiers.get(trunk)?.tier ?? 'unknown'}`).join(', ');
  if (grounds !== '') return `${first} leads: ${grounds}.${more}`;
  return guest ? `${first} leads yet:${more}` : `${first} leads, as configured; others stand in another order.${more}`;
}

/** What a first trunk that sheds gives away, as a sentence; empty where nothing. */
function shedding(planned: readonly WeightedTrunk[], tiers: ReadonlyMap<string, TrunkTier>): string {
  const [first, ...rest] = planned;
  const other = rest.find(({ weight }) => weight > 0);
  if (!first || !other || tiers.get(first.trunk)?.tier !== 'shedding') return '';
  const total = planned.reduce((sum, { weight }) => sum + weight, 0);
  return ` It is shedding: ${Math.round((100 * (total - first.weight)) / total)} % of its calls go elsewhere.`;
}

import type { WeightedTrunk } from '../../wire/plan.ts';
import type { PathHealth } from '../paths/path-health.ts';
import type { CallReader } from './call-ledger.ts';
import { type CallStanding, shareOf } from './call-standing.ts';
import { type CallTrouble, stepTrouble, type TroubleStep } from './call-trouble.ts';
import type { Evidence } from './edge-evidence.ts';
import { entryOf } from './planner-memory.ts';
import { rememberedEffect } from './remembered-trouble.ts';
import { maintenanceOf, type RouteConstraints, usedRatio } from './route-constraints.ts';
import type { ClassOrder, PbxTrunk } from './route-input.ts';
import type { RoutePolicy } from './route-policy.ts';
import { fullTrunks } from './trunk-room.ts';
import { trunkScore } from './trunk-score.ts';
import type { Tier, TrunkTier } from './trunk-tier.ts';

/** A trunk at one PBX as its probes show it, whatever the class. */
export type TrunkLook = {
  readonly of: PbxTrunk;
  readonly evidence: Evidence;
  /** With the score that its paths alone give it. */
  readonly tier: TrunkTier;
  readonly healths: readonly PathHealth[];
  /** It was never in trouble here. */
  readonly isUnblemished: boolean;
};

/** Memory of one class that its tiers rest on, by trunk. */
export type ClassTroubles = {
  readonly troubles: Readonly<Record<string, CallTrouble>>;
  /** Trunks that were full and do not have room again. */
  readonly full: readonly string[];
};

/** What the tiers of one class are made of. */
export type ClassGround = {
  readonly pbx: string;
  readonly order: ClassOrder;
  readonly looks: ReadonlyMap<string, TrunkLook>;
  readonly before: ClassTroubles;
  /** The route that Asterisk was given; undefined where nothing is ordered. */
  readonly ordered: readonly WeightedTrunk[] | undefined;
  readonly calls: CallReader;
  readonly constraints: RouteConstraints;
  /** This PBX's own side is in trouble now: its calls say nothing about its trunks. */
  readonly isOwnSideTroubled: boolean;
  readonly spoiltUntilMs: number | undefined;
  readonly policy: RoutePolicy;
};

/** The tiers of one class with the memory to keep. */
export type ClassTiers = { readonly tiers: ReadonlyMap<string, TrunkTier>; readonly after: ClassTroubles };

/**
 * Tells the tier of each trunk of a class: what the probes show, made worse by what the calls of this class met, by a maintenance,
 * or by a lack of room. Calls never make a trunk better than its probes do, but for one that never answers a probe and was never in
 * trouble: for that one calls are the only evidence there is.
 */
export function classTiers(ground: ClassGround, nowMs: number): ClassTiers {
  const tiers = new Map<string, TrunkTier>();
  const troubles: Record<string, CallTrouble> = {};
  const { maintenance, loads } = ground.constraints;
  const { order, ordered } = ground;
  const room = { trunks: order.trunks, loads, wereFull: ground.before.full, ordered, weights: order.weights };
  const full = fullTrunks(room, ground.policy);
  for (const trunk of order.trunks) {
    const look = ground.looks.get(trunk);
    if (!look) continue;
    const { standing, tier, trouble } = byCalls(look, ground, nowMs);
    if (trouble) troubles[trunk] = trouble;
    const used = loads.size === 0 ? undefined : usedRatio(loads.get(trunk));
    const roomy = used !== undefined && full.includes(trunk) ? short(tier, used) : tier;
    const shown = maintenance.length === 0 ? roomy : inMaintenance(roomy, look, maintenance, nowMs);
    const isWeighed = standing === undefined && used === undefined;
    tiers.set(
      trunk,
      isWeighed ? shown : { ...shown, ...trunkScore({ healths: look.healths, standing, usedRatio: used }) },
    );
  }
  return { tiers, after: { troubles, full } };
}

/** Of what the probes show and what the calls show the worse counts. */
const SEVERITY: Readonly<Record<Tier, number>> = {
  usable: 0,
  shedding: 1,
  'half-open': 2,
  held: 3,
  unknown: 3,
  degraded: 4,
  maintenance: 5,
  'hard-down': 6,
};

type ByCalls = {
  readonly tier: TrunkTier;
  readonly standing: CallStanding | undefined;
  readonly trouble: CallTrouble | undefined;
};

function byCalls(look: TrunkLook, ground: ClassGround, nowMs: number): ByCalls {
  const { calls, order, pbx, policy, spoiltUntilMs } = ground;
  const { trunk } = look.of;
  const before = entryOf(ground.before.troubles, trunk);
  if (ground.isOwnSideTroubled) {
    const remembered = before && rememberedEffect(before, nowMs);
    return { tier: worsened(look.tier, remembered), standing: undefined, trouble: before };
  }
  const recent = calls.recent(pbx, trunk, order.class);
  const windowFromMs = Math.max(nowMs - policy.calls.windowMs, spoiltUntilMs ?? 0);
  if (recent.length === 0 && !before && calls.mosSince?.(pbx, trunk, windowFromMs, nowMs) === undefined) {
    return { tier: unmeasured(look, undefined, policy), standing: undefined, trouble: undefined };
  }
  const latestAtMs = calls.latestAtMs(pbx, order.class);
  const mosSince = (sinceMs: number) => calls.mosSince?.(pbx, trunk, sinceMs, nowMs);
  const otherAsrLow = () => bestOtherAsr(ground, trunk, nowMs);
  const step = stepTrouble(before, { calls: recent, latestAtMs, otherAsrLow, mosSince, spoiltUntilMs }, policy, nowMs);
  const { effect, standing, trouble } = step;
  if (!effect) return { tier: unmeasured(look, standing, policy), standing, trouble };
  const tier = worsened(look.tier, effect);
  const isUntold = tier.tier === 'half-open' || (tier.tier === 'shedding' && standing.stage === 'unknown');
  const isTriedByCalls = isUntold && tier !== look.tier;
  return { tier: isTriedByCalls ? { ...tier, isTriedByCalls } : tier, standing, trouble };
}

/** The tier that the probes give, made worse by what calls say; the very same where they say nothing worse. */
function worsened(shown: TrunkTier, effect: TroubleStep['effect']): TrunkTier {
  if (!effect || SEVERITY[effect.tier] <= SEVERITY[shown.tier]) return shown;
  const reason = `${shown.trunk} ${effect.tier}: ${effect.clause}; its probes: ${shown.reason}`;
  return { ...shown, tier: effect.tier, reason };
}

/** A trunk that never answered a probe is tried with calls, a few at first. */
function unmeasured(look: TrunkLook, standing: CallStanding | undefined, policy: RoutePolicy): TrunkTier {
  const { evidence, isUnblemished, tier } = look;
  const isOpen = evidence.kind === 'unknown' && evidence.isNeverAnswered === true && isUnblemished;
  if (!isOpen) return tier;
  const n = standing?.effective ?? 0;
  const isProven = standing?.stage === 'fine' && n >= policy.canary.calls;
  const clause = isProven
    ? `its calls go through (${n} of late)`
    : `${n} of ${policy.canary.calls} calls to know it by`;
  const reason = `${tier.reason}; ${clause}`;
  return isProven ? { ...tier, tier: 'usable', reason } : { ...tier, tier: 'half-open', reason, isTriedByCalls: true };
}

/** The best proven share of answered calls among the other trunks of the class that have calls enough. */
function bestOtherAsr({ calls, order, pbx, policy }: ClassGround, but: string, nowMs: number): number | undefined {
  const lows = order.trunks.flatMap((trunk) => {
    if (trunk === but) return [];
    const recent = calls.recent(pbx, trunk, order.class).filter(({ atMs }) => nowMs - atMs < policy.calls.windowMs);
    return recent.length === 0 ? [] : [shareOf(recent, ({ isAnswered }) => isAnswered).low];
  });
  return lows.length === 0 ? undefined : Math.max(...lows);
}

function short(tier: TrunkTier, used: number): TrunkTier {
  if (tier.tier !== 'usable') return tier;
  return { ...tier, tier: 'shedding', reason: `${tier.trunk} is ${Math.round(used * 100)} % full; ${tier.reason}` };
}

function inMaintenance(
  tier: TrunkTier,
  { of }: TrunkLook,
  maintenance: RouteConstraints['maintenance'],
  nowMs: number,
): TrunkTier {
  const found = tier.tier === 'hard-down' ? undefined : maintenanceOf(maintenance, of, nowMs);
  if (!found) return tier;
  return { ...tier, tier: 'maintenance', reason: `in maintenance by ${found.actor}: ${found.reason}; ${tier.reason}` };
}

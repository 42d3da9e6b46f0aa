import type { CallTrouble } from './call-trouble.ts';
import { byCalls, untried } from './class-calls.ts';
import type { ClassGround, ClassTroubles } from './class-ground.ts';
import { entryOf } from './planner-memory.ts';
import { maintenanceOf, type RouteConstraints, type TrunkLimit, usedRatio } from './route-constraints.ts';
import type { TrunkLook } from './trunk-look.ts';
import { fullTrunks } from './trunk-room.ts';
import { type TrunkScore, trunkScore } from './trunk-score.ts';
import { isWorse, type TrunkTier } from './trunk-tier.ts';

/** The tiers of one class with the memory to keep: the very same as before where nothing of it changed. */
export type ClassTiers = { readonly tiers: ReadonlyMap<string, TrunkTier>; readonly after: ClassTroubles };

/** Tiers of trunks by what their probes show alone: those of a class of which no call, order or load is known. */
export function shownTiers(
  looks: ReadonlyMap<string, TrunkLook>,
  ground: Pick<ClassGround, 'policy'>,
): ReadonlyMap<string, TrunkTier> {
  const tiers = new Map<string, TrunkTier>();
  for (const [trunk, look] of looks) tiers.set(trunk, untried(look, ground));
  return tiers;
}

/**
 * Tells the tier of each trunk of a class: what the probes show, made worse by what the calls of this class met, by a maintenance,
 * or by a lack of room.
 */
export function classTiers(ground: ClassGround, nowMs: number): ClassTiers {
  const tiers = new Map<string, TrunkTier>();
  const troubles: Record<string, CallTrouble> = {};
  const { before, order, ordered } = ground;
  const { limits, maintenance, loads } = ground.constraints;
  const room = { trunks: order.trunks, loads, limits, wereFull: before.full, ordered, weights: order.weights };
  const full = fullTrunks(room, ground.policy);
  let [isSame, count] = [true, 0];
  for (const trunk of order.trunks) {
    const look = ground.looks.get(trunk);
    if (!look) continue;
    const known = entryOf(before.troubles, trunk);
    const { standing, tier, trouble } = byCalls(look, known, ground, nowMs);
    if (trouble !== known) isSame = false;
    if (trouble) {
      troubles[trunk] = trouble;
      count += 1;
    }
    const used = loads.size === 0 ? undefined : usedRatio(loads.get(trunk));
    const roomy = full.includes(trunk) ? short(tier, used, limits?.get(trunk)) : tier;
    const shown = maintenance.length === 0 ? roomy : inMaintenance(roomy, look, maintenance, nowMs);
    const isWeighed = standing === undefined && used === undefined;
    tiers.set(
      trunk,
      isWeighed ? shown : scored(shown, trunkScore({ healths: look.healths, standing, usedRatio: used })),
    );
  }
  const isKept = isSame && count === Object.keys(before.troubles).length && full.join() === before.full.join();
  return { tiers, after: isKept ? before : { troubles, full } };
}

function scored({ isTriedByCalls, reason, tier, trunk, verdictId }: TrunkTier, by: TrunkScore): TrunkTier {
  const { factors, score } = by;
  const told = { trunk, tier, reason, verdictId, score, factors };
  return isTriedByCalls ? { ...told, isTriedByCalls } : told;
}

/** A full trunk sheds; one whose limit is used up gives its calls away, as far as another may take them. */
function short(tier: TrunkTier, used: number | undefined, limit: TrunkLimit | undefined): TrunkTier {
  if (limit && limit.usedRatio >= 1) {
    if (!isWorse('degraded', tier.tier)) return tier;
    return { ...tier, tier: 'degraded', reason: `${limit.name} is used up; ${tier.reason}` };
  }
  if (tier.tier !== 'usable') return tier;
  const isLoad = limit === undefined || (used ?? 0) > limit.usedRatio;
  const percent = Math.round((isLoad ? (used ?? 0) : limit.usedRatio) * 100);
  const what = isLoad ? `${tier.trunk} is ${percent} % full` : `${percent} % of ${limit.name} is used`;
  return { ...tier, tier: 'shedding', reason: `${what}; ${tier.reason}` };
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

import type { WeightedTrunk } from '../../wire/plan.ts';
import { FIRST_WEIGHT } from './adopted-route.ts';
import { type TrunkLimit, type TrunkLoad, usedRatio } from './route-constraints.ts';
import type { RoutePolicy } from './route-policy.ts';
import { limitStage } from './trunk-limits.ts';

const NONE: readonly string[] = [];

/** What the room of a class's trunks is told from. */
export type RoomGround = {
  readonly trunks: readonly string[];
  readonly loads: ReadonlyMap<string, TrunkLoad>;
  readonly limits?: ReadonlyMap<string, TrunkLimit> | undefined;
  /** Trunks that were full, or near a limit, until now. */
  readonly wereFull: readonly string[];
  /** The route as ordered; undefined where nothing is. */
  readonly ordered: readonly WeightedTrunk[] | undefined;
  /** Shares when all is well; absent: all calls to the first. */
  readonly weights: ReadonlyMap<string, number> | undefined;
};

/**
 * Trunks of a class that are full: from `fullRatio` of what they may carry on, until they would be below `roomRatio` with all of their calls.
 *
 * A first trunk that sheds is emptier for it, so what would come back is reckoned in: its use divided by the part of its share that it is given.
 * One behind it that became full stays so while the first one is, for it may be full of the first one's calls. So is one whose limit is near or
 * used up: what is spent comes back only when the limit begins anew.
 */
export function fullTrunks(ground: RoomGround, policy: RoutePolicy): readonly string[] {
  const { limits, loads, ordered, trunks, wereFull } = ground;
  if (loads.size === 0 && !limits?.size) return NONE;
  const leader = ordered?.[0]?.trunk;
  const isFull = (trunk: string): boolean => {
    if (limitStage(limits?.get(trunk), wereFull.includes(trunk), policy) !== 'room') return true;
    const used = usedRatio(loads.get(trunk));
    if (used === undefined) return false;
    if (!wereFull.includes(trunk)) return used >= policy.fullRatio;
    if (trunk === leader) return used / givenRatio(trunk, ground) >= policy.roomRatio;
    return used >= policy.roomRatio || (leader !== undefined && isFull(leader));
  };
  return trunks.filter(isFull);
}

/** Part of its own share that the first trunk is given, above 0 to 1; own among those trunks that take calls at all. */
function givenRatio(leader: string, { ordered = [], weights }: RoomGround): number {
  const given = ordered[0]?.weight ?? 0;
  if (given === 0) return 1;
  const taking = ordered.filter(({ weight }) => weight > 0);
  const sum = taking.reduce((all, { weight }) => all + weight, 0);
  const own = weights?.get(leader) || FIRST_WEIGHT;
  const whole = taking.reduce((all, { trunk }) => all + (trunk === leader ? own : (weights?.get(trunk) ?? 0)), 0);
  return Math.min(1, given / sum / (own / whole));
}

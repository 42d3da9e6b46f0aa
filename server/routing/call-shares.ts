import type { WeightedTrunk } from '../../wire/plan.ts';
import { FIRST_WEIGHT, isSameRoute, weighed } from './adopted-route.ts';
import { BAD_TIERS, type Tier } from './trunk-tier.ts';

/** Highest weight that AstDB's text of a route may hold. */
const MAX_WEIGHT = 1000;
/** A trunk that gets so much more of all calls at once counts as a move of calls. */
const MUCH_RATIO = 0.1;
/** Less than any share that weights of at most 1,000 can tell apart. */
const ROUNDING_RATIO = 1e-9;

/** Neither good nor bad: a first trunk of such a tier keeps what it has. */
const UNPROVEN_TIERS: ReadonlySet<Tier> = new Set<Tier>(['held', 'half-open', 'unknown']);

/** What the shares of a route are made of. */
export type ShareInput = {
  /** The order as decided. */
  readonly trunks: readonly string[];
  /** The route that Asterisk has. */
  readonly current: readonly WeightedTrunk[];
  /** The route is the planner's own, not one that it found. */
  readonly isOwn: boolean;
  readonly configured: readonly string[];
  /** Shares when all is well; absent: all calls to the first. */
  readonly weights: ReadonlyMap<string, number> | undefined;
  readonly tierOf: (trunk: string) => Tier;
  /** A trunk that takes a share of calls besides, 0 to 100. */
  readonly guest: Guest | undefined;
  /** A person wants the first trunk to lead. */
  readonly isPinned: boolean;
};

type Guest = { readonly trunk: string; readonly percent: number };

/**
 * Gives an order its weights: those of the configuration, or all calls to the first. Behind the first a bad trunk takes none, and one
 * that is neither bad nor usable at most what it has: unknown, held and half-open win no share back. A first trunk that sheds
 * gives half of its calls to the next usable one; a guest takes its percentage of them all. One that a person pinned takes all calls,
 * whatever the class has for shares.
 *
 * A found route in the same order keeps its weights, unless a bad trunk has some, or the class has shares of its own and all trunks
 * that they are for are usable. So does one whose first trunk is neither good nor bad: unknown moves nothing.
 *
 * @returns the very same list as `current` where nothing changes.
 */
export function callShares(input: ShareInput): readonly WeightedTrunk[] {
  if (isAtRest(input)) return input.current;
  const route = sharedRoute(input);
  return isSameRoute(route, input.current) ? input.current : route;
}

/** All calls go to a usable first trunk, as they should. */
function isAtRest({ current, guest, tierOf, trunks, weights }: ShareInput): boolean {
  if (weights || guest || tierOf(trunks[0] ?? '') !== 'usable') return false;
  return trunks.every((trunk, at) => {
    const now = current[at];
    return now?.trunk === trunk && now.weight === (at === 0 ? FIRST_WEIGHT : 0);
  });
}

function sharedRoute(input: ShareInput): readonly WeightedTrunk[] {
  const { current, guest, isPinned, tierOf, trunks } = input;
  if (isPinned) return weighed(trunks);
  const [leader = ''] = trunks;
  const leaderTier = tierOf(leader);
  const refuge =
    leaderTier === 'shedding' ? trunks.find((trunk) => trunk !== leader && tierOf(trunk) === 'usable') : undefined;
  if (isFoundKept(input) && !refuge && !guest) return current;
  const isKept = current[0]?.trunk === leader && UNPROVEN_TIERS.has(leaderTier);
  if (!refuge && !guest) return isKept ? keptShares(input) : ownShares(input);
  const shares = new Map((isKept ? keptShares(input) : ownShares(input)).map(({ trunk, weight }) => [trunk, weight]));
  if (refuge !== undefined) {
    const own = shares.get(leader) ?? 0;
    const moved = Math.floor(own / 2);
    shares.set(leader, own - moved);
    shares.set(refuge, Math.min(MAX_WEIGHT, (shares.get(refuge) ?? 0) + moved));
  }
  addGuest(shares, input);
  return trunks.map((trunk) => ({ trunk, weight: shares.get(trunk) ?? 0 }));
}

/** The route without the shares of the trunks named; all calls to the first where none would be left. */
export function withoutShares(
  route: readonly WeightedTrunk[],
  isOut: (trunk: string) => boolean,
): readonly WeightedTrunk[] {
  if (!route.some(({ trunk, weight }) => weight > 0 && isOut(trunk))) return route;
  const left = route.map(({ trunk, weight }) => ({ trunk, weight: isOut(trunk) ? 0 : weight }));
  return left.some(({ weight }) => weight > 0)
    ? left
    : left.map(({ trunk }, at) => ({ trunk, weight: at === 0 ? FIRST_WEIGHT : 0 }));
}

/** Trunks that stand behind the first and get calls from now on that they had none of. */
export function newlyShared(planned: readonly WeightedTrunk[], current: readonly WeightedTrunk[]): readonly string[] {
  if (planned === current) return [];
  const isNew = ({ trunk, weight }: WeightedTrunk, at: number) =>
    at > 0 && weight > 0 && weightOf(trunk, current) === 0;
  return planned.some(isNew) ? planned.filter(isNew).map(({ trunk }) => trunk) : [];
}

/**
 * Trunks that get more than a tenth of all calls more than they have, where another has to give some that need not: `isLeft` tells
 * of trunks that calls leave in any case.
 */
export function muchShared(
  planned: readonly WeightedTrunk[],
  current: readonly WeightedTrunk[],
  isLeft: (trunk: string) => boolean,
): readonly string[] {
  if (planned === current || isEqualShares(planned, current)) return [];
  const before = ratios(current);
  const growth = [...ratios(planned)].map(([trunk, ratio]) => [trunk, ratio - (before.get(trunk) ?? 0)] as const);
  const isTaken = growth.some(([trunk, change]) => change < -ROUNDING_RATIO && !isLeft(trunk));
  return isTaken ? growth.flatMap(([trunk, change]) => (change > MUCH_RATIO + ROUNDING_RATIO ? [trunk] : [])) : [];
}

/** Each trunk has its weight, in whatever order. */
function isEqualShares(planned: readonly WeightedTrunk[], current: readonly WeightedTrunk[]): boolean {
  return planned.every(({ trunk, weight }) => weightOf(trunk, current) === weight);
}

/** Share of calls of each trunk of a route, 0 to 1. */
export function ratios(route: readonly WeightedTrunk[]): ReadonlyMap<string, number> {
  const sum = route.reduce((all, { weight }) => all + weight, 0);
  return new Map(route.map(({ trunk, weight }) => [trunk, sum === 0 ? 0 : weight / sum]));
}

function isFoundKept({ current, isOwn, tierOf, trunks, weights }: ShareInput): boolean {
  if (isOwn || !trunks.every((trunk, at) => current[at]?.trunk === trunk)) return false;
  if (current.some(({ trunk, weight }, at) => at > 0 && weight > 0 && BAD_TIERS.has(tierOf(trunk)))) return false;
  const isNeeded = (trunk: string, at: number) => at === 0 || (weights?.get(trunk) ?? 0) > 0;
  return !weights || trunks.some((trunk, at) => isNeeded(trunk, at) && tierOf(trunk) !== 'usable');
}

function ownShares(input: ShareInput): readonly WeightedTrunk[] {
  return input.trunks.map((trunk, at) => {
    if (at === 0) return { trunk, weight: input.weights?.get(trunk) || FIRST_WEIGHT };
    return { trunk, weight: shareBehind(trunk, input) };
  });
}

function shareBehind(trunk: string, { current, tierOf, weights }: ShareInput): number {
  const wanted = weights?.get(trunk) ?? 0;
  const tier = tierOf(trunk);
  if (BAD_TIERS.has(tier)) return 0;
  if (tier === 'usable') return wanted;
  return wanted === 0 ? 0 : Math.min(wanted, weightOf(trunk, current));
}

/** What the trunks have, in the order as decided; those that bad trunks have behind the first is gone. */
function keptShares({ current, tierOf, trunks }: ShareInput): readonly WeightedTrunk[] {
  const isOut = (trunk: string) => trunk !== trunks[0] && BAD_TIERS.has(tierOf(trunk));
  const kept = withoutShares(current, isOut);
  return trunks.map((trunk) => ({ trunk, weight: weightOf(trunk, kept) }));
}

function weightOf(trunk: string, route: readonly WeightedTrunk[]): number {
  return route.find((each) => each.trunk === trunk)?.weight ?? 0;
}

/** The others are scaled up first, so that a small percentage of small weights stays one. */
function addGuest(shares: Map<string, number>, { guest, trunks: [leader = ''] }: ShareInput): void {
  if (!guest) return;
  const { percent, trunk } = guest;
  shares.delete(trunk);
  if (total(shares) === 0) shares.set(leader, FIRST_WEIGHT);
  const scale = Math.max(1, FIRST_WEIGHT / total(shares));
  for (const [each, weight] of shares) shares.set(each, Math.round(weight * scale));
  const weight = Math.round((total(shares) * percent) / Math.max(1, 100 - percent));
  shares.set(trunk, Math.min(MAX_WEIGHT, Math.max(1, weight)));
}

function total(shares: ReadonlyMap<string, number>): number {
  return [...shares.values()].reduce((sum, weight) => sum + weight, 0);
}

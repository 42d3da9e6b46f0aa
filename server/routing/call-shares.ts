import type { WeightedTrunk } from '../../wire/plan.ts';
import { FIRST_WEIGHT } from './adopted-route.ts';
import { BAD_TIERS, type Tier } from './trunk-tier.ts';

/** Highest weight that AstDB's text of a route may hold. */
const MAX_WEIGHT = 1000;

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
  readonly guest: { readonly trunk: string; readonly percent: number } | undefined;
};

/**
 * Gives an order its weights: those of the configuration, or all calls to the first. A first trunk that sheds gives half of its
 * calls to the next usable one; a guest takes its percentage of them all; a bad trunk takes none unless it leads. A found route in
 * the same order keeps its weights, as does one whose first trunk is neither good nor bad: unknown moves nothing.
 */
export function callShares(input: ShareInput): readonly WeightedTrunk[] {
  const { current, guest, isOwn, tierOf, trunks } = input;
  const [leader = ''] = trunks;
  const leaderTier = tierOf(leader);
  const refuge =
    leaderTier === 'shedding' ? trunks.find((trunk) => trunk !== leader && tierOf(trunk) === 'usable') : undefined;
  const isSameOrder = trunks.every((trunk, at) => current[at]?.trunk === trunk);
  if (isSameOrder && !isOwn && !refuge && !guest) return current;
  const isKept = current[0]?.trunk === leader && ['held', 'half-open', 'unknown'].includes(leaderTier);
  const shares = new Map(isKept ? keptShares(input) : ownShares(input));
  if (refuge !== undefined) {
    const own = shares.get(leader) ?? 0;
    const moved = Math.floor(own / 2);
    shares.set(leader, own - moved);
    shares.set(refuge, Math.min(MAX_WEIGHT, (shares.get(refuge) ?? 0) + moved));
  }
  if (guest) {
    const others = [...shares].reduce((sum, [trunk, weight]) => sum + (trunk === guest.trunk ? 0 : weight), 0);
    const weight = Math.round((others * guest.percent) / Math.max(1, 100 - guest.percent));
    shares.set(guest.trunk, Math.min(MAX_WEIGHT, Math.max(1, weight)));
  }
  return trunks.map((trunk) => ({ trunk, weight: shares.get(trunk) ?? 0 }));
}

/** Trunks that stand behind the first and get calls from now on that they had none of. */
export function newlyShared(planned: readonly WeightedTrunk[], current: readonly WeightedTrunk[]): readonly string[] {
  if (planned === current) return [];
  const had = new Set(current.flatMap(({ trunk, weight }) => (weight > 0 ? [trunk] : [])));
  return planned.slice(1).flatMap(({ trunk, weight }) => (weight > 0 && !had.has(trunk) ? [trunk] : []));
}

function ownShares({ tierOf, trunks, weights }: ShareInput): readonly (readonly [string, number])[] {
  const shares = trunks.map((trunk, at) => {
    const isOut = at > 0 && BAD_TIERS.has(tierOf(trunk));
    return [trunk, isOut ? 0 : (weights?.get(trunk) ?? (at === 0 && !weights ? FIRST_WEIGHT : 0))] as const;
  });
  const isNone = shares.every(([, weight]) => weight === 0);
  return isNone ? trunks.map((trunk, at) => [trunk, at === 0 ? FIRST_WEIGHT : 0]) : shares;
}

function keptShares({ current, tierOf }: ShareInput): readonly (readonly [string, number])[] {
  const kept = current.map(
    ({ trunk, weight }, at) => [trunk, at > 0 && BAD_TIERS.has(tierOf(trunk)) ? 0 : weight] as const,
  );
  return kept.some(([, weight]) => weight > 0) ? kept : kept.map(([trunk], at) => [trunk, at === 0 ? FIRST_WEIGHT : 0]);
}

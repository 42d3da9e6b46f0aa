import type { PlannedRoute } from './route-plan.ts';
import type { ScoreFactor } from './trunk-score.ts';
import { BAD_TIERS, type Tier, type TrunkTier } from './trunk-tier.ts';

/** One trunk of a route, with everything that put it where it stands. */
export type TrunkExplanation = {
  readonly trunk: string;
  /** Share of new calls, 0 to 1. */
  readonly shareRatio: number;
  /** Place in the plan, and in the configuration; 1 is the first. */
  readonly place: number;
  readonly configuredPlace: number;
  readonly tier: Tier;
  /** How good it is within its tier, 0 to 1; absent where nothing was weighed. */
  readonly score?: number;
  /** What lowers the score. */
  readonly factors: readonly ScoreFactor[];
  readonly reason: string;
  /** Why it leads, or why not. */
  readonly why: string;
  readonly verdictId?: string;
};

/** Why a route is as it is, trunk by trunk. */
export type RouteExplanation = {
  readonly pbx: string;
  readonly class: string;
  readonly mode: PlannedRoute['mode'];
  readonly reason: string;
  readonly isPanic: boolean;
  readonly isWaiting: boolean;
  readonly trunks: readonly TrunkExplanation[];
};

/** Tells of each trunk of a planned route why it stands where it does. */
export function explainRoute(route: PlannedRoute): RouteExplanation {
  const { configured, isPanic, isWaiting, mode, pbx, perTrunk, reason, trunks } = route;
  const total = trunks.reduce((sum, { weight }) => sum + weight, 0);
  return {
    pbx,
    class: route.class,
    mode,
    reason,
    isPanic,
    isWaiting,
    trunks: perTrunk.map((standing, at) => {
      const { factors = [], reason: ground, score, tier, trunk, verdictId } = standing;
      return {
        trunk,
        shareRatio: total === 0 ? 0 : (trunks[at]?.weight ?? 0) / total,
        place: at + 1,
        configuredPlace: configured.indexOf(trunk) + 1,
        tier,
        ...(score !== undefined && { score: Math.round(score * 1000) / 1000 }),
        factors: factors.map(({ factor, of }) => ({ of, factor: Math.round(factor * 1000) / 1000 })),
        reason: ground,
        why: why(standing, at, route),
        ...(verdictId !== undefined && { verdictId }),
      };
    }),
  };
}

function why({ reason, tier, trunk }: TrunkTier, at: number, route: PlannedRoute): string {
  const { configured, perTrunk, reason: routeReason } = route;
  const leader = perTrunk[0]?.trunk ?? '';
  if (at === 0) return routeReason;
  if (BAD_TIERS.has(tier)) return `not while another can take the calls: it is ${tier}, ${reason}`;
  if (tier === 'held') return `keeps its place and does not lead yet: ${reason}`;
  if (tier === 'half-open') return `keeps its place until it is known to be well: ${reason}`;
  if (tier === 'unknown') return `unknown is neither bad nor good, so it keeps its place: ${reason}`;
  if (configured.indexOf(trunk) < configured.indexOf(leader)) return `does not lead yet: ${routeReason}`;
  const rival = perTrunk.slice(0, at).findLast(({ tier: other }) => other === tier)?.trunk ?? leader;
  return `stands by: the configuration puts it after ${rival}, and no figure makes up for that; ${reason}`;
}

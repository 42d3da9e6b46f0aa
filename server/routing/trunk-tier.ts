import type { Evidence } from './edge-evidence.ts';
import type { RoutePolicy } from './route-policy.ts';
import { halfOpenGap, type TrunkHold } from './trunk-hold.ts';
import type { ScoreFactor } from './trunk-score.ts';

/**
 * Standing of one trunk at one PBX. `usable` may lead; `hard-down`, `maintenance` and `degraded` are bad and go behind;
 * `shedding` keeps its place and gives a share of its calls away; `held`, `half-open` and `unknown` stay where they are: they
 * neither lose their place nor win it back.
 */
export type Tier = 'usable' | 'shedding' | 'half-open' | 'held' | 'degraded' | 'maintenance' | 'hard-down' | 'unknown';

/** Tiers of trunks that are not to take calls while another can. */
export const BAD_TIERS: ReadonlySet<Tier> = new Set<Tier>(['degraded', 'maintenance', 'hard-down']);

/** Of what probes and calls show the worse counts. */
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

/** True for a tier that says more against a trunk than the other one. */
export function isWorse(tier: Tier, than: Tier): boolean {
  return SEVERITY[tier] > SEVERITY[than];
}

/** A trunk with its tier and one sentence that says why. */
export type TrunkTier = {
  readonly trunk: string;
  readonly tier: Tier;
  readonly reason: string;
  readonly verdictId: string | undefined;
  /** Only calls can tell whether it may lead: it is given a few. */
  readonly isTriedByCalls?: true;
  /** How good it is within its tier, 0 to 1; absent where nothing was weighed. */
  readonly score?: number;
  readonly factors?: readonly ScoreFactor[];
};

/**
 * Gives a trunk its tier.
 *
 * @param hold - memory after {@link stepHold} with the same evidence and time.
 */
export function trunkTier(
  trunk: string,
  evidence: Evidence,
  hold: TrunkHold,
  policy: RoutePolicy,
  nowMs: number,
): TrunkTier {
  const { verdictId, reason } = evidence;
  switch (evidence.kind) {
    case 'degraded': {
      const isMild = evidence.lossRatio !== undefined && evidence.lossRatio < policy.shedBelowLossRatio;
      return { trunk, tier: isMild ? 'shedding' : 'degraded', reason, verdictId };
    }
    case 'unknown':
    case 'hard-down':
      return { trunk, tier: evidence.kind, reason, verdictId };
    case 'good': {
      const gap = hold.phase === 'free' ? undefined : halfOpenGap(hold, evidence, policy, nowMs);
      if (gap === undefined) return { trunk, tier: 'usable', reason, verdictId };
      const tier = nowMs < hold.holdUntilMs ? 'held' : 'half-open';
      return { trunk, tier, reason: `${gap} after trouble (strike ${hold.strikes}); ${reason}`, verdictId };
    }
    default:
      return evidence satisfies never;
  }
}

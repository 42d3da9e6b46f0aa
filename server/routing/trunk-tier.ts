import type { Evidence } from './edge-evidence.ts';
import type { RoutePolicy } from './route-policy.ts';
import { halfOpenGap, type TrunkHold } from './trunk-hold.ts';

/**
 * Standing of one trunk at one PBX. `usable` may lead; `hard-down` and `degraded` are bad and go behind; `held`, `half-open`
 * and `unknown` stay where they are: they neither lose their place nor win it back.
 */
export type Tier = 'usable' | 'half-open' | 'held' | 'degraded' | 'hard-down' | 'unknown';

/** A trunk with its tier and one sentence that says why. */
export type TrunkTier = {
  readonly trunk: string;
  readonly tier: Tier;
  readonly reason: string;
  readonly verdictId: string | undefined;
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
    case 'unknown':
    case 'degraded':
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

import type { RoutePolicy } from './route-policy.ts';

/** A change of a first trunk on one PBX, at hub time. */
export type RecentFlip = { readonly pbx: string; readonly atMs: number };

/** How many more PBXs may change now. */
export type BlastBudget = {
  /** PBXs that may change within the window. */
  readonly limit: number;
  /** True when this PBX may change: it did already, or there is room for one more. */
  readonly isOpenTo: (pbx: string) => boolean;
};

/**
 * Bounds how much of the fleet may change at once. Moves off hard-down trunks are free of it but take up room, so that
 * everything else waits while many of them happen.
 *
 * @param fleetSize - PBXs planned for.
 */
export function blastBudget(
  recent: readonly RecentFlip[],
  fleetSize: number,
  policy: RoutePolicy,
  nowMs: number,
): BlastBudget {
  const limit = Math.max(1, Math.floor(fleetSize * policy.maxChangedRatio));
  const changed = new Set(recentFlips(recent, policy, nowMs).map(({ pbx }) => pbx));
  return { limit, isOpenTo: (pbx) => changed.has(pbx) || changed.size < limit };
}

/** Those flips that still count against the budget. */
export function recentFlips(recent: readonly RecentFlip[], policy: RoutePolicy, nowMs: number): readonly RecentFlip[] {
  return recent.filter(({ atMs }) => nowMs - atMs < policy.blastWindowMs);
}

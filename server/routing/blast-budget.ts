import type { RoutePolicy } from './route-policy.ts';

/** A change of a first trunk on one PBX, at hub time. */
export type RecentFlip = { readonly pbx: string; readonly atMs: number };

/** How many more PBXs may change now. Mutable: what changes is taken from it. */
export type BlastBudget = {
  /** PBXs that may change within the window. */
  readonly limit: number;
  /** True when this PBX may change: it did already, or there is room for one more. */
  readonly isOpenTo: (pbx: string) => boolean;
  /** A PBX has changed now, whether there was room for it or not. */
  readonly take: (pbx: string) => void;
};

/**
 * Bounds how much of the fleet may change at once. Moves off hard-down trunks are free of it but take up room, so that
 * everything else waits while many of them happen.
 *
 * @param recent - flips that still count.
 * @param fleetSize - PBXs planned for.
 */
export function blastBudget(recent: readonly RecentFlip[], fleetSize: number, policy: RoutePolicy): BlastBudget {
  const limit = Math.max(1, Math.floor(fleetSize * policy.maxChangedRatio));
  const changed = new Set(recent.map(({ pbx }) => pbx));
  return {
    limit,
    isOpenTo: (pbx) => changed.has(pbx) || changed.size < limit,
    take: (pbx) => {
      changed.add(pbx);
    },
  };
}

/** Those flips that still count against the budget. */
export function recentFlips(recent: readonly RecentFlip[], policy: RoutePolicy, nowMs: number): readonly RecentFlip[] {
  return recent.filter(({ atMs }) => nowMs - atMs < policy.blastWindowMs);
}

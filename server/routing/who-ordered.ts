import { type Maintenance, maintenanceOf } from './route-constraints.ts';
import type { TrunkTier } from './trunk-tier.ts';

/** Who a flip is by when no person ordered it. */
export const PLANNER = 'planner';

/**
 * Names who ordered a change of the first trunk (safety rule 7): the person whose pin now leads, or who put the trunk that is left in
 * maintenance; else the planner.
 */
export function whoOrdered(
  {
    from,
    pinnedBy,
    providerOf,
  }: {
    readonly from: TrunkTier;
    readonly pinnedBy: string | undefined;
    readonly providerOf: (trunk: string) => string | undefined;
  },
  maintenance: readonly Maintenance[],
  nowMs: number,
): string {
  if (pinnedBy !== undefined) return pinnedBy;
  if (from.tier !== 'maintenance') return PLANNER;
  return (
    maintenanceOf(maintenance, { trunk: from.trunk, provider: providerOf(from.trunk) ?? '' }, nowMs)?.actor ?? PLANNER
  );
}

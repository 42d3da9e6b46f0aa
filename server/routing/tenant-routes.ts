import type { WeightedTrunk } from '../../wire/plan.ts';
import { weighed } from './adopted-route.ts';
import type { PlannedRoute } from './route-plan.ts';
import { BAD_TIERS } from './trunk-tier.ts';

/** Trunks that a tenant may use, of whatever class; at least one. */
export type TenantTrunks = { readonly tenant: string; readonly trunks: readonly string[] };

/** What one tenant's calls of one class follow. */
export type TenantRoute = {
  readonly tenant: string;
  /** The class's route without what the tenant may not use; empty where it may use no trunk of the class: its calls are refused then. */
  readonly trunks: readonly WeightedTrunk[];
  /** None of the trunks that it may use is left that is not bad, be the class in panic or not. */
  readonly isPanic: boolean;
  readonly reason: string;
};

/**
 * What the route of a class comes to for tenants that may use only some of its trunks. It is the class's own order, so a tenant's calls leave
 * a bad trunk when all others do, and never for one that it may not use: where only bad ones are left for it the first of them keeps
 * its calls, loudly (safety rule 4). Where none of its trunks has a share, the first takes all of its calls.
 *
 * @param route - as planned: see {@link PlannedRoute}.
 * @returns one for each tenant, in their order.
 */
export function tenantRoutes(
  { class: name, perTrunk, trunks }: Pick<PlannedRoute, 'class' | 'perTrunk' | 'trunks'>,
  tenants: readonly TenantTrunks[],
): readonly TenantRoute[] {
  return tenants.map(({ tenant, trunks: allowed }) => {
    const own = trunks.filter(({ trunk }) => allowed.includes(trunk));
    const [first] = own;
    if (!first) return { tenant, trunks: own, isPanic: false, reason: `${tenant} may use no trunk of ${name}.` };
    const shared = own.some(({ weight }) => weight > 0) ? own : weighed(own.map(({ trunk }) => trunk));
    const tiers = perTrunk.filter(({ trunk }) => allowed.includes(trunk)).map(({ tier }) => tier);
    const isPanic = tiers.every((tier) => BAD_TIERS.has(tier));
    const reason = isPanic
      ? `PANIC: no trunk that ${tenant} may use is left that is not bad; ${first.trunk} leads.`
      : `${first.trunk} leads for ${tenant}, which may use ${own.length} of the ${trunks.length} trunks of ${name}.`;
    return { tenant, trunks: shared, isPanic, reason };
  });
}

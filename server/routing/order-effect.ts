import type { MaintenancePlace, OrderScope } from './route-constraints.ts';
import type { PlannedRoute } from './route-plan.ts';

/** What of the fleet an order's effect is told from. */
export type EffectGround = {
  /** Routes as the latest pass planned them. */
  readonly routes: readonly PlannedRoute[];
  readonly siteOf: ReadonlyMap<string, string>;
  readonly providerOf: ReadonlyMap<string, string>;
};

/**
 * Says what a pin does to routes as they stand: how many it leads, how many it moves at once, where it gives way, and where only
 * observe mode is on.
 */
export function pinEffect(
  pin: { readonly scope: OrderScope; readonly trunk: string; readonly isForced?: true },
  { routes, siteOf }: EffectGround,
): string {
  const { scope, trunk } = pin;
  const own = routes.filter(
    ({ class: name, pbx }) =>
      (scope.class ?? name) === name &&
      (scope.pbx ?? pbx) === pbx &&
      (scope.site ?? siteOf.get(pbx)) === siteOf.get(pbx),
  );
  const having = own.filter(({ configured }) => configured.includes(trunk));
  if (having.length === 0) return `It bears on no route that is planned now.`;
  const others = having.filter(({ current }) => current[0]?.trunk !== trunk);
  const enforced = others.filter(({ mode }) => mode === 'enforce');
  const down = enforced.filter(
    (route) => tierOf(route, trunk) === 'hard-down' || tierOf(route, trunk) === 'maintenance',
  );
  const passed = pin.isForced ? [] : down;
  const parts = [
    moved(enforced.length - passed.length),
    passed.length > 0
      ? `it gives way on ${routesOn(passed)}, where ${trunk} is hard-down or in maintenance`
      : undefined,
    pin.isForced && down.length > 0
      ? `by force also on ${routesOn(down)}, where ${trunk} is hard-down or in maintenance`
      : undefined,
    observed(others.length - enforced.length),
  ];
  return sentence(parts, `${trunk} leads there already.`);
}

/**
 * Says what a maintenance does to routes as they stand, when it begins: how many leave the trunk at once, and which have nothing else
 * left; or, of a PBX or a site, how many rest.
 */
export function maintenanceEffect(of: MaintenancePlace, { providerOf, routes, siteOf }: EffectGround): string {
  if ('pbx' in of || 'site' in of) {
    const own = routes.filter(({ pbx }) => ('pbx' in of ? of.pbx === pbx : of.site === siteOf.get(pbx)));
    const what = 'their calls move only off a hard-down trunk or by a pin, and accuse no trunk';
    return `When it begins ${routesOn(own)} rest: ${what}.`;
  }
  const isOf = (trunk: string) => ('trunk' in of ? of.trunk === trunk : providerOf.get(trunk) === of.provider);
  const leading = routes.filter(({ current }) => isOf(current[0]?.trunk ?? ''));
  const stuck = leading.filter(({ configured, perTrunk }) =>
    configured.every((trunk) => isOf(trunk) || perTrunk.find((each) => each.trunk === trunk)?.tier === 'hard-down'),
  );
  const leaving = leading.filter((route) => !stuck.includes(route));
  const enforced = leaving.filter(({ mode }) => mode === 'enforce');
  const parts = [
    enforced.length > 0
      ? `when it begins ${routesOn(enforced)} leave at once, all together, for a person ordered it`
      : undefined,
    stuck.length > 0 ? `${routesOn(stuck)} have nothing else that is not hard-down, and stay` : undefined,
    observed(leaving.length - enforced.length),
  ];
  return sentence(parts, 'No route leads with it now.');
}

function moved(count: number): string | undefined {
  return count > 0
    ? `${count} ${count === 1 ? 'route moves' : 'routes move'} at once, for a person ordered it`
    : undefined;
}

function observed(count: number): string | undefined {
  return count > 0
    ? `${count} ${count === 1 ? 'route is' : 'routes are'} in observe mode: there it is only proposed`
    : undefined;
}

function routesOn(routes: readonly PlannedRoute[]): string {
  const pbxes = new Set(routes.map(({ pbx }) => pbx)).size;
  return `${routes.length} ${routes.length === 1 ? 'route' : 'routes'} on ${pbxes} ${pbxes === 1 ? 'PBX' : 'PBXs'}`;
}

function sentence(parts: readonly (string | undefined)[], otherwise: string): string {
  const told = parts.filter((part) => part !== undefined).join('; ');
  return told === '' ? otherwise : `${told[0]?.toUpperCase()}${told.slice(1)}.`;
}

function tierOf({ perTrunk }: PlannedRoute, trunk: string): string {
  return perTrunk.find((each) => each.trunk === trunk)?.tier ?? 'unknown';
}

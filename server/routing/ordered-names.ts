import type { MaintenancePlace, OrderScope } from './route-constraints.ts';
import { EMERGENCY_CLASS } from './route-input.ts';

/** Names that the hub's configuration knows. */
export type ConfiguredNames = {
  readonly sites: readonly string[];
  /** Sites by PBX. */
  readonly siteOf: ReadonlyMap<string, string>;
  /** Providers by trunk. */
  readonly providerOf: ReadonlyMap<string, string>;
  readonly classes: readonly { readonly class: string; readonly trunks: readonly string[] }[];
};

/** What is wrong with an order. `unknown-name`: nothing of this name is configured; `refused`: it could never hold. */
export type OrderFault = { readonly fault: 'unknown-name' | 'refused'; readonly sentence: string };

/** A pin as it is asked for. */
export type AskedPin = { readonly scope: OrderScope; readonly trunks: readonly string[] };

/**
 * Finds each name of a pin that would be passed over, each with its place (`trunks[0]: …`). A trunk must be of a route that the pin is
 * for; the emergency class has a static list of its own, which nothing orders (safety rule 4).
 */
export function pinFaults({ scope, trunks }: AskedPin, known: ConfiguredNames): readonly OrderFault[] {
  const faults: OrderFault[] = [];
  if (scope.site !== undefined && !known.sites.includes(scope.site))
    faults.push(unknown('scope.site', 'site', scope.site));
  if (scope.pbx !== undefined && !known.siteOf.has(scope.pbx)) faults.push(unknown('scope.pbx', 'PBX', scope.pbx));
  if (scope.class === EMERGENCY_CLASS) {
    const sentence = 'scope.class: emergency calls go by the static list of each PBX, which no order changes';
    return [...faults, { fault: 'refused', sentence }];
  }
  const classes = known.classes.filter((each) => each.class === (scope.class ?? each.class));
  const isClassKnown = scope.class === undefined || classes.length > 0;
  if (!isClassKnown) faults.push(unknown('scope.class', 'class', scope.class ?? ''));
  for (const [at, trunk] of trunks.entries()) {
    const place = `trunks[${at}]`;
    if (!known.providerOf.has(trunk)) faults.push(unknown(place, 'trunk', trunk));
    else if (isClassKnown && !classes.some((each) => each.trunks.includes(trunk))) {
      const routes = scope.class === undefined ? 'any class' : `class ${scope.class}`;
      faults.push({ fault: 'refused', sentence: `${place}: ${trunk} is not in the trunks of ${routes}` });
    }
  }
  return faults;
}

/** Finds what is wrong with the place of a maintenance. */
export function maintenanceFaults(of: MaintenancePlace, known: ConfiguredNames): readonly OrderFault[] {
  if ('provider' in of) {
    const isKnown = [...known.providerOf.values()].includes(of.provider);
    return isKnown ? [] : [unknown('of.provider', 'provider', of.provider)];
  }
  if ('trunk' in of) return known.providerOf.has(of.trunk) ? [] : [unknown('of.trunk', 'trunk', of.trunk)];
  if ('site' in of) return known.sites.includes(of.site) ? [] : [unknown('of.site', 'site', of.site)];
  return known.siteOf.has(of.pbx) ? [] : [unknown('of.pbx', 'PBX', of.pbx)];
}

function unknown(place: string, what: string, name: string): OrderFault {
  return { fault: 'unknown-name', sentence: `${place}: no ${what} ${name} is configured` };
}

/** Where an order of a person applies; the whole fleet when nothing is named. */
export type OrderScope = { readonly site?: string; readonly pbx?: string; readonly class?: string };

/**
 * A trunk that a person wants to lead, and the order behind it. It holds against verdicts and calls, until it ends or is taken away;
 * against a trunk that is hard-down or in maintenance only where it is forced.
 */
export type Pin = {
  readonly scope: OrderScope;
  readonly trunk: string;
  /** Trunks that come next, in this order. */
  readonly behind?: readonly string[];
  readonly isForced?: true;
  /** Hub time; undefined: until it is taken away. */
  readonly untilMs?: number;
  readonly actor: string;
  readonly reason: string;
};

/** What a maintenance is of. */
export type MaintenancePlace =
  | { readonly trunk: string }
  | { readonly provider: string }
  | { readonly site: string }
  | { readonly pbx: string };

/**
 * A time in which a trunk, or all trunks of a provider, are not to be used if anything else is there; or in which a PBX, or all of a
 * site, is worked on: its routes rest, and its calls accuse no trunk.
 */
export type Maintenance = {
  readonly of: MaintenancePlace;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly actor: string;
  readonly reason: string;
};

/** What a trunk may carry, as configured, and what it carries now over the whole fleet. */
export type TrunkLoad = {
  readonly channels?: number;
  readonly callsPerSecond?: number;
  /** Undefined: not known. */
  readonly usedChannels?: number;
  readonly usedCallsPerSecond?: number;
};

/** How much of a limit that holds for a trunk is used: a provider's daily sum, a prepaid balance. Absent: no limit is known. */
export type TrunkLimit = {
  /** Used part, 0 or more; from 1 on nothing is left. */
  readonly usedRatio: number;
  /** What is limited, for the reason: `daily limit of telco-a`. */
  readonly name: string;
};

/** What people and contracts demand of routes, beside health. */
export type RouteConstraints = {
  readonly pins: readonly Pin[];
  readonly maintenance: readonly Maintenance[];
  readonly loads: ReadonlyMap<string, TrunkLoad>;
  /** Limits of money or minutes by trunk; absent or empty where none is known. */
  readonly limits?: ReadonlyMap<string, TrunkLimit>;
};

/** Nothing is demanded. */
export const NO_CONSTRAINTS: RouteConstraints = { pins: [], maintenance: [], loads: new Map() };

/** Whose constraints are asked for. */
export type ConstraintSubject = { readonly pbx: string; readonly site: string; readonly class: string };

/** The pin of a route: of several the narrowest scope wins, and of equals the later one in the list. */
export function pinOf(pins: readonly Pin[], subject: ConstraintSubject, nowMs: number): Pin | undefined {
  const own = pins.filter(({ scope, untilMs }) => covers(scope, subject) && (untilMs === undefined || nowMs < untilMs));
  return own.reduce<Pin | undefined>(
    (best, pin) => (best && narrowness(best.scope) > narrowness(pin.scope) ? best : pin),
    undefined,
  );
}

/** The pins that bear on a PBX at all, in their order: each of its classes then looks at few. */
export function pinsAt(pins: readonly Pin[], { pbx, site }: Pick<ConstraintSubject, 'pbx' | 'site'>): readonly Pin[] {
  if (pins.length === 0) return pins;
  return pins.filter(({ scope }) => (scope.pbx ?? pbx) === pbx && (scope.site ?? site) === site);
}

/** The maintenance that a trunk is in, of several the one that ends last; undefined for none. */
export function maintenanceOf(
  all: readonly Maintenance[],
  trunk: { readonly trunk: string; readonly provider: string },
  nowMs: number,
): Maintenance | undefined {
  return lastInForce(all, nowMs, (of) => {
    if ('trunk' in of) return of.trunk === trunk.trunk;
    return 'provider' in of && of.provider === trunk.provider;
  });
}

/** The maintenance for which the routes of a PBX rest, its own or its site's, of several the one that ends last; undefined for none. */
export function restOf(
  all: readonly Maintenance[],
  { pbx, site }: Pick<ConstraintSubject, 'pbx' | 'site'>,
  nowMs: number,
): Maintenance | undefined {
  return lastInForce(all, nowMs, (of) => {
    if ('pbx' in of) return of.pbx === pbx;
    return 'site' in of && of.site === site;
  });
}

/** Part of what a trunk may carry that is in use, 0 or more; undefined where its bound or its use is not known. */
export function usedRatio(load: TrunkLoad | undefined): number | undefined {
  const ratios = [part(load?.usedChannels, load?.channels), part(load?.usedCallsPerSecond, load?.callsPerSecond)];
  const known = ratios.flatMap((ratio) => ratio ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** One text for all that is in force at a time: while it is the same, no route changes for it. */
export function constraintGround({ maintenance, pins }: RouteConstraints, nowMs: number): string {
  const inForce = maintenance.filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs);
  const valid = pins.filter(({ untilMs }) => untilMs === undefined || nowMs < untilMs);
  return inForce.length + valid.length === 0 ? '' : JSON.stringify([inForce, valid]);
}

function lastInForce(
  all: readonly Maintenance[],
  nowMs: number,
  isIts: (of: MaintenancePlace) => boolean,
): Maintenance | undefined {
  return all.reduce<Maintenance | undefined>((last, each) => {
    const isInForce = each.fromMs <= nowMs && nowMs < each.untilMs && isIts(each.of);
    return isInForce && (last === undefined || each.untilMs > last.untilMs) ? each : last;
  }, undefined);
}

function covers({ class: name, pbx, site }: OrderScope, subject: ConstraintSubject): boolean {
  return (
    (name ?? subject.class) === subject.class &&
    (pbx ?? subject.pbx) === subject.pbx &&
    (site ?? subject.site) === subject.site
  );
}

/** A PBX is narrower than a site, and a class within either narrower than all classes. */
function narrowness({ class: name, pbx, site }: OrderScope): number {
  return (pbx === undefined ? 0 : 4) + (site === undefined ? 0 : 2) + (name === undefined ? 0 : 1);
}

function part(used: number | undefined, of: number | undefined): number | undefined {
  return used === undefined || of === undefined || of <= 0 ? undefined : used / of;
}

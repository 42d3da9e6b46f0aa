/** Where an order of a person applies; the whole fleet when nothing is named. */
export type OrderScope = { readonly site?: string; readonly pbx?: string; readonly class?: string };

/** A trunk that a person wants to lead. It holds against everything but a hard-down trunk, until it ends or is taken away. */
export type Pin = {
  readonly scope: OrderScope;
  readonly trunk: string;
  /** Hub time; undefined: until it is taken away. */
  readonly untilMs?: number;
  readonly actor: string;
  readonly reason: string;
};

/** A time in which a trunk, or all trunks of a provider, are not to be used if anything else is there. */
export type Maintenance = {
  readonly of: { readonly trunk: string } | { readonly provider: string };
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

/** What people and contracts demand of routes, beside health. */
export type RouteConstraints = {
  readonly pins: readonly Pin[];
  readonly maintenance: readonly Maintenance[];
  readonly loads: ReadonlyMap<string, TrunkLoad>;
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

/** The maintenance that a trunk is in; undefined for none. */
export function maintenanceOf(
  all: readonly Maintenance[],
  trunk: { readonly trunk: string; readonly provider: string },
  nowMs: number,
): Maintenance | undefined {
  return all.find(({ fromMs, of, untilMs }) => {
    const isIts = 'trunk' in of ? of.trunk === trunk.trunk : of.provider === trunk.provider;
    return isIts && fromMs <= nowMs && nowMs < untilMs;
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

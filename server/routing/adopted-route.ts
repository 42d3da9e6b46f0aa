import type { Mode, ReadBackRoute, WeightedTrunk } from '../../wire/plan.ts';
import type { RouteMemory } from './planner-memory.ts';
import type { ClassOrder } from './route-input.ts';

/** Share of new calls of a first trunk; the others stand by with 0. */
export const FIRST_WEIGHT = 100;

/** What a planning of one route starts from. */
export type RouteStart = {
  readonly order: ClassOrder;
  readonly mode: Mode;
  readonly memory: RouteMemory | undefined;
  /** Version of the PBX's plan as the hub knows it. */
  readonly version: number;
  readonly readBack: readonly ReadBackRoute[] | undefined;
};

/**
 * The route that Asterisk follows now, as the hub must take it (safety rule 9).
 *
 * While enforcing, that is what the hub last ordered: a read-back may be older than the order. One of a higher version was
 * ordered by another hub and is adopted. Otherwise it is what was read
 * back; a class that AstDB does not hold follows the include's static order; what cannot be understood, or was never read, is
 * unknown, and the hub keeps to what it knew before.
 *
 * @returns exactly the configured trunks: others are left out, missing ones stand by at the end.
 */
export function currentRoute(start: RouteStart): readonly WeightedTrunk[] {
  const { order, mode, memory, readBack } = start;
  const isOrdered = memory !== undefined && mode === 'enforce' && memory.mode === 'enforce';
  if (isOrdered && !isFoundNewer(start)) return fitted(memory.current, order.trunks);
  const found = readBack?.find((route) => route.class === order.class);
  if (found?.trunks) return fitted(found.trunks, order.trunks);
  if (readBack && !found) return weighed(order.trunks);
  return fitted(memory?.current ?? weighed(order.trunks), order.trunks);
}

/** True when AstDB holds a route of a higher version than the hub knows: somebody else has planned meanwhile. */
export function isFoundNewer({
  order,
  version,
  readBack,
}: Pick<RouteStart, 'order' | 'version' | 'readBack'>): boolean {
  return (readBack ?? []).some((route) => route.class === order.class && (route.version ?? 0) > version);
}

/** True when AstDB, as last read, holds just these trunks and weights for the class; undefined when it was never read. */
export function isInAsterisk(
  trunks: readonly WeightedTrunk[],
  className: string,
  readBack: readonly ReadBackRoute[] | undefined,
): boolean | undefined {
  if (!readBack) return undefined;
  const found = readBack.find((route) => route.class === className)?.trunks;
  return found !== undefined && isSameRoute(found, trunks);
}

/** True for the same trunks in the same order with the same weights. */
export function isSameRoute(a: readonly WeightedTrunk[], b: readonly WeightedTrunk[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every(({ trunk, weight }, at) => b[at]?.trunk === trunk && b[at].weight === weight);
}

/** Gives an order its plain weights: all to the first, the others stand by. */
export function weighed(trunks: readonly string[]): readonly WeightedTrunk[] {
  return trunks.map((trunk, at) => ({ trunk, weight: at === 0 ? FIRST_WEIGHT : 0 }));
}

/** The very same list where it holds just the configured trunks and some trunk takes calls. */
function fitted(found: readonly WeightedTrunk[], configured: readonly string[]): readonly WeightedTrunk[] {
  if (isPermutation(found, configured) && found.some(({ weight }) => weight > 0)) return found;
  const kept = found.filter(
    ({ trunk }, at) => configured.includes(trunk) && found.findIndex((other) => other.trunk === trunk) === at,
  );
  const missing = configured.filter((trunk) => !kept.some((other) => other.trunk === trunk));
  const all = [...kept, ...missing.map((trunk) => ({ trunk, weight: 0 }))];
  return all.some(({ weight }) => weight > 0) ? all : weighed(all.map(({ trunk }) => trunk));
}

/** `configured` holds no trunk twice. */
function isPermutation(found: readonly WeightedTrunk[], configured: readonly string[]): boolean {
  if (found.length !== configured.length) return false;
  if (found.every(({ trunk }, at) => trunk === configured[at])) return true;
  return configured.every((wanted) => found.some(({ trunk }) => trunk === wanted));
}

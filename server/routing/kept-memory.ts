import { isSameRoute } from './adopted-route.ts';
import type { ClassTroubles } from './class-ground.ts';
import type { DecidedMemory, PbxMemory, RouteMemory } from './planner-memory.ts';

/**
 * Memory of a route after a planning, with what calls and loads said: the very same object as before where nothing changed, so that
 * keeping it costs nothing.
 */
export function keptRoute(
  before: RouteMemory | undefined,
  decided: DecidedMemory,
  { full, troubles }: ClassTroubles,
): RouteMemory {
  const isUntroubled = before?.troubles === undefined ? isNone(troubles) : before.troubles === troubles;
  const isRoomy = before?.full === undefined ? full.length === 0 : before.full === full;
  if (before && isUntroubled && isRoomy && isSame(before, decided)) return before;
  const { current, flippedAtMs, isOwn, mode, pinAside, planned, ramp } = decided;
  return {
    current,
    planned,
    mode,
    isOwn,
    ...(flippedAtMs !== undefined && { flippedAtMs }),
    ...(ramp && { ramp }),
    ...(pinAside !== undefined && { pinAside }),
    ...(!isNone(troubles) && { troubles }),
    ...(full.length > 0 && { full }),
  };
}

function isNone(troubles: ClassTroubles['troubles']): boolean {
  return Object.keys(troubles).length === 0;
}

/** The same for a whole PBX; it has no routes but those of `after`. */
export function keptPbx(before: PbxMemory, after: PbxMemory): PbxMemory {
  const names = Object.keys(after.routes);
  const isKept =
    before.version === after.version &&
    before.holds === after.holds &&
    before.ownSide?.isTroubled === after.ownSide?.isTroubled &&
    before.ownSide?.lastAtMs === after.ownSide?.lastAtMs &&
    Object.keys(before.routes).length === names.length &&
    names.every((name) => before.routes[name] === after.routes[name]);
  return isKept ? before : after;
}

function isSame(before: RouteMemory, after: DecidedMemory): boolean {
  return (
    isSameRoute(before.current, after.current) &&
    isSameRoute(before.planned, after.planned) &&
    before.mode === after.mode &&
    before.isOwn === after.isOwn &&
    before.flippedAtMs === after.flippedAtMs &&
    before.ramp === after.ramp &&
    before.pinAside === after.pinAside
  );
}

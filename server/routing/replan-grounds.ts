import { placeKey } from '../correlate/places.ts';
import type { Verdict } from '../correlate/verdict.ts';
import type { HealthState, PathHealth } from '../paths/path-health.ts';
import { isSeenLossy } from './edge-evidence.ts';
import type { PbxMemory, RouteMemory } from './planner-memory.ts';
import type { PlannedRoute } from './route-plan.ts';

/** States in which a verdict says more than the path itself. */
const UNSURE: ReadonlySet<HealthState> = new Set(['degraded', 'unmeasurable', 'probe-blocked']);

/**
 * True when the routes of a path's PBX are to be planned anew for what became of the path. While none of its trunks is held,
 * other figures only tell why.
 */
export function movesRoutes(before: PathHealth | undefined, after: PathHealth): boolean {
  if (after.ref.end.kind !== 'trunk') return false;
  return (
    before?.state !== after.state ||
    before.isAbstaining !== after.isAbstaining ||
    before.inheritedFrom !== after.inheritedFrom ||
    isSeenLossy(before) !== isSeenLossy(after)
  );
}

/**
 * PBXs whom another verdict may move: of a path that is lossy, or degraded, or cannot be measured, or that a verdict names. Of
 * all others a verdict condemns nothing, for they do not see it themselves (safety rule 3).
 */
export function concernedPbxes(verdicts: readonly Verdict[], healths: Iterable<PathHealth>): ReadonlySet<string> {
  const places = verdicts.flatMap(({ group, place }) => [place, ...group]);
  const pbxes = new Set(places.flatMap((place) => (place.kind === 'path' ? [place.pbx] : [])));
  for (const health of healths) if (isSeenLossy(health) || UNSURE.has(health.state)) pbxes.add(health.ref.pbx);
  return pbxes;
}

/** One text for all that open verdicts hold against trunks; while it stays the same they move no further route. */
export function verdictGround(verdicts: readonly Verdict[]): string {
  const grounds = verdicts
    .filter(({ certainty, symptom }) => symptom === 'loss' && certainty !== 'suspect')
    .map(({ certainty, group, place, siteCount, verdictId, witnesses }) => {
      const places = [place, ...group].map(placeKey).join();
      return `${verdictId} ${certainty} ${places} ${siteCount} ${witnesses.join()}`;
    });
  return grounds.join('\n');
}

/**
 * True while time alone, or the next look, may change what was planned for a PBX: a hold or a ramp runs, calls are poor, a trunk
 * is full, its own side is in trouble, a change waits or was just made.
 */
export function isRestless(memory: PbxMemory | undefined, routes: readonly PlannedRoute[]): boolean {
  const isHeld = Object.values(memory?.holds ?? {}).some(({ phase }) => phase !== 'free');
  if (isHeld || memory?.ownSide?.isTroubled) return true;
  if (Object.values(memory?.routes ?? {}).some((route) => route.ramp !== undefined || isInTrouble(route))) return true;
  return routes.some(({ isChanged, isWaiting }) => isChanged || isWaiting);
}

function isInTrouble({ full, troubles }: RouteMemory): boolean {
  if (full) return true;
  return Object.values(troubles ?? {}).some(({ hold, isPoor }) => isPoor || hold.phase !== 'free');
}

import { currentRoute, isFoundNewer } from './adopted-route.ts';
import { classMode } from './class-mode.ts';
import { entryOf, type PbxMemory } from './planner-memory.ts';
import type { PbxRouteInput } from './route-input.ts';

const NONE: ReadonlySet<string> = new Set();

/** Trunks that stand behind a later configured one in a route that was found, not ordered. One that it does not hold is new. */
export function demotedWhenFound(memory: PbxMemory, input: PbxRouteInput): ReadonlySet<string> {
  let demoted: Set<string> | undefined;
  for (const order of input.classes) {
    const known = entryOf(memory.routes, order.class);
    const { version } = memory;
    const { readBack } = input;
    if (known && (!readBack || !isFoundNewer({ order, version, readBack }))) continue;
    const start = { order, mode: classMode(input.modes, order.class), memory: known, version, readBack };
    const written = readBack?.find((route) => route.class === order.class)?.trunks;
    const placeOf = (trunk: string): number => order.trunks.indexOf(trunk);
    let latest = -1;
    for (const { trunk } of currentRoute(start)) {
      if (written && !written.some((each) => each.trunk === trunk)) continue;
      const place = placeOf(trunk);
      if (place < latest) {
        demoted ??= new Set();
        demoted.add(trunk);
      }
      latest = Math.max(latest, place);
    }
  }
  return demoted ?? NONE;
}

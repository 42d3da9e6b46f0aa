import type { CostBook } from './correlate/cost-book.ts';
import type { NewestLeg } from './correlate/newest-leg.ts';
import { pbxOfKey } from './paths/path-key.ts';
import type { PathSnapshot } from './paths/path-snapshot.ts';
import type { PathTable } from './paths/path-table.ts';
import type { SickStretch } from './paths/sick-stretches.ts';
import { declaredIn, type PbxDeclaration } from './pbx-book.ts';
import type { PbxTable } from './pbx-table.ts';
import type { PlannerMemory } from './routing/planner-memory.ts';
import { portions } from './steps.ts';

/** Memory of the engine worth keeping over a restart of the hub (safety rule 9). */
export type EngineMemory = {
  readonly paths: PathSnapshot;
  readonly planner: PlannerMemory;
  /** By PBX: what its probe last declared, so that its paths are there, unknown, before it says hello again. */
  readonly declared: ReadonlyMap<string, PbxDeclaration>;
  /** By PBX: when its probe was sick in the last hour; absent where it never was. */
  readonly sick: ReadonlyMap<string, readonly SickStretch[]>;
  /** By PBX: its newest call whose media were told of; absent where there was none. */
  readonly legs: ReadonlyMap<string, NewestLeg>;
};

/** Where the memory is. */
export type MemoryGround = {
  readonly paths: Pick<PathTable, 'snapshot' | 'waiting' | 'remembrances' | 'sickStretches'>;
  readonly costs: Pick<CostBook, 'newestLeg'>;
  readonly pbxes: Pick<PbxTable, 'names' | 'get'>;
  /** Read anew whenever it is needed. */
  readonly planner: () => PlannerMemory;
};

/** PBXs whose memory is taken at once. */
const PORTION_PBXES = 20;

/** What a hub that starts after this one should know. */
export function wholeMemory({ costs, paths, pbxes, planner }: MemoryGround, nowMs: number): EngineMemory {
  const { names } = pbxes;
  return {
    paths: paths.snapshot(nowMs),
    planner: planner(),
    declared: declaredOf(pbxes, names),
    sick: sickOf(paths, names),
    legs: legsOf(costs, names),
  };
}

/** {@link wholeMemory} in portions of some PBXs each, every one as of when it is asked for. */
export function* memoryPortions(
  { costs, paths, pbxes, planner }: MemoryGround,
  nowMs: () => number,
): Generator<EngineMemory, void> {
  const names = new Set([...pbxes.names, ...Object.keys(planner().pbxes)]);
  const waiting = Map.groupBy(paths.waiting(), ({ key }) => pbxOfKey(key));
  for (const pbx of waiting.keys()) names.add(pbx);
  for (const some of portions([...names], PORTION_PBXES)) {
    const { format, pbxes: planned, recentFlips } = planner();
    const own = some.flatMap((pbx) => [...(waiting.get(pbx) ?? []), ...paths.remembrances(pbx, nowMs())]);
    yield {
      paths: { format: 'trunkward-paths-1', paths: own },
      planner: {
        format,
        recentFlips,
        pbxes: Object.fromEntries(some.flatMap((pbx) => (planned[pbx] ? [[pbx, planned[pbx]]] : []))),
      },
      declared: declaredOf(pbxes, some),
      sick: sickOf(paths, some),
      legs: legsOf(costs, some),
    };
  }
}

function declaredOf(pbxes: MemoryGround['pbxes'], names: readonly string[]): ReadonlyMap<string, PbxDeclaration> {
  return new Map(
    names.flatMap((pbx) => {
      const state = pbxes.get(pbx);
      return state ? [[pbx, declaredIn(state)] as const] : [];
    }),
  );
}

function sickOf(paths: MemoryGround['paths'], names: readonly string[]): EngineMemory['sick'] {
  return new Map(
    names.flatMap((pbx) => {
      const stretches = paths.sickStretches(pbx);
      return stretches.length > 0 ? [[pbx, stretches] as const] : [];
    }),
  );
}

function legsOf(costs: MemoryGround['costs'], names: readonly string[]): EngineMemory['legs'] {
  return new Map(
    names.flatMap((pbx) => {
      const leg = costs.newestLeg(pbx);
      return leg ? [[pbx, leg] as const] : [];
    }),
  );
}

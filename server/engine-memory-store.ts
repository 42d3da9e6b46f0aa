import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { Identifier } from '../wire/identifiers.ts';
import { TargetDescription } from '../wire/probe-frames.ts';
import { NewestLeg } from './correlate/newest-leg.ts';
import type { EngineMemory } from './engine-memory.ts';
import { toJson } from './hub-entries.ts';
import { pbxOfKey } from './paths/path-key.ts';
import { readPathSnapshot } from './paths/path-snapshot.ts';
import { SickStretch } from './paths/sick-stretches.ts';
import type { PbxDeclaration } from './pbx-book.ts';
import { EMPTY_PLANNER, type PlannerMemory, readPlannerMemory } from './routing/planner-memory.ts';
import type { Json } from './store/json-value.ts';
import type { MemoryEntry, MemoryStore } from './store/memory-store.ts';

const PATHS = 'engine/paths/';
const PLANNER = 'engine/planner/';
const DECLARED = 'engine/declared/';
const SICK = 'engine/sick/';
const LEGS = 'engine/legs/';
const RECENT = 'engine/recent-flips';

const declaration = Compile(
  Type.Object({
    targets: Type.Array(TargetDescription),
    trunks: Type.Array(Identifier),
    classes: Type.Array(Identifier),
  }),
);

const sickness = Compile(Type.Array(SickStretch, { maxItems: 100 }));

const newestLeg = Compile(NewestLeg);

/** Memory as found, and what of it could not be understood: the hub then adopts what Asterisk has. */
export type LoadedMemory = { readonly memory: EngineMemory; readonly faults: readonly string[] };

/**
 * Reads what an earlier life of the hub remembered (safety rule 9). One entry per PBX, so that no single one grows with
 * the fleet; one that is bad is left out alone.
 */
export async function loadMemory(store: MemoryStore): Promise<LoadedMemory> {
  const faults: string[] = [];
  const paths: EngineMemory['paths']['paths'] = [];
  for await (const { key, value } of store.all(PATHS)) {
    const read = readPathSnapshot({ format: 'trunkward-paths-1', paths: value });
    if (read.ok) paths.push(...read.snapshot.paths);
    else faults.push(`${key}${read.place}`);
  }
  const pbxes: Record<string, Json> = {};
  for await (const { key, value } of store.all(PLANNER)) pbxes[key.slice(PLANNER.length)] = value;
  const declared = new Map<string, PbxDeclaration>();
  for await (const { key, value } of store.all(DECLARED)) {
    if (declaration.Check(value)) declared.set(key.slice(DECLARED.length), value);
    else faults.push(key);
  }
  const sick = new Map<string, readonly SickStretch[]>();
  for await (const { key, value } of store.all(SICK)) {
    if (sickness.Check(value)) sick.set(key.slice(SICK.length), value);
    else faults.push(key);
  }
  const legs = new Map<string, NewestLeg>();
  for await (const { key, value } of store.all(LEGS)) {
    if (newestLeg.Check(value)) legs.set(key.slice(LEGS.length), value);
    else faults.push(key);
  }
  const recentFlips = (await store.get(RECENT))?.value ?? [];
  const planner = readPlannerMemory({ format: 'trunkward-planner-1', pbxes, recentFlips });
  if (!planner.ok) faults.push(`${PLANNER}${planner.place}`);
  return {
    memory: {
      paths: { format: 'trunkward-paths-1', paths },
      planner: planner.ok ? planner.memory : EMPTY_PLANNER,
      declared,
      sick,
      legs,
    },
    faults,
  };
}

/** The memory as entries of the store, one per PBX. */
export function memoryEntries({ paths, planner, declared, sick, legs }: EngineMemory): readonly MemoryEntry[] {
  const byPbx = Map.groupBy(paths.paths, ({ key }) => pbxOfKey(key));
  return [
    ...[...byPbx].map(([pbx, own]): MemoryEntry => ({ key: `${PATHS}${pbx}`, value: toJson(own) })),
    ...plannerEntries(planner),
    ...[...declared].map(([pbx, value]): MemoryEntry => ({ key: `${DECLARED}${pbx}`, value: toJson(value) })),
    ...[...sick].map(([pbx, value]): MemoryEntry => ({ key: `${SICK}${pbx}`, value: toJson(value) })),
    ...[...legs].map(([pbx, value]): MemoryEntry => ({ key: `${LEGS}${pbx}`, value: toJson(value) })),
    { key: RECENT, value: toJson(planner.recentFlips) },
  ];
}

function plannerEntries({ pbxes }: PlannerMemory): readonly MemoryEntry[] {
  return Object.entries(pbxes).map(([pbx, memory]) => ({ key: `${PLANNER}${pbx}`, value: toJson(memory) }));
}

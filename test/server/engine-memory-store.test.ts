import { describe, expect, it } from 'vitest';
import { loadMemory, memoryEntries } from '../../server/engine-memory-store.ts';
import { EMPTY_PLANNER } from '../../server/routing/planner-memory.ts';
import { storeFor } from './store/store-fixture.ts';

const NOW = 1_800_000_000_000;
const SICK = [{ sinceMs: NOW - 600_000, untilMs: NOW - 590_000 }];

describe('memory of the engine on disk', () => {
  it('comes back as it was, one entry for each PBX', async () => {
    const { memory: store } = await storeFor({ driver: 'node:sqlite', clock: { nowEpochMs: () => NOW } });
    const memory = {
      paths: { format: 'trunkward-paths-1' as const, paths: [] },
      planner: EMPTY_PLANNER,
      declared: new Map([['fra-1', { targets: [], trunks: ['a'], classes: ['national'] }]]),
      sick: new Map([['fra-1', SICK]]),
      legs: new Map([['fra-1', { instanceId: 'instance-0001', leg: 12 }]]),
    };
    await store.put(memoryEntries(memory));
    expect(await loadMemory(store)).toEqual({ memory, faults: [] });
  });

  it('leaves out alone what it does not understand, and says what', async () => {
    const { memory: store } = await storeFor({ driver: 'node:sqlite', clock: { nowEpochMs: () => NOW } });
    await store.put([
      { key: 'engine/sick/fra-1', value: [{ sinceMs: 'long ago', untilMs: NOW }] },
      { key: 'engine/sick/ams-1', value: SICK },
      { key: 'engine/declared/fra-1', value: { trunks: ['a'] } },
      { key: 'engine/legs/fra-1', value: { leg: -1 } },
    ]);
    const { faults, memory } = await loadMemory(store);
    expect(faults).toEqual(['engine/declared/fra-1', 'engine/sick/fra-1', 'engine/legs/fra-1']);
    expect(memory.sick).toEqual(new Map([['ams-1', SICK]]));
  });
});

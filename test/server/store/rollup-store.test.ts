import { describe, expect, it } from 'vitest';
import { HEALTHY_ROLLUP_MS, type PathRollup, UNHEALTHY_ROLLUP_MS } from '../../../server/store/rollup-store.ts';
import { DRIVERS, START_EPOCH_MS, storeFor } from './store-fixture.ts';

const rollup = (minute: number, more: Partial<PathRollup> = {}): PathRollup => ({
  pathKey: 'fra-1>a.a1',
  startEpochMs: START_EPOCH_MS + minute * 60_000,
  lengthMs: UNHEALTHY_ROLLUP_MS,
  sent: 60,
  lost: 18,
  rttP50Ms: 12.25,
  rttP95Ms: 31.5,
  ...more,
});

describe.each(DRIVERS)('path rollups on %s', (driver) => {
  it('come back as put, also without a round trip', async () => {
    const store = await storeFor({ driver });
    const silent = rollup(1, { lost: 60, rttP50Ms: undefined, rttP95Ms: undefined });
    await store.rollups.put([rollup(0), silent]);
    expect((await store.rollups.list({ order: 'oldest' })).items).toEqual([
      { id: 1, ...rollup(0) },
      { id: 2, ...silent },
    ]);
  });

  it('replace one of the same path, start and length', async () => {
    const store = await storeFor({ driver });
    await store.rollups.put([rollup(0), rollup(0, { lengthMs: HEALTHY_ROLLUP_MS })]);
    await store.rollups.put([rollup(0, { sent: 61 })]);
    expect((await store.rollups.list({ order: 'oldest' })).items.map(({ sent }) => sent)).toEqual([61, 60]);
  });

  it('never hold more lost than sent', async () => {
    const store = await storeFor({ driver });
    await expect(store.rollups.put([rollup(0), rollup(1, { lost: 61 })])).rejects.toMatchObject({
      code: 'STORE_CONSTRAINT',
    });
    expect((await store.rollups.list()).items).toEqual([]);
  });

  it('filter by path, length and time', async () => {
    const store = await storeFor({ driver });
    await store.rollups.put([rollup(0), rollup(1), rollup(2, { pathKey: 'fra-1>b.b1', lengthMs: HEALTHY_ROLLUP_MS })]);
    const ids = async (filter: Parameters<typeof store.rollups.list>[0]) =>
      (await store.rollups.list(filter)).items.map(({ id }) => id);
    expect(await ids({ pathKey: 'fra-1>a.a1' })).toEqual([2, 1]);
    expect(await ids({ lengthMs: HEALTHY_ROLLUP_MS })).toEqual([3]);
    expect(await ids({ fromEpochMs: START_EPOCH_MS + 60_000, toEpochMs: START_EPOCH_MS + 120_000 })).toEqual([2]);
    expect(await ids({ limit: 1, cursor: 2 })).toEqual([1]);
  });
});

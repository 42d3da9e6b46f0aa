import { describe, expect, it } from 'vitest';
import type { VerdictRecord } from '../../../server/store/verdict-store.ts';
import { DRIVERS, START_EPOCH_MS, storeFor } from './store-fixture.ts';

const verdict = (verdictId: string, updatedAtMs: number, more: Partial<VerdictRecord> = {}): VerdictRecord => ({
  verdictId,
  latest: { place: { kind: 'provider', provider: 'telco-a' }, updatedAtMs },
  openedAtEpochMs: START_EPOCH_MS,
  updatedAtEpochMs: START_EPOCH_MS + updatedAtMs,
  ...more,
});

describe.each(DRIVERS)('verdicts on %s', (driver) => {
  it('are kept in their latest state with a snapshot of evidence for each', async () => {
    const store = await storeFor({ driver });
    await store.verdicts.save(verdict('v-1', 10), { lost: 90 });
    await store.verdicts.save(verdict('v-1', 20, { openedAtEpochMs: START_EPOCH_MS + 20 }), { lost: 120 });
    await store.verdicts.save(verdict('v-1', 30));
    expect(await store.verdicts.get('v-1')).toEqual({ id: 1, ...verdict('v-1', 30), clearedAtEpochMs: undefined });
    expect((await store.verdicts.evidence('v-1', { order: 'oldest' })).items).toEqual([
      { id: 1, atEpochMs: START_EPOCH_MS + 10, snapshot: { lost: 90 } },
      { id: 2, atEpochMs: START_EPOCH_MS + 20, snapshot: { lost: 120 } },
    ]);
    expect(await store.verdicts.get('v-2')).toBeUndefined();
    expect((await store.verdicts.evidence('v-2')).items).toEqual([]);
  });

  it('that are open are all found, however many pages they fill', async () => {
    const store = await storeFor({ driver });
    const ids = Array.from({ length: 501 }, (_, at) => `v-${at}`);
    await Promise.all(ids.map((id) => store.verdicts.save(verdict(id, 1))));
    await store.verdicts.save(verdict('v-7', 2, { clearedAtEpochMs: START_EPOCH_MS + 2 }));
    const open = await store.verdicts.allOpen();
    expect(open.map(({ verdictId }) => verdictId)).toEqual(ids.filter((id) => id !== 'v-7'));
  });

  it('that were cleared of late are found, the newest first; open ones and older ends are not', async () => {
    const store = await storeFor({ driver });
    for (const [id, clearedAtMs] of [
      ['v-old', 5],
      ['v-1', 20],
      ['v-2', 30],
      ['v-open', undefined],
    ] as const) {
      const cleared = clearedAtMs === undefined ? {} : { clearedAtEpochMs: START_EPOCH_MS + clearedAtMs };
      await store.verdicts.save(verdict(id, 1, cleared));
    }
    const found = await store.verdicts.clearedSince(START_EPOCH_MS + 20);
    expect(found.map(({ verdictId }) => verdictId)).toEqual(['v-2', 'v-1']);
  });

  it('are not put back by an older state', async () => {
    const store = await storeFor({ driver });
    await store.verdicts.save(verdict('v-1', 30, { clearedAtEpochMs: START_EPOCH_MS + 30 }));
    await store.verdicts.save(verdict('v-1', 20));
    expect(await store.verdicts.get('v-1')).toMatchObject({ clearedAtEpochMs: START_EPOCH_MS + 30 });
  });

  it('are listed open or cleared, by time and by page', async () => {
    const store = await storeFor({ driver });
    await store.verdicts.save(verdict('v-1', 1, { clearedAtEpochMs: START_EPOCH_MS + 9 }));
    await store.verdicts.save(verdict('v-2', 2));
    await store.verdicts.save(verdict('v-3', 3, { openedAtEpochMs: START_EPOCH_MS + 3 }));
    const ids = async (filter: Parameters<typeof store.verdicts.list>[0]) =>
      (await store.verdicts.list(filter)).items.map(({ verdictId }) => verdictId);
    expect(await ids({ isOpen: true })).toEqual(['v-3', 'v-2']);
    expect(await ids({ isOpen: false })).toEqual(['v-1']);
    expect(await ids({ fromEpochMs: START_EPOCH_MS + 1 })).toEqual(['v-3']);
    expect(await ids({ toEpochMs: START_EPOCH_MS + 1, order: 'oldest' })).toEqual(['v-1', 'v-2']);
    const first = await store.verdicts.list({ limit: 2 });
    expect(first.nextCursor).toBe(2);
    expect(await ids({ limit: 2, cursor: 2 })).toEqual(['v-1']);
  });
});

import { describe, expect, it } from 'vitest';
import { RETENTION_CHUNK_ROWS, RETENTION_POLICY } from '../../../server/store/retention-store.ts';
import { HEALTHY_ROLLUP_MS, UNHEALTHY_ROLLUP_MS } from '../../../server/store/rollup-store.ts';
import { DRIVERS, handClock, START_EPOCH_MS, storeFor } from './store-fixture.ts';

const entry = { kind: 'note', actor: 'hub', sentence: 'note' };
const NOTHING = {
  journalMs: 0,
  eventsMs: 0,
  clearedVerdictsMs: 0,
  plansMs: 0,
  minuteRollupsMs: 0,
  quarterHourRollupsMs: 0,
};

describe.each(DRIVERS)('retention on %s', (driver) => {
  it('deletes journal rows older than the policy, in chunks, and no other', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock });
    const old = RETENTION_CHUNK_ROWS * 2 + 1;
    await Promise.all(Array.from({ length: old }, () => store.journal.append(entry)));
    clock.nowMs += 1000;
    const kept = await store.journal.append(entry);
    const before = store.status().committedGroups;
    expect(await store.retention.trim({ ...RETENTION_POLICY, journalMs: 500 })).toEqual({ ...NOTHING, journalMs: old });
    expect((await store.journal.list()).items).toEqual([kept]);
    expect(store.status().committedGroups - before).toBeGreaterThanOrEqual(3);
    const next = await store.journal.append(entry);
    expect(next.id).toBe(kept.id + 1);
  });

  it('keeps open verdicts and deletes cleared ones with their evidence', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock });
    const base = { latest: {}, openedAtEpochMs: START_EPOCH_MS, updatedAtEpochMs: START_EPOCH_MS };
    await store.verdicts.save({ ...base, verdictId: 'open' }, { n: 1 });
    await store.verdicts.save({ ...base, verdictId: 'cleared', clearedAtEpochMs: START_EPOCH_MS }, { n: 2 });
    clock.nowMs += 1000;
    expect(await store.retention.trim({ ...RETENTION_POLICY, clearedVerdictsMs: 500 })).toMatchObject({
      clearedVerdictsMs: 2,
    });
    expect((await store.verdicts.list()).items.map(({ verdictId }) => verdictId)).toEqual(['open']);
    expect((await store.verdicts.evidence('open')).items).toHaveLength(1);
    expect((await store.verdicts.evidence('cleared')).items).toEqual([]);
  });

  it('keeps the latest plan of each class however old', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock });
    const plan = { pbx: 'fra-1', fence: 1, mode: 'observe', reason: 'r', issuedAtEpochMs: START_EPOCH_MS } as const;
    const trunks = [{ trunk: 'a-main', weight: 1 }];
    await store.plans.issue(
      [
        { ...plan, class: 'national', version: 1, trunks },
        { ...plan, class: 'mobile', version: 1, trunks },
      ],
      [entry],
    );
    await store.plans.issue([{ ...plan, class: 'national', version: 2, trunks }], [entry]);
    clock.nowMs += 1000;
    expect(await store.retention.trim({ ...RETENTION_POLICY, plansMs: 500 })).toEqual({ ...NOTHING, plansMs: 1 });
    expect((await store.plans.latestOf('fra-1')).map(({ version }) => version)).toEqual([1, 2]);
  });

  it('keeps minute rollups for a shorter time than those of a quarter of an hour', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock });
    const base = { pathKey: 'p', startEpochMs: START_EPOCH_MS, sent: 1, lost: 0, rttP50Ms: 1, rttP95Ms: 1 };
    await store.rollups.put([
      { ...base, lengthMs: UNHEALTHY_ROLLUP_MS },
      { ...base, lengthMs: HEALTHY_ROLLUP_MS },
    ]);
    clock.nowMs += RETENTION_POLICY.minuteRollupsMs + 1;
    expect(await store.retention.trim(RETENTION_POLICY)).toEqual({ ...NOTHING, minuteRollupsMs: 1 });
    expect((await store.rollups.list()).items).toMatchObject([{ lengthMs: HEALTHY_ROLLUP_MS }]);
  });

  it('stops between chunks when told to', async () => {
    const store = await storeFor({ driver });
    await store.journal.append(entry);
    const stopped = AbortSignal.abort();
    expect(await store.retention.trim({ ...RETENTION_POLICY, journalMs: -1 }, stopped)).toEqual(NOTHING);
    expect((await store.journal.list()).items).toHaveLength(1);
  });
});

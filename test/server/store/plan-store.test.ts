import { describe, expect, it } from 'vitest';
import type { NewPlan } from '../../../server/store/plan-store.ts';
import { DRIVERS, START_EPOCH_MS, storeFor } from './store-fixture.ts';

const plan = (version: number, more: Partial<NewPlan> = {}): NewPlan => ({
  pbx: 'fra-1',
  class: 'national',
  fence: 7,
  version,
  trunks: [
    { trunk: 'b-main', weight: 100 },
    { trunk: 'a-main', weight: 0 },
  ],
  mode: 'enforce',
  reason: 'a-main is hard-down',
  issuedAtEpochMs: START_EPOCH_MS + version,
  ...more,
});
const why = { kind: 'plan-issued', actor: 'hub', scope: { pbx: 'fra-1' }, sentence: 'a-main last: 5 of 5 lost' };

describe.each(DRIVERS)('plans on %s', (driver) => {
  it('are on disk together with the journal entry that says why (rule 7)', async () => {
    const store = await storeFor({ driver });
    const [entry] = await store.plans.issue([plan(1), plan(1, { class: 'mobile' })], [why]);
    expect(entry).toMatchObject({ id: 1, ...why });
    expect((await store.plans.list({ order: 'oldest' })).items).toMatchObject([
      { id: 1, ...plan(1), outcome: undefined, appliedAtEpochMs: undefined },
      { id: 2, class: 'mobile' },
    ]);
  });

  it('issued twice under one number are refused, and nothing is journaled of it', async () => {
    const store = await storeFor({ driver });
    await store.plans.issue([plan(1)], [why]);
    await expect(store.plans.issue([plan(2), plan(1)], [why])).rejects.toMatchObject({ code: 'STORE_CONSTRAINT' });
    expect((await store.plans.list()).items).toHaveLength(1);
    expect((await store.journal.list()).items).toHaveLength(1);
  });

  it('carry all their reasons in the one write, in the order given (rule 7)', async () => {
    const store = await storeFor({ driver });
    const reasons = ['first', 'second', 'third'].map((sentence) => ({ ...why, sentence }));
    const entries = await store.plans.issue([plan(1)], reasons);
    expect(entries.map(({ id, sentence }) => [id, sentence])).toEqual([
      [1, 'first'],
      [2, 'second'],
      [3, 'third'],
    ]);
    await expect(store.plans.issue([plan(1)], reasons)).rejects.toMatchObject({ code: 'STORE_CONSTRAINT' });
    expect((await store.journal.list()).items).toHaveLength(3);
  });

  it('are known to be issued only as they are on disk, every one', async () => {
    const store = await storeFor({ driver });
    await store.plans.issue([plan(1), plan(1, { class: 'mobile' })], [why]);
    expect(await store.plans.areIssued([plan(1), plan(1, { class: 'mobile' })])).toBe(true);
    expect(await store.plans.areIssued([plan(1, { trunks: [{ trunk: 'a-main', weight: 100 }] })])).toBe(false);
    expect(await store.plans.areIssued([plan(1), plan(2)])).toBe(false);
  });

  it('keep what the probe reports, read back included', async () => {
    const store = await storeFor({ driver });
    await store.plans.issue([plan(1), plan(1, { class: 'mobile' }), plan(1, { class: 'premium' })], [why]);
    const changed = await store.plans.recordOutcome({
      pbx: 'fra-1',
      fence: 7,
      version: 1,
      finishedAtEpochMs: START_EPOCH_MS + 90.6,
      results: [
        { class: 'national', outcome: 'applied', readBack: '2:7.1:b-main/100,a-main/0' },
        { class: 'mobile', outcome: 'refused', reason: 'class not in the list' },
        { class: 'absent', outcome: 'applied' },
      ],
    });
    expect(changed).toBe(2);
    expect(await store.plans.latestOf('fra-1')).toMatchObject([
      { class: 'mobile', outcome: 'refused', outcomeReason: 'class not in the list', appliedAtEpochMs: undefined },
      {
        class: 'national',
        outcome: 'applied',
        appliedAtEpochMs: START_EPOCH_MS + 91,
        readBack: '2:7.1:b-main/100,a-main/0',
      },
      { class: 'premium', outcome: undefined },
    ]);
  });

  it('give the latest of each class of one PBX', async () => {
    const store = await storeFor({ driver });
    await store.plans.issue([plan(1), plan(1, { class: 'mobile' }), plan(1, { pbx: 'ams-1' })], [why]);
    await store.plans.issue([plan(2)], [why]);
    const latest = await store.plans.latestOf('fra-1');
    expect(latest.map((found) => [found.class, found.version])).toEqual([
      ['mobile', 1],
      ['national', 2],
    ]);
    expect((await store.plans.list({ pbx: 'fra-1', class: 'national' })).items.map(({ version }) => version)).toEqual([
      2, 1,
    ]);
    expect((await store.plans.list({ toEpochMs: START_EPOCH_MS + 2 })).items).toHaveLength(3);
  });
});

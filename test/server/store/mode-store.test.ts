import { describe, expect, it } from 'vitest';
import { DRIVERS, handClock, START_EPOCH_MS, storeFor, temporaryFile } from './store-fixture.ts';

describe.each(DRIVERS)('modes on %s', (driver) => {
  it('are kept per function and scope, the last one set', async () => {
    const store = await storeFor({ driver });
    const base = { function: 'routing', actor: 'alice' } as const;
    await store.modes.set({ ...base, scope: { kind: 'fleet' }, mode: 'observe' });
    await store.modes.set({ ...base, scope: { kind: 'site', site: 'fra' }, mode: 'observe' });
    await store.modes.set({ ...base, scope: { kind: 'site', site: 'fra' }, mode: 'enforce', actor: 'bob' });
    await store.modes.set({ ...base, scope: { kind: 'pbx', pbx: 'fra' }, mode: 'enforce' });
    await store.modes.set({ ...base, scope: { kind: 'class', class: 'fra' }, mode: 'observe' });
    const modes = await store.modes.list();
    expect(modes).toHaveLength(4);
    expect(modes).toContainEqual({
      function: 'routing',
      scope: { kind: 'site', site: 'fra' },
      mode: 'enforce',
      actor: 'bob',
      changedAtEpochMs: START_EPOCH_MS,
    });
    for (const scope of [{ kind: 'fleet' }, { kind: 'pbx', pbx: 'fra' }, { kind: 'class', class: 'fra' }]) {
      expect(modes).toContainEqual(expect.objectContaining({ scope, actor: 'alice' }));
    }
  });

  it('are journaled with each change: who, what, where, why (rule 7)', async () => {
    const store = await storeFor({ driver });
    const scope = { kind: 'pbx', pbx: 'fra-1' } as const;
    const set = await store.modes.set({ function: 'spend', scope, mode: 'enforce', actor: 'alice' }, 'ticket 12');
    expect(set).toMatchObject({
      kind: 'mode-set',
      actor: 'alice',
      scope: { pbx: 'fra-1' },
      sentence: 'spend of pbx fra-1 set to enforce, by alice: ticket 12',
    });
    const cleared = await store.modes.clear({ function: 'spend', scope, actor: 'bob' });
    expect(cleared).toMatchObject({ kind: 'mode-cleared', sentence: 'spend of pbx fra-1 cleared, by bob' });
    expect(await store.modes.list()).toEqual([]);
    expect((await store.journal.list()).items).toEqual([cleared, set]);
  });

  it('stop everything by a switch that outlives a restart', async () => {
    const clock = handClock();
    const file = temporaryFile();
    const store = await storeFor({ driver, file, clock });
    expect(await store.modes.stopSwitch()).toEqual({ isStopped: false, actor: undefined, changedAtEpochMs: undefined });
    expect(await store.modes.setStopped(true, 'alice', 'flapping')).toMatchObject({ kind: 'stopped', scope: {} });
    await store.close();
    const again = await storeFor({ driver, file, clock });
    expect(await again.modes.stopSwitch()).toEqual({
      isStopped: true,
      actor: 'alice',
      changedAtEpochMs: START_EPOCH_MS,
    });
    expect(await again.modes.setStopped(false, 'bob')).toMatchObject({ kind: 'released' });
    expect(await again.modes.stopSwitch()).toMatchObject({ isStopped: false, actor: 'bob' });
  });
});

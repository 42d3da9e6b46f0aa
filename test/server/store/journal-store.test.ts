import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewJournalEntry } from '../../../server/store/journal-store.ts';
import { connectionFor, DRIVERS, handClock, rowsOf, START_EPOCH_MS, storeFor, temporaryFile } from './store-fixture.ts';

const entry = (n: number, more: Partial<NewJournalEntry> = {}): NewJournalEntry => ({
  kind: 'note',
  actor: 'hub',
  sentence: `entry ${n}`,
  ...more,
});

describe.each(DRIVERS)('the journal on %s', (driver) => {
  it('gives back what was appended, with id and time', async () => {
    const store = await storeFor({ driver });
    const appended = await store.journal.append(
      entry(1, {
        atEpochMs: START_EPOCH_MS + 0.4,
        scope: { site: 'fra', pbx: 'fra-1', provider: 'telco-a', trunk: 'a-main', class: 'national' },
        detail: { posterior: 0.97, counts: [{ sent: 300, lost: 91 }], runnerUp: null },
      }),
    );
    expect(appended).toEqual({
      id: 1,
      atEpochMs: START_EPOCH_MS,
      kind: 'note',
      actor: 'hub',
      scope: { site: 'fra', pbx: 'fra-1', provider: 'telco-a', trunk: 'a-main', class: 'national' },
      sentence: 'entry 1',
      detail: { posterior: 0.97, counts: [{ sent: 300, lost: 91 }], runnerUp: null },
      isBuffered: false,
    });
    expect((await store.journal.list()).items).toEqual([appended]);
  });

  it('keeps any text whole', async () => {
    const store = await storeFor({ driver });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const { id } = await store.journal.append(entry(0, { sentence: text, detail: text }));
        const { items } = await store.journal.list({ limit: 1 });
        expect(items[0]).toMatchObject({ id, sentence: text, detail: text });
      }),
      { seed: 11, numRuns: 25 },
    );
  });

  it('pages by cursor both ways without a gap or a repeat', async () => {
    const store = await storeFor({ driver });
    await Promise.all(Array.from({ length: 25 }, (_, n) => store.journal.append(entry(n))));
    for (const order of ['newest', 'oldest'] as const) {
      const ids: number[] = [];
      let cursor: number | undefined;
      do {
        const page = await store.journal.list({ order, limit: 10, ...(cursor === undefined ? {} : { cursor }) });
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      const ascending = Array.from({ length: 25 }, (_, n) => n + 1);
      expect(ids).toEqual(order === 'oldest' ? ascending : ascending.toReversed());
    }
  });

  it('says on an exactly full last page that nothing follows', async () => {
    const store = await storeFor({ driver });
    await Promise.all([1, 2, 3].map((n) => store.journal.append(entry(n))));
    expect((await store.journal.list({ limit: 3 })).nextCursor).toBeUndefined();
    expect((await store.journal.list({ limit: 2 })).nextCursor).toBe(2);
  });

  it.each([0, 501, 1.5, Number.NaN])('refuses a page limit of %d', async (limit) => {
    const store = await storeFor({ driver });
    await expect(store.journal.list({ limit })).rejects.toMatchObject({ code: 'STORE_VALUE_REFUSED' });
  });

  it('filters by kind, actor, scope and time, all together', async () => {
    const store = await storeFor({ driver });
    const at = (n: number) => START_EPOCH_MS + n * 1000;
    await store.journal.append(entry(1, { atEpochMs: at(1), kind: 'flip', scope: { pbx: 'fra-1', trunk: 'a-main' } }));
    await store.journal.append(entry(2, { atEpochMs: at(2), kind: 'flip', scope: { pbx: 'ams-1', trunk: 'a-main' } }));
    await store.journal.append(entry(3, { atEpochMs: at(3), kind: 'mode-set', actor: 'alice' }));
    await store.journal.append(entry(4, { atEpochMs: at(4), kind: 'flip', scope: { pbx: 'fra-1', trunk: 'b-main' } }));
    const ids = async (filter: Parameters<typeof store.journal.list>[0]) =>
      (await store.journal.list({ ...filter, order: 'oldest' })).items.map(({ id }) => id);
    expect(await ids({ kinds: ['flip'] })).toEqual([1, 2, 4]);
    expect(await ids({ kinds: ['flip', 'mode-set'], fromEpochMs: at(2), toEpochMs: at(4) })).toEqual([2, 3]);
    expect(await ids({ scope: { pbx: 'fra-1' } })).toEqual([1, 4]);
    expect(await ids({ scope: { pbx: 'fra-1', trunk: 'a-main' } })).toEqual([1]);
    expect(await ids({ actor: 'alice' })).toEqual([3]);
    expect(await ids({ kinds: [] })).toEqual([]);
  });

  it('stamps an entry without a time by the store’s clock', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock });
    clock.nowMs += 5000;
    expect(await store.journal.append(entry(1))).toMatchObject({ atEpochMs: START_EPOCH_MS + 5000 });
  });

  it('is append-only in the file itself: no update, no delete, no replace', async () => {
    const file = temporaryFile();
    const store = await storeFor({ driver, file });
    await store.journal.append(entry(1));
    await store.close();
    const connection = await connectionFor(driver, file);
    await rowsOf(connection, 'pragma recursive_triggers = on');
    const forbidden = [
      "update journal set sentence = 'other'",
      'delete from journal',
      "insert or replace into journal (id, at_epoch_ms, kind, actor, sentence) values (1, 1, 'k', 'a', 'other')",
      'delete from journal_retention',
    ];
    for (const sql of forbidden) {
      expect(await connection.read({ sql, parameters: [] })).toMatchObject({
        ok: false,
        fault: { kind: 'constraint' },
      });
    }
    await rowsOf(connection, 'update journal_retention set horizon_epoch_ms = 10');
    expect(
      await connection.read({ sql: 'update journal_retention set horizon_epoch_ms = 9', parameters: [] }),
    ).toMatchObject({ ok: false });
    expect(await rowsOf(connection, 'select sentence from journal')).toEqual([{ sentence: 'entry 1' }]);
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { nodeSqliteOpener } from '../../../server/store/node-sqlite-client.ts';
import { storeFor, temporaryFile, until } from './store-fixture.ts';

const CRASHING = new URL('./crashing-runner.ts', import.meta.url);
const entry = (sentence: string) => ({ kind: 'note', actor: 'hub', sentence });

describe('the database thread', () => {
  it('answers every question that was open when it ended as lost', async () => {
    const connection = await nodeSqliteOpener(CRASHING)(temporaryFile());
    onTestFinished(() => connection.close());
    const questions = ['select 1', "select 'crash-now'", 'select 2', 'select 3'].map((sql) =>
      connection.read({ sql, parameters: [] }),
    );
    const [, ...lost] = await Promise.all(questions);
    for (const outcome of lost) {
      expect(outcome).toMatchObject({ ok: false, fault: { kind: 'lost', message: 'worker ended with exit code 3' } });
    }
    expect(await connection.commit([])).toMatchObject({ ok: false, fault: { kind: 'lost' } });
  });

  it('is started again by the store: pending writes are rejected, later ones work, nothing acknowledged is lost', async () => {
    const store = await storeFor({
      driver: 'node:sqlite',
      open: nodeSqliteOpener(CRASHING),
      limits: { retryFirstMs: 5, retryLongestMs: 20 },
    });
    const before = await store.journal.append(entry('before'));
    const pending = [store.journal.append(entry('crash-now')), store.journal.append(entry('together with it'))];
    for (const outcome of await Promise.allSettled(pending)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'STORE_WORKER_LOST', retryable: true } });
    }
    expect(store.isJournalWritable).toBe(false);
    await until(() => store.isJournalWritable);
    const after = await store.journal.append(entry('after'));
    await until(async () => {
      const page = await store.journal.list({ order: 'oldest' }).catch(() => undefined);
      return page !== undefined;
    });
    const { items } = await store.journal.list({ order: 'oldest' });
    expect(items.map(({ sentence }) => sentence.slice(0, 24))).toEqual(['before', 'journal could not be wri', 'after']);
    expect(items[0]).toEqual(before);
    expect(items[2]).toEqual(after);
  });

  it('lets the event loop go on while a query takes its time', async () => {
    const connection = await nodeSqliteOpener()(temporaryFile());
    onTestFinished(() => connection.close());
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    const sql =
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000) select max(i) as i from n';
    expect(await connection.read({ sql, parameters: [] })).toMatchObject({ rows: [{ i: 2_000_000 }] });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it('is shared by the connections of one opener and ends with the last of them', async () => {
    const open = nodeSqliteOpener();
    const file = temporaryFile();
    const [first, second] = await Promise.all([open(file), open(file)]);
    await first.close();
    expect(await second.read({ sql: 'select 1 as n', parameters: [] })).toMatchObject({ ok: true });
    await second.close();
    expect(await second.read({ sql: 'select 1', parameters: [] })).toMatchObject({ fault: { kind: 'closed' } });
    const third = await open(file);
    expect(await third.read({ sql: 'select 1', parameters: [] })).toMatchObject({ ok: true });
    await third.close();
  });
});

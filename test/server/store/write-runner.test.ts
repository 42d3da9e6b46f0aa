import { describe, expect, it } from 'vitest';
import { build } from '../../../server/store/query-builder.ts';
import type { CommitOutcome, SqliteConnection, Statement } from '../../../server/store/sqlite-connection.ts';
import type { SqliteFault } from '../../../server/store/sqlite-fault.ts';
import { WRITE_LIMITS, type WriteLimits } from '../../../server/store/write-limits.ts';
import { WriteRunner } from '../../../server/store/write-runner.ts';
import type { Outage } from '../../../server/store/write-status.ts';
import { until } from './store-fixture.ts';

const FULL: SqliteFault = { kind: 'unwritable', resultCode: 13, message: 'database or disk is full' };
const LOST: SqliteFault = { kind: 'lost', resultCode: 0, message: 'worker ended with exit code 1' };

/** A disk that takes what it is told to take, one commit at a time. */
class ScriptedConnection implements SqliteConnection {
  readonly written: (readonly (readonly Statement[])[])[] = [];
  fault: SqliteFault | undefined;
  /** Called with each commit as it is written. */
  whileWriting: (groups: readonly (readonly Statement[])[]) => void = () => {};
  closed = 0;
  #gate: Promise<void> = Promise.resolve();
  #open = () => {};

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }
  letGo(): void {
    this.#open();
  }
  readonly read = () => Promise.resolve({ ok: true, rows: [] } as const);
  readonly commit = async (groups: readonly (readonly Statement[])[]): Promise<CommitOutcome> => {
    await this.#gate;
    if (this.fault) return { ok: false, fault: this.fault };
    this.written.push(groups);
    this.whileWriting(groups);
    return { ok: true, groups: groups.map((group) => ({ ok: true, rows: group.map(() => []) })) };
  };
  readonly close = () => {
    this.closed += 1;
    return Promise.resolve();
  };
  keys(): readonly unknown[] {
    return this.written.flat(2).flatMap(({ sql, parameters }) => (sql.includes('"memory"') ? [parameters[0]] : []));
  }
}

function runnerWith(connection: ScriptedConnection, limits: Partial<WriteLimits> = {}, reopened = connection) {
  const outages: Outage[] = [];
  const runner = new WriteRunner(connection, {
    open: () => Promise.resolve(reopened),
    limits: { ...WRITE_LIMITS, groupDelayMs: 1, retryFirstMs: 1, retryLongestMs: 4, ...limits },
    nowEpochMs: () => 1000,
    recordOutage: (outage) => {
      outages.push(outage);
      return [put('outage-record')];
    },
  });
  return { runner, outages };
}

const put = (key: string, value = '1') =>
  build.insertInto('memory').values({ key, value, updated_at_epoch_ms: 1 }).compile();

describe('the writer', () => {
  it('commits at once when a group is full, and gathers what comes meanwhile', async () => {
    const connection = new ScriptedConnection();
    const { runner } = runnerWith(connection, { groupItems: 3, groupDelayMs: 60_000 });
    connection.hold();
    const writes = ['a', 'b', 'c', 'd', 'e'].map((key) => runner.submit([put(key)]));
    connection.letGo();
    await Promise.all(writes);
    expect(connection.written.map((groups) => groups.length)).toEqual([3, 2]);
    await runner.close();
  });

  it('settles a write only after its commit', async () => {
    const connection = new ScriptedConnection();
    const { runner } = runnerWith(connection);
    connection.hold();
    let isSettled = false;
    const write = (async () => {
      await runner.submit([put('a')]);
      isSettled = true;
    })();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isSettled).toBe(false);
    connection.letGo();
    await write;
    expect(connection.keys()).toEqual(['a']);
    await runner.close();
  });

  it('refuses beyond its bounds of groups and of characters', async () => {
    const connection = new ScriptedConnection();
    const { runner } = runnerWith(connection, { queueItems: 2, queueCharacters: 100, groupDelayMs: 60_000 });
    const first = runner.submit([put('a', 'x'.repeat(60))]);
    expect(() => runner.submit([put('b', 'x'.repeat(60))])).toThrowError(
      expect.objectContaining({ code: 'STORE_QUEUE_FULL', message: '69 + 69 characters waiting exceed 100' }),
    );
    const second = runner.submit([put('c')]);
    expect(() => runner.submit([put('d')])).toThrowError(expect.objectContaining({ code: 'STORE_QUEUE_FULL' }));
    await runner.close();
    await Promise.all([first, second]);
    expect(connection.keys()).toEqual(['a', 'c']);
    expect(runner.status).toMatchObject({ refusedGroups: 2, committedGroups: 2 });
  });

  it('refuses all that waits when the disk refuses, so that nothing later overtakes something earlier', async () => {
    const connection = new ScriptedConnection();
    const { runner } = runnerWith(connection, { groupItems: 1, retryFirstMs: 60_000, retryLongestMs: 60_000 });
    connection.fault = FULL;
    const writes = ['a', 'b', 'c'].map((key) => runner.submit([put(key)]));
    const outcomes = await Promise.allSettled(writes);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'JOURNAL_UNWRITABLE', retryable: true } });
    }
    expect(() => runner.submit([put('d')])).toThrowError(expect.objectContaining({ code: 'JOURNAL_UNWRITABLE' }));
    expect(runner.status).toMatchObject({
      isWritable: false,
      commits: 1,
      outage: { sinceEpochMs: 1000, reason: 'database or disk is full', rejected: 4 },
    });
    connection.fault = undefined;
    await runner.close();
  });

  it('tries again until the disk takes writes, then writes what it kept, in order, with a record', async () => {
    const connection = new ScriptedConnection();
    const { runner, outages } = runnerWith(connection, { bufferItems: 2 });
    const changes: boolean[] = [];
    runner.onChange((isWritable) => changes.push(isWritable));
    connection.fault = FULL;
    const kinds = [];
    for (const key of ['a', 'b', 'c']) kinds.push((await runner.submitOrBuffer([put(key)], [put(`${key}-kept`)])).kind);
    expect(kinds).toEqual(['buffered', 'buffered', 'overflowed']);
    expect(runner.status.outage).toMatchObject({ buffered: 2, overflowed: 1 });
    connection.fault = undefined;
    await until(() => runner.status.isWritable);
    expect(connection.keys()).toEqual(['outage-record', 'a-kept', 'b-kept']);
    expect(outages.at(-1)).toMatchObject({ buffered: 2, overflowed: 1, reason: 'database or disk is full' });
    expect(changes).toEqual([false, true]);
    expect(await runner.submitOrBuffer([put('d')], [put('d-kept')])).toMatchObject({ kind: 'written' });
    await runner.close();
  });

  it('keeps in memory in the order of asking, whether a write was under way or waiting', async () => {
    const connection = new ScriptedConnection();
    const { runner } = runnerWith(connection, { groupItems: 1, retryFirstMs: 20 });
    connection.fault = FULL;
    await Promise.all(['a', 'b', 'c'].map((key) => runner.submitOrBuffer([put(key)], [put(key)])));
    connection.fault = undefined;
    await until(() => runner.status.isWritable);
    expect(connection.keys()).toEqual(['outage-record', 'a', 'b', 'c']);
    await runner.close();
  });

  it('writes also what is kept in memory while the outage is just ending', async () => {
    const connection = new ScriptedConnection();
    const { runner } = runnerWith(connection, { retryFirstMs: 20 });
    connection.fault = FULL;
    await runner.submitOrBuffer([put('a')], [put('a')]);
    connection.fault = undefined;
    let late: Promise<unknown> | undefined;
    connection.whileWriting = () => {
      if (connection.keys().includes('a')) late ??= runner.submitOrBuffer([put('b')], [put('b')]);
    };
    await until(() => runner.status.isWritable);
    expect(await late).toEqual({ kind: 'buffered' });
    expect(connection.keys()).toEqual(['outage-record', 'a', 'b']);
    await runner.close();
  });

  it('bounds what it keeps in memory by text, too', async () => {
    const connection = new ScriptedConnection();
    const { runner } = runnerWith(connection, { bufferCharacters: 100, retryFirstMs: 60_000, retryLongestMs: 60_000 });
    connection.fault = FULL;
    const kept = async (value: string) => (await runner.submitOrBuffer([put('k', value)], [put('k', value)])).kind;
    expect(await kept('x'.repeat(60))).toBe('buffered');
    expect(await kept('x'.repeat(60))).toBe('overflowed');
    expect(await kept('x'.repeat(20))).toBe('buffered');
    connection.fault = undefined;
    await runner.close();
  });

  it('lets deletions through while nothing else is written', async () => {
    const connection = new ScriptedConnection();
    const { runner } = runnerWith(connection, { retryFirstMs: 60_000, retryLongestMs: 60_000 });
    connection.fault = FULL;
    await expect(runner.submit([put('a')])).rejects.toMatchObject({ code: 'JOURNAL_UNWRITABLE' });
    connection.fault = undefined;
    await runner.submit([build.deleteFrom('memory').compile()], true);
    expect(runner.status.isWritable).toBe(false);
    expect(connection.written).toHaveLength(1);
    await runner.close();
  });

  it('opens the file anew after the driver was lost, and says that the write under way is in doubt', async () => {
    const connection = new ScriptedConnection();
    const next = new ScriptedConnection();
    const { runner } = runnerWith(connection, {}, next);
    connection.fault = LOST;
    await expect(runner.submit([put('a')])).rejects.toMatchObject({ code: 'STORE_WORKER_LOST', retryable: true });
    await until(() => runner.status.isWritable);
    expect(connection.closed).toBe(1);
    await runner.submit([put('b')]);
    expect(next.keys()).toEqual(['outage-record', 'b']);
    await runner.close();
    expect(next.closed).toBe(1);
  });

  it('passes a busy file on to the caller without declaring an outage', async () => {
    const connection = new ScriptedConnection();
    const { runner } = runnerWith(connection);
    connection.fault = { kind: 'busy', resultCode: 5, message: 'database is locked' };
    await expect(runner.submit([put('a')])).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
    expect(runner.status.isWritable).toBe(true);
    connection.fault = undefined;
    await runner.submit([put('b')]);
    await runner.close();
  });

  it('makes a last attempt on close, and says so when what it kept is lost', async () => {
    const saved = new ScriptedConnection();
    const { runner } = runnerWith(saved, { retryFirstMs: 60_000, retryLongestMs: 60_000 });
    saved.fault = FULL;
    await runner.submitOrBuffer([put('a')], [put('a-kept')]);
    saved.fault = undefined;
    await runner.close();
    expect(saved.keys()).toEqual(['outage-record', 'a-kept']);

    const full = new ScriptedConnection();
    const { runner: other } = runnerWith(full, { retryFirstMs: 60_000, retryLongestMs: 60_000 });
    full.fault = FULL;
    await other.submitOrBuffer([put('a')], [put('a-kept')]);
    await expect(other.close()).rejects.toMatchObject({
      code: 'JOURNAL_UNWRITABLE',
      message: 'closed with 1 buffered writes not on disk',
    });
    expect(full.closed).toBe(1);
  });
});

import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setUpConnection } from '../../../server/store/connection-setup.ts';
import { connectionFor, DRIVERS, rowsOf, storeFor, temporaryFile } from './store-fixture.ts';

const entry = (sentence: string) => ({ kind: 'note', actor: 'hub', sentence });

describe.each(DRIVERS)('the store on %s', (driver) => {
  it('keeps everything written before close, also what was not waited for', async () => {
    const file = temporaryFile();
    const store = await storeFor({ driver, file });
    const appends = Array.from({ length: 1200 }, (_, n) => store.journal.append(entry(`row ${n}`)));
    await store.close();
    const written = await Promise.all(appends);
    expect(written.map(({ id }) => id)).toEqual(Array.from({ length: 1200 }, (_, n) => n + 1));
    const again = await storeFor({ driver, file });
    const first = await again.journal.list({ order: 'oldest', limit: 500 });
    expect(first.items[499]).toEqual(written[499]);
  });

  it('gathers writes made together into few transactions', async () => {
    const store = await storeFor({ driver });
    await Promise.all(Array.from({ length: 800 }, (_, n) => store.journal.append(entry(`row ${n}`))));
    expect(store.status()).toMatchObject({ committedGroups: 800, queued: 0, isWritable: true });
    expect(store.status().commits).toBeLessThanOrEqual(4);
  });

  it('shows a settled write to every read that follows', async () => {
    const store = await storeFor({ driver });
    for (let n = 1; n <= 50; n += 1) {
      const { id } = await store.journal.append(entry(`row ${n}`));
      expect((await store.journal.list({ limit: 1 })).items[0]?.id).toBe(id);
    }
  });

  it('refuses writes and reads after close, and lets close be called again', async () => {
    const store = await storeFor({ driver });
    await store.close();
    await store.close();
    await expect(store.journal.append(entry('late'))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(store.journal.list()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  it('makes its file for its owner only', async () => {
    const file = temporaryFile();
    const store = await storeFor({ driver, file });
    await store.journal.append(entry('first'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
  });

  it.each([':memory:', '', 'file:x?mode=memory'])('refuses %j for a file', async (file) => {
    await expect(storeFor({ driver, file })).rejects.toMatchObject({ code: 'STORE_OPEN_FAILED' });
  });

  it('says so when the folder is not there', async () => {
    await expect(storeFor({ driver, file: join(temporaryFile(), 'hub.sqlite') })).rejects.toMatchObject({
      code: 'STORE_OPEN_FAILED',
      cause: expect.objectContaining({ code: 'ENOENT' }),
    });
  });

  it('refuses a file that is no database and one of another program', async () => {
    const noDatabase = temporaryFile();
    writeFileSync(noDatabase, 'not a database, but long enough to have a header of one hundred bytes: '.repeat(9));
    await expect(storeFor({ driver, file: noDatabase })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });

    const foreign = temporaryFile();
    const connection = await connectionFor(driver, foreign);
    await rowsOf(connection, 'pragma application_id = 252006673');
    await connection.close();
    await expect(storeFor({ driver, file: foreign })).rejects.toMatchObject({
      code: 'STORE_OPEN_FAILED',
      message: expect.stringContaining('another program'),
    });
  });

  it('sets a writer up for durability: WAL, synchronous FULL, foreign keys, triggers on REPLACE', async () => {
    const connection = await connectionFor(driver);
    await setUpConnection(connection, 'writer', undefined);
    expect(await rowsOf(connection, 'pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await rowsOf(connection, 'pragma synchronous')).toEqual([{ synchronous: 2 }]);
    expect(await rowsOf(connection, 'pragma foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    expect(await rowsOf(connection, 'pragma recursive_triggers')).toEqual([{ recursive_triggers: 1 }]);
    expect(await rowsOf(connection, 'pragma busy_timeout')).toEqual([{ timeout: 5000 }]);
  });

  it('has SQLite refuse every change on a reader', async () => {
    const connection = await connectionFor(driver);
    await setUpConnection(connection, 'reader', undefined);
    expect(await connection.read({ sql: 'create table t (n)', parameters: [] })).toMatchObject({
      ok: false,
      fault: { kind: 'unwritable' },
    });
  });
});

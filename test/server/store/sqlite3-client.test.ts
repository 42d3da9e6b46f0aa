import { describe, expect, it } from 'vitest';
import { openStore } from '../../../server/store/database-store.ts';
import { openSqlite3 } from '../../../server/store/sqlite3-client.ts';
import { handClock, temporaryFile } from './store-fixture.ts';

describe('the optional driver sqlite3', () => {
  it('is named, with what to do, where the package is missing', async () => {
    const absent = 'package-that-is-not-installed';
    const open = (file: string) => openSqlite3(file, () => import(absent));
    await expect(
      openStore({ driver: 'sqlite3', file: temporaryFile(), clock: handClock(), open }),
    ).rejects.toMatchObject({
      code: 'STORE_DRIVER_MISSING',
      retryable: false,
      message: expect.stringMatching(/sqlite3 is not installed.*node:sqlite/),
      cause: expect.any(Error),
    });
  });
});

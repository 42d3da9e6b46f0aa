import { describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../../server/store/migration-list.ts';
import { checksumOf, migrate } from '../../../server/store/migration-runner.ts';
import { connectionFor, DRIVERS, rowsOf, START_EPOCH_MS, storeFor, temporaryFile } from './store-fixture.ts';

const FIRST = MIGRATIONS.slice(0, 1);
const LATEST = MIGRATIONS.length;

describe.each(DRIVERS)('migrations on %s', (driver) => {
  it('bring a file of version 1 up to date with its data in place', async () => {
    const file = temporaryFile();
    const old = await connectionFor(driver, file);
    expect(await migrate(old, FIRST, START_EPOCH_MS)).toEqual([1]);
    await rowsOf(
      old,
      "insert into journal (at_epoch_ms, kind, actor, site, sentence) values (7, 'k', 'hub', 'fra', 'kept')",
    );
    await rowsOf(old, "insert into memory (key, value, updated_at_epoch_ms) values ('a/b', '{\"n\":1}', 8)");
    await rowsOf(old, 'insert into hub_fence (id, fence, taken_at_epoch_ms) values (1, 41, 9)');
    await old.close();

    const store = await storeFor({ driver, file });
    expect(store.migrated).toEqual(MIGRATIONS.slice(1).map(({ version }) => version));
    expect((await store.journal.list()).items).toEqual([
      {
        id: 1,
        atEpochMs: 7,
        kind: 'k',
        actor: 'hub',
        scope: { site: 'fra' },
        sentence: 'kept',
        detail: undefined,
        isBuffered: false,
      },
    ]);
    expect(await store.memory.get('a/b')).toEqual({ key: 'a/b', value: { n: 1 }, updatedAtEpochMs: 8 });
    expect(await store.fence.take()).toBe(42);
    await store.verdicts.save({ verdictId: 'v', latest: {}, openedAtEpochMs: 1, updatedAtEpochMs: 1 });
    await store.close();

    const again = await storeFor({ driver, file });
    expect(again.migrated).toEqual([]);
  });

  it('record version, name, checksum and time', async () => {
    const connection = await connectionFor(driver);
    await migrate(connection, MIGRATIONS, START_EPOCH_MS);
    expect(await rowsOf(connection, 'select * from migrations order by version')).toEqual(
      MIGRATIONS.map((migration) => ({
        version: migration.version,
        name: migration.name,
        checksum: checksumOf(migration),
        applied_at_epoch_ms: START_EPOCH_MS,
      })),
    );
  });

  it('refuse a database newer than the program and leave it as it is', async () => {
    const file = temporaryFile();
    const newer = [
      ...MIGRATIONS,
      { version: LATEST + 1, name: 'later', statements: ['create table later (n integer) strict'] },
    ];
    await (await storeFor({ driver, file, migrations: newer })).close();
    await expect(storeFor({ driver, file })).rejects.toMatchObject({
      code: 'STORE_SCHEMA_NEWER',
      message: `database is at schema ${LATEST + 1}, this program knows ${LATEST}: run the newer program`,
    });
    await expect(storeFor({ driver, file, migrations: newer })).resolves.toMatchObject({ migrated: [] });
  });

  it('refuse a database whose recorded checksum is not ours', async () => {
    const file = temporaryFile();
    const other = [{ ...FIRST[0], version: 1, name: 'foundation', statements: ['create table journal (n integer)'] }];
    await (await storeFor({ driver, file, migrations: other })).close();
    await expect(storeFor({ driver, file })).rejects.toMatchObject({ code: 'STORE_MIGRATION_ALTERED' });
  });

  it('undo a migration that fails half way, whole', async () => {
    const file = temporaryFile();
    const broken = {
      version: LATEST + 1,
      name: 'broken',
      statements: ['create table half (n integer)', 'create nonsense'],
    };
    await expect(storeFor({ driver, file, migrations: [...MIGRATIONS, broken] })).rejects.toMatchObject({
      code: 'STORE_MIGRATION_FAILED',
      message: expect.stringContaining(`migration ${LATEST + 1} (broken) was undone`),
    });
    const connection = await connectionFor(driver, file);
    expect(await rowsOf(connection, "select name from sqlite_schema where name = 'half'")).toEqual([]);
    expect(await rowsOf(connection, 'select max(version) as version from migrations')).toEqual([{ version: LATEST }]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { SqliteConnection, Statement } from '../../../server/store/sqlite-connection.ts';
import { connectionFor, DRIVERS, rowsOf } from './store-fixture.ts';

const put = (n: number): Statement => ({ sql: 'insert into t (n) values (?) returning n', parameters: [n] });

describe.each(DRIVERS)('a group transaction on %s', (driver) => {
  let connection: SqliteConnection;
  beforeEach(async () => {
    connection = await connectionFor(driver);
    await rowsOf(connection, 'create table t (n integer primary key check (n < 100)) strict');
  });

  it('gives the rows of each statement of each group, in order', async () => {
    expect(await connection.commit([[put(1)], [put(2), put(3)]])).toMatchObject({
      ok: true,
      groups: [
        { ok: true, rows: [[{ n: 1 }]] },
        { ok: true, rows: [[{ n: 2 }], [{ n: 3 }]] },
      ],
    });
  });

  it('undoes a group that breaks a constraint whole, and keeps those before and after it', async () => {
    const outcome = await connection.commit([[put(1)], [put(2), put(1)], [put(100)], [put(4)]]);
    expect(outcome).toMatchObject({
      ok: true,
      groups: [{ ok: true }, { ok: false, fault: { kind: 'constraint' } }, { ok: false }, { ok: true }],
    });
    expect(await rowsOf(connection, 'select n from t order by n')).toEqual([{ n: 1 }, { n: 4 }]);
  });

  it('undoes a group with a faulty statement alone', async () => {
    const faulty: Statement = { sql: 'insert into absent values (1)', parameters: [] };
    expect(await connection.commit([[put(5), faulty], [put(6)]])).toMatchObject({
      ok: true,
      groups: [{ ok: false, fault: { kind: 'sql' } }, { ok: true }],
    });
    expect(await rowsOf(connection, 'select n from t')).toEqual([{ n: 6 }]);
  });

  it('keeps nothing when the transaction cannot be begun, and works again after it', async () => {
    await rowsOf(connection, 'begin');
    expect(await connection.commit([[put(7)]])).toMatchObject({ ok: false, fault: { kind: 'sql' } });
    await rowsOf(connection, 'rollback');
    expect(await rowsOf(connection, 'select n from t')).toEqual([]);
    expect(await connection.commit([[put(7)]])).toMatchObject({ ok: true });
  });

  it('refuses an integer that a double cannot carry, whichever driver reads it', async () => {
    expect(await connection.read({ sql: 'select 9007199254740993 as n', parameters: [] })).toMatchObject({
      ok: false,
      fault: { kind: 'unsafe-integer' },
    });
    expect(await rowsOf(connection, 'select 9007199254740991 as n')).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
  });

  it('stores integers above 2^31 as integers', async () => {
    await rowsOf(connection, 'create table big (n integer) strict');
    await connection.commit([[{ sql: 'insert into big values (?)', parameters: [Number.MAX_SAFE_INTEGER] }]]);
    expect(await rowsOf(connection, 'select n, typeof(n) as kind from big')).toEqual([
      { n: Number.MAX_SAFE_INTEGER, kind: 'integer' },
    ]);
  });

  it('is refused once the connection is closed, and closing twice is harmless', async () => {
    await connection.close();
    await connection.close();
    expect(await connection.commit([[put(1)]])).toMatchObject({ ok: false, fault: { kind: 'closed' } });
  });
});

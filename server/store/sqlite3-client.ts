import type sqlite3 from 'sqlite3';
import { StoreError } from '../errors.ts';
import { commitGroups } from './group-transaction.ts';
import { hasUnsafeInteger } from './sql-value.ts';
import type { SqliteConnection, Statement, StatementOutcome } from './sqlite-connection.ts';
import { faultKind, type SqliteFault } from './sqlite-fault.ts';

/** The `sqlite3` package as far as it is used here. */
export type Sqlite3Package = Pick<typeof sqlite3, 'Database'>;

const CLOSED: SqliteFault = { kind: 'closed', resultCode: 0, message: 'connection is closed' };

/**
 * Opens a file with the `sqlite3` package, which runs each statement on a thread of libuv's pool.
 *
 * @param load - imports the package, an optional dependency that may be absent or have no binary for this machine.
 * @throws StoreError `STORE_DRIVER_MISSING` or `STORE_OPEN_FAILED`.
 */
export async function openSqlite3(
  file: string,
  load: () => Promise<Sqlite3Package> = loadPackage,
): Promise<SqliteConnection> {
  let loaded: Sqlite3Package;
  try {
    loaded = await load();
  } catch (cause) {
    throw new StoreError(
      'STORE_DRIVER_MISSING',
      'driver sqlite3 is not installed or has no binary for this machine: install it, or use driver node:sqlite',
      { cause },
    );
  }
  const database = await open(loaded, file);
  let isClosed = false;
  const execute = (statement: Statement): Promise<StatementOutcome> =>
    isClosed ? Promise.resolve({ ok: false, fault: CLOSED }) : all(database, statement);
  return {
    read: execute,
    commit: (groups) => commitGroups(execute, groups),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await close(database);
    },
  };
}

async function loadPackage(): Promise<Sqlite3Package> {
  return (await import('sqlite3')).default;
}

function open(loaded: Sqlite3Package, file: string): Promise<sqlite3.Database> {
  return new Promise((resolve, reject) => {
    const database = new loaded.Database(file, (cause) => {
      if (cause) reject(new StoreError('STORE_OPEN_FAILED', `cannot open ${file}: ${cause.message}`, { cause }));
      else resolve(database);
    });
  });
}

function all(database: sqlite3.Database, statement: Statement): Promise<StatementOutcome> {
  return new Promise((resolve) => {
    database.all<Record<string, unknown>>(statement.sql, [...statement.parameters], (cause, rows) => {
      if (cause) resolve({ ok: false, fault: sqliteFault(cause) });
      else if (rows.some(hasUnsafeInteger)) {
        const message = 'integer beyond 2^53 - 1 in a row';
        resolve({ ok: false, fault: { kind: 'unsafe-integer', resultCode: 0, message } });
      } else resolve({ ok: true, rows });
    });
  });
}

function close(database: sqlite3.Database): Promise<void> {
  return new Promise((resolve, reject) => {
    database.close((cause) => {
      if (cause) reject(new StoreError('STORE_BUSY', `cannot close: ${cause.message}`, { cause }));
      else resolve();
    });
  });
}

/** `errno` is SQLite's result code on every error that the package hands to a callback. */
function sqliteFault(cause: Error): SqliteFault {
  const { errno } = cause as Error & { readonly errno?: unknown };
  const resultCode = typeof errno === 'number' ? errno : 0;
  return { kind: faultKind(resultCode), resultCode, message: cause.message };
}

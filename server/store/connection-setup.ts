import { StoreError } from '../errors.ts';
import type { ConnectionRole, Rows, SqliteConnection } from './sqlite-connection.ts';
import { faultError } from './sqlite-fault.ts';

/** Marks a file as this program's in its header ("Trkw"). @see https://sqlite.org/pragma.html#pragma_application_id */
export const APPLICATION_ID = 0x54_72_6b_77;

/** How long a statement waits for a lock that another process holds, milliseconds. */
export const BUSY_TIMEOUT_MS = 5000;

/** Size to which the write-ahead log is cut back after a checkpoint, bytes. */
const WAL_LIMIT_BYTES = 67_108_864;

/**
 * Sets up a fresh connection: write-ahead log, `synchronous=FULL` (a commit returns once it is on disk), foreign keys,
 * triggers that fire on REPLACE too, and for a reader the refusal of every change.
 *
 * @param maxFileBytes - for a writer: size at which SQLite reports the disk as full.
 * @throws StoreError `STORE_OPEN_FAILED`, `STORE_CORRUPT`, `STORE_BUSY`, `JOURNAL_UNWRITABLE`: what the file's state was.
 */
export async function setUpConnection(
  connection: SqliteConnection,
  role: ConnectionRole,
  maxFileBytes: number | undefined,
): Promise<void> {
  await pragma(connection, `busy_timeout = ${BUSY_TIMEOUT_MS}`);
  await refuseForeignFile(connection);
  await pragma(connection, 'trusted_schema = off');
  if (role === 'reader') {
    await pragma(connection, 'query_only = on');
    return;
  }
  await pragma(connection, 'journal_mode = wal');
  await pragma(connection, 'synchronous = full');
  await pragma(connection, 'foreign_keys = on');
  await pragma(connection, 'recursive_triggers = on');
  await pragma(connection, `journal_size_limit = ${WAL_LIMIT_BYTES}`);
  await expectPragma(connection, 'journal_mode', 'wal');
  await expectPragma(connection, 'synchronous', 2);
  await expectPragma(connection, 'foreign_keys', 1);
  if (maxFileBytes !== undefined) {
    const pageBytes = await pragmaValue(connection, 'page_size');
    await pragma(connection, `max_page_count = ${Math.max(1, Math.floor(maxFileBytes / Number(pageBytes)))}`);
  }
}

async function refuseForeignFile(connection: SqliteConnection): Promise<void> {
  const found = await pragmaValue(connection, 'application_id');
  if (found !== 0 && found !== APPLICATION_ID) {
    throw new StoreError('STORE_OPEN_FAILED', `file belongs to another program (application id ${String(found)})`);
  }
}

async function expectPragma(connection: SqliteConnection, name: string, wanted: string | number): Promise<void> {
  const found = await pragmaValue(connection, name);
  if (found !== wanted) {
    throw new StoreError('STORE_OPEN_FAILED', `${name} is ${String(found)}, but ${wanted} is needed`);
  }
}

async function pragmaValue(connection: SqliteConnection, name: string): Promise<unknown> {
  const [row] = await pragma(connection, name);
  return row === undefined ? undefined : Object.values(row)[0];
}

async function pragma(connection: SqliteConnection, text: string): Promise<Rows> {
  const outcome = await connection.read({ sql: `pragma ${text}`, parameters: [] });
  if (!outcome.ok) throw faultError(outcome.fault, `pragma ${text}`);
  return outcome.rows;
}

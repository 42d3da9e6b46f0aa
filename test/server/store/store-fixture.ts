import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore, type Store, type StoreOptions } from '../../../server/store/database-store.ts';
import { nodeSqliteOpener } from '../../../server/store/node-sqlite-client.ts';
import type { SqliteConnection, SqliteDriver } from '../../../server/store/sqlite-connection.ts';
import { openSqlite3 } from '../../../server/store/sqlite3-client.ts';

/** Every driver: one suite runs on each. */
export const DRIVERS: readonly SqliteDriver[] = ['node:sqlite', 'sqlite3'];

/** 2026-01-01T00:00Z. */
export const START_EPOCH_MS = 1_767_225_600_000;

/** A clock that stands until it is moved. */
export type HandClock = { nowMs: number; readonly nowEpochMs: () => number };

export function handClock(nowMs = START_EPOCH_MS): HandClock {
  const clock = { nowMs, nowEpochMs: () => clock.nowMs };
  return clock;
}

/** Path of a file that is not there yet, in a folder that goes when the test ends. */
export function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trunkward-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'hub.sqlite');
}

/** Opens a store that is closed when the test ends. */
export async function storeFor(options: Partial<StoreOptions> & { readonly driver: SqliteDriver }): Promise<Store> {
  const store = await openStore({ file: options.file ?? temporaryFile(), clock: handClock(), ...options });
  onTestFinished(() => store.close().catch(() => undefined));
  return store;
}

/** Opens a bare connection that is closed when the test ends. */
export async function connectionFor(driver: SqliteDriver, file = temporaryFile()): Promise<SqliteConnection> {
  const connection = await (driver === 'sqlite3' ? openSqlite3(file) : nodeSqliteOpener()(file));
  onTestFinished(() => connection.close());
  return connection;
}

/** Rows of one statement on a bare connection. */
export async function rowsOf(connection: SqliteConnection, sql: string, ...parameters: readonly (number | string)[]) {
  const outcome = await connection.read({ sql, parameters });
  if (!outcome.ok) throw new Error(outcome.fault.message);
  return outcome.rows.map((row) => ({ ...row }));
}

/** Waits until a condition holds, at most `boundMs`. */
export async function until(holds: () => boolean | Promise<boolean>, boundMs = 10_000): Promise<void> {
  const deadlineMs = performance.now() + boundMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`condition did not hold within ${boundMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

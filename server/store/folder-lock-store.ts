import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../errors.ts';

/** SQLite's result code for a file that somebody else has locked. @see https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** A folder that this process alone uses until it lets go, or ends in whatever way. */
export type FolderLock = { readonly release: () => void };

/**
 * Takes a hub's folder for this process: two hubs on one store would both judge, plan and order. What is held is a lock of the
 * system on `hub.lock`, by way of SQLite, so it goes with the process, however that dies, and a file left behind means nothing.
 *
 * @throws StoreError `STORE_FOLDER_TAKEN` where another hub has it, `STORE_OPEN_FAILED` where the file cannot be made.
 */
export function lockFolder(folder: string): FolderLock {
  const file = join(folder, 'hub.lock');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    const held = database;
    return { release: () => held.close() };
  } catch (cause) {
    database?.close();
    const isTaken = cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY;
    const taken = `another hub runs on ${folder}, and one folder serves one hub; \`fuser ${file}\` names its process`;
    if (isTaken) throw new StoreError('STORE_FOLDER_TAKEN', taken);
    throw new StoreError('STORE_OPEN_FAILED', `cannot lock ${file}`, { cause });
  }
}

import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/**
 * Makes a hub's folder, and those above it, where they are not there; only their owner may look into them.
 *
 * @throws StoreError `STORE_OPEN_FAILED` where that cannot be.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeEach(folder);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('STORE_OPEN_FAILED', `cannot make the folder ${folder}: ${said}`, { cause });
  }
}

/** One folder after another: a recursive `mkdir` never ends where the system says of a folder that is there that it is not, as in /proc. */
async function makeEach(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder && !(await isFolder(parent))) await makeEach(parent);
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    if (!(await isFolder(folder))) throw cause;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

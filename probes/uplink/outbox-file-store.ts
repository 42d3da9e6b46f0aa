import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OutboxError } from './outbox-error.ts';

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS outbox (one INTEGER PRIMARY KEY CHECK (one = 1), outbox_id TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    occurred_at_ms REAL NOT NULL,
    occurred_at_epoch_ms REAL NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
`;

/** The outbox file, open and exclusively ours. */
export type OutboxFile = {
  readonly database: DatabaseSync;
  readonly outboxId: string;
  /** Where a damaged predecessor was moved, if there was one; its events are not sent. */
  readonly setAside: string | undefined;
};

/**
 * Opens `<dataDir>/outbox.sqlite3`, made with a new outbox id where it is missing. A damaged file is moved aside, with
 * its write-ahead log, under a name that ends in `.damaged-<epochMs>`, and a new one with a new id takes its place.
 *
 * Every commit is on disk before it returns (WAL, synchronous=FULL). AUTOINCREMENT keeps sequences from being reused
 * after rows are deleted.
 *
 * @throws OutboxError `OUTBOX_IN_USE` where another process has it, `OUTBOX_OPEN_FAILED` for anything else.
 */
export function openOutboxFile(dataDir: string, nowEpochMs: number): OutboxFile {
  const path = join(dataDir, 'outbox.sqlite3');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o750 });
    const { database, isDamaged } = tryOpen(path);
    if (database) return { database, outboxId: readId(database), setAside: undefined };
    if (!isDamaged) throw new Error('no database');
    const setAside = moveAside(path, nowEpochMs);
    const fresh = tryOpen(path);
    if (!fresh.database) throw new Error('the new file is damaged as well');
    return { database: fresh.database, outboxId: readId(fresh.database), setAside };
  } catch (cause) {
    const code = sqliteCode(cause);
    const isInUse = code === SQLITE_BUSY || code === SQLITE_LOCKED;
    throw new OutboxError(
      isInUse ? 'OUTBOX_IN_USE' : 'OUTBOX_OPEN_FAILED',
      isInUse ? `${path} is in use by another process` : `${path} cannot be opened`,
      { cause },
    );
  }
}

type Opened = { readonly database: DatabaseSync | undefined; readonly isDamaged: boolean };

function tryOpen(path: string): Opened {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    const verdict = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (verdict !== 'ok') {
      database.close();
      return { database: undefined, isDamaged: true };
    }
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
    return { database, isDamaged: false };
  } catch (cause) {
    database.close();
    const code = sqliteCode(cause);
    if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return { database: undefined, isDamaged: true };
    throw cause;
  }
}

function readId(database: DatabaseSync): string {
  database.prepare('INSERT OR IGNORE INTO outbox (one, outbox_id) VALUES (1, ?)').run(randomUUID());
  return String(database.prepare('SELECT outbox_id FROM outbox').get()?.['outbox_id']);
}

function moveAside(path: string, nowEpochMs: number): string {
  const aside = `${path}.damaged-${Math.trunc(nowEpochMs)}`;
  for (const ending of ['', '-wal', '-shm']) {
    if (existsSync(`${path}${ending}`)) renameSync(`${path}${ending}`, `${aside}${ending}`);
  }
  return aside;
}

/** Primary result code of an error of `node:sqlite`, or `undefined` for any other error. */
function sqliteCode(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause) || typeof cause.errcode !== 'number') return undefined;
  return cause.errcode & 0xff;
}

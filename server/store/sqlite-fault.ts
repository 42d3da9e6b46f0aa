import { StoreError, type StoreErrorCode } from '../errors.ts';

/**
 * What went wrong inside a driver, as data that can cross a thread. `unwritable`: disk full, file or file system
 * read-only, I/O fault. `lost`: the driver's thread ended, and what it was doing may or may not be on disk.
 */
export type SqliteFault = {
  readonly kind: 'unwritable' | 'busy' | 'constraint' | 'corrupt' | 'unsafe-integer' | 'lost' | 'closed' | 'sql';
  /** SQLite's extended or primary result code; 0 where SQLite was not asked. */
  readonly resultCode: number;
  readonly message: string;
};

/**
 * Sorts a SQLite result code; extended codes are reduced to their primary byte.
 *
 * @see https://sqlite.org/rescode.html (primary result codes 1 to 28)
 */
export function faultKind(resultCode: number): SqliteFault['kind'] {
  switch (resultCode & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
    case 15: // SQLITE_PROTOCOL
      return 'busy';
    case 3: // SQLITE_PERM
    case 8: // SQLITE_READONLY
    case 10: // SQLITE_IOERR
    case 13: // SQLITE_FULL
    case 14: // SQLITE_CANTOPEN
      return 'unwritable';
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return 'corrupt';
    case 19: // SQLITE_CONSTRAINT
      return 'constraint';
    default:
      return 'sql';
  }
}

const CODES: Readonly<Record<SqliteFault['kind'], StoreErrorCode>> = {
  unwritable: 'JOURNAL_UNWRITABLE',
  busy: 'STORE_BUSY',
  constraint: 'STORE_CONSTRAINT',
  corrupt: 'STORE_CORRUPT',
  'unsafe-integer': 'STORE_VALUE_REFUSED',
  lost: 'STORE_WORKER_LOST',
  closed: 'STORE_CLOSED',
  sql: 'STORE_SQL_REFUSED',
};

/** Makes the error that a caller sees of a driver's fault. */
export function faultError(fault: SqliteFault, doing: string): StoreError {
  return new StoreError(CODES[fault.kind], `${doing}: ${fault.message} (SQLite result ${fault.resultCode})`);
}

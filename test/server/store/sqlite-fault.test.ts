import { describe, expect, it } from 'vitest';
import { faultError, faultKind } from '../../../server/store/sqlite-fault.ts';

describe('SQLite result codes', () => {
  it.each([
    [1, 'sql', 'STORE_SQL_REFUSED'],
    [5, 'busy', 'STORE_BUSY'],
    [6, 'busy', 'STORE_BUSY'],
    [517, 'busy', 'STORE_BUSY'],
    [8, 'unwritable', 'JOURNAL_UNWRITABLE'],
    [1032, 'unwritable', 'JOURNAL_UNWRITABLE'],
    [10, 'unwritable', 'JOURNAL_UNWRITABLE'],
    [778, 'unwritable', 'JOURNAL_UNWRITABLE'],
    [1034, 'unwritable', 'JOURNAL_UNWRITABLE'],
    [13, 'unwritable', 'JOURNAL_UNWRITABLE'],
    [14, 'unwritable', 'JOURNAL_UNWRITABLE'],
    [11, 'corrupt', 'STORE_CORRUPT'],
    [26, 'corrupt', 'STORE_CORRUPT'],
    [19, 'constraint', 'STORE_CONSTRAINT'],
    [1811, 'constraint', 'STORE_CONSTRAINT'],
    [2067, 'constraint', 'STORE_CONSTRAINT'],
    [25, 'sql', 'STORE_SQL_REFUSED'],
  ])('%i is %s, seen as %s (sqlite.org/rescode.html)', (resultCode, kind, code) => {
    expect(faultKind(resultCode)).toBe(kind);
    const error = faultError({ kind: faultKind(resultCode), resultCode, message: 'as SQLite says' }, 'write');
    expect(error.code).toBe(code);
    expect(error.message).toBe(`write: as SQLite says (SQLite result ${resultCode})`);
  });
});

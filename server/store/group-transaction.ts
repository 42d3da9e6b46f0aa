import type { CommitOutcome, GroupOutcome, Rows, Statement, StatementOutcome } from './sqlite-connection.ts';
import type { SqliteFault } from './sqlite-fault.ts';

/** Runs one statement on one connection; never throws. */
export type Execute = (statement: Statement) => StatementOutcome | Promise<StatementOutcome>;

/** Faults that concern one group only: SQLite has undone the statement and the transaction stands. */
const GROUP_FAULTS: ReadonlySet<SqliteFault['kind']> = new Set<SqliteFault['kind']>([
  'constraint',
  'sql',
  'unsafe-integer',
]);

/**
 * Runs groups of statements in one immediate transaction, each group of several in a savepoint of its own (one
 * statement is atomic by itself): the one place in which both drivers' transactions are written down. The connection must see no other statement meanwhile.
 *
 * @returns after COMMIT, which with `synchronous=FULL` returns once the write-ahead log is flushed to disk.
 * @see https://sqlite.org/lang_savepoint.html, https://sqlite.org/lang_transaction.html
 */
export async function commitGroups(
  execute: Execute,
  groups: readonly (readonly Statement[])[],
): Promise<CommitOutcome> {
  const begun = await execute(bare('begin immediate'));
  if (!begun.ok) return begun;
  const outcomes: GroupOutcome[] = [];
  for (const group of groups) {
    const outcome = await runGroup(execute, group);
    if (!outcome.ok && !GROUP_FAULTS.has(outcome.fault.kind)) return undo(execute, outcome.fault);
    outcomes.push(outcome);
  }
  const committed = await execute(bare('commit'));
  return committed.ok ? { ok: true, groups: outcomes } : undo(execute, committed.fault);
}

async function runGroup(execute: Execute, group: readonly Statement[]): Promise<GroupOutcome> {
  const [only] = group;
  if (only && group.length === 1) {
    const outcome = await execute(only);
    return outcome.ok ? { ok: true, rows: [outcome.rows] } : outcome;
  }
  const opened = await execute(bare('savepoint write_group'));
  if (!opened.ok) return opened;
  const rows: Rows[] = [];
  for (const statement of group) {
    const outcome = await execute(statement);
    if (!outcome.ok) {
      if (GROUP_FAULTS.has(outcome.fault.kind)) await execute(bare('rollback to write_group'));
      return outcome;
    }
    rows.push(outcome.rows);
  }
  const released = await execute(bare('release write_group'));
  return released.ok ? { ok: true, rows } : released;
}

/** SQLite may have rolled back by itself (disk full, I/O fault); a refused ROLLBACK then means just that. */
async function undo(execute: Execute, fault: SqliteFault): Promise<CommitOutcome> {
  await execute(bare('rollback'));
  return { ok: false, fault };
}

function bare(sql: string): Statement {
  return { sql, parameters: [] };
}

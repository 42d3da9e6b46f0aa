import type { SqlValue } from './sql-value.ts';
import type { SqliteFault } from './sqlite-fault.ts';

/** One statement of SQL (never several) with its checked parameters. */
export type Statement = { readonly sql: string; readonly parameters: readonly SqlValue[] };

/** Rows as the driver gives them; the typed query that asked knows their shape. */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** Rows of one statement, or why there are none. */
export type StatementOutcome =
  | { readonly ok: true; readonly rows: Rows }
  | { readonly ok: false; readonly fault: SqliteFault };

/** Rows of each statement of a group, or the fault for which the whole group was undone. */
export type GroupOutcome =
  | { readonly ok: true; readonly rows: readonly Rows[] }
  | { readonly ok: false; readonly fault: SqliteFault };

/** One outcome per group once the transaction is on disk, or the fault for which none of it was kept. */
export type CommitOutcome =
  | { readonly ok: true; readonly groups: readonly GroupOutcome[] }
  | { readonly ok: false; readonly fault: SqliteFault };

/** One open connection: the narrow interface behind which the drivers stand. No method rejects or throws. */
export type SqliteConnection = {
  /** Runs one statement outside any transaction of {@link SqliteConnection.commit}. */
  readonly read: (statement: Statement) => Promise<StatementOutcome>;
  /**
   * Runs the groups in order in one transaction. A group that breaks a constraint is undone alone, the others stay.
   * One call at a time: the caller waits for the outcome before the next.
   */
  readonly commit: (groups: readonly (readonly Statement[])[]) => Promise<CommitOutcome>;
  /** Closes the file; may be called again. */
  readonly close: () => Promise<void>;
};

/** `writer` is the one connection that changes the file; `reader` is refused every change by SQLite itself. */
export type ConnectionRole = 'writer' | 'reader';

/** Names of the drivers. */
export type SqliteDriver = 'node:sqlite' | 'sqlite3';

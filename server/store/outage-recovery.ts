import { StoreError } from '../errors.ts';
import { build, statementOf } from './query-builder.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import type { SqliteFault } from './sqlite-fault.ts';
import type { StatementGroup } from './write-queue.ts';

/** Text that must fit into the file before it counts as writable: room for more than the next row alone. */
const BALLAST = 'x'.repeat(65_536);

/** A connection that works, or why there is none. */
export type Reopened =
  | { readonly ok: true; readonly connection: SqliteConnection }
  | { readonly ok: false; readonly fault: SqliteFault };

/** Replaces a connection whose driver was lost; the old one is closed first. */
export async function reopen(lost: SqliteConnection, open: () => Promise<SqliteConnection>): Promise<Reopened> {
  try {
    await lost.close();
    return { ok: true, connection: await open() };
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    return { ok: false, fault: { kind: 'lost', resultCode: 0, message: cause.message } };
  }
}

/**
 * Tries to write again after an outage: room for the ballast first, then `record` and everything buffered.
 *
 * @param buffer - emptied in place as its groups reach the disk; groups added meanwhile are written too.
 * @returns the fault that stood in the way, or `undefined` once all is on disk.
 */
export async function writeBuffered(
  connection: SqliteConnection,
  buffer: StatementGroup[],
  record: StatementGroup,
): Promise<SqliteFault | undefined> {
  const trial = await connection.commit([[PUT_BALLAST]]);
  if (!trial.ok) return trial.fault;
  let first: readonly StatementGroup[] = [[CLEAR_BALLAST], record];
  do {
    const taken = buffer.length;
    const outcome = await connection.commit([...first, ...buffer]);
    if (!outcome.ok) return outcome.fault;
    buffer.splice(0, taken);
    first = [];
  } while (buffer.length > 0);
  return undefined;
}

const PUT_BALLAST = statementOf(
  build
    .insertInto('write_trial')
    .values({ id: 1, ballast: BALLAST })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ ballast: BALLAST }))
    .compile(),
);
const CLEAR_BALLAST = statementOf(build.deleteFrom('write_trial').compile());

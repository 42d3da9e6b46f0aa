import { type AnyQuery, type RowOf, statementOf } from './query-builder.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { faultError } from './sqlite-fault.ts';

/** The reading side of the store: one connection that SQLite refuses every change, opened anew after it was lost. */
export class ReadClient {
  readonly #open: () => Promise<SqliteConnection>;
  #connection: Promise<SqliteConnection>;
  #isClosed = false;

  constructor(connection: SqliteConnection, open: () => Promise<SqliteConnection>) {
    this.#connection = Promise.resolve(connection);
    this.#open = open;
  }

  /**
   * Runs one SELECT.
   *
   * @throws StoreError; after `STORE_WORKER_LOST` the next call opens a new connection.
   */
  async read<Query extends AnyQuery>(query: Query): Promise<readonly RowOf<Query>[]> {
    const statement = statementOf(query);
    const asked = this.#connection;
    const connection = await asked;
    const outcome = await connection.read(statement);
    if (outcome.ok) return outcome.rows as readonly RowOf<Query>[];
    if (outcome.fault.kind === 'lost' && asked === this.#connection && !this.#isClosed) {
      this.#connection = this.#replace(connection);
      this.#connection.catch(() => {
        if (!this.#isClosed) this.#connection = asked;
      });
    }
    throw faultError(outcome.fault, 'read');
  }

  /** Closes the connection; later reads are refused with `STORE_CLOSED`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#connection).close();
  }

  async #replace(lost: SqliteConnection): Promise<SqliteConnection> {
    await lost.close();
    return this.#open();
  }
}

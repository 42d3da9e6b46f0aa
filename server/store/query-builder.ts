import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Schema } from './schema.ts';
import { sqlParameters } from './sql-value.ts';
import type { Statement } from './sqlite-connection.ts';

/** Refuses to run anything: queries are built here and run by the store, which alone knows reader from writer. */
class CompileOnlyDriver implements Driver {
  init(): Promise<void> {
    return Promise.resolve();
  }
  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.reject(new Error('queries are compiled here and run by StoreDatabase'));
  }
  beginTransaction(): Promise<void> {
    return this.#refuse();
  }
  commitTransaction(): Promise<void> {
    return this.#refuse();
  }
  rollbackTransaction(): Promise<void> {
    return this.#refuse();
  }
  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }
  destroy(): Promise<void> {
    return Promise.resolve();
  }
  #refuse(): Promise<void> {
    return Promise.reject(new Error('transactions are groups of StoreDatabase.write'));
  }
}

/** Builds typed queries over {@link Schema}; end each with `.compile()`. `.execute()` on it rejects. */
export const build: Kysely<Schema> = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new CompileOnlyDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** A compiled query of any row type. */
export type AnyQuery = CompiledQuery;

/** Row type of a compiled query. */
export type RowOf<Query> = Query extends CompiledQuery<infer Row> ? Row : never;

/** Rows of each query of a group, in its order; a statement without RETURNING has none. */
export type RowsOf<Group extends readonly AnyQuery[]> = {
  readonly [Index in keyof Group]: readonly RowOf<Group[Index]>[];
};

/**
 * Turns a compiled query into what a connection runs.
 *
 * @throws StoreError `STORE_VALUE_REFUSED` for a parameter that SQLite could not keep exactly.
 */
export function statementOf(query: AnyQuery): Statement {
  return { sql: query.sql, parameters: sqlParameters(query.parameters) };
}

import { createHash } from 'node:crypto';
import { StoreError } from '../errors.ts';
import { APPLICATION_ID } from './connection-setup.ts';
import { type AppliedMigration, type Migration, planMigrations } from './migration.ts';
import type { Rows, SqliteConnection, Statement } from './sqlite-connection.ts';
import { faultError } from './sqlite-fault.ts';

const CREATE_RECORD = `create table if not exists migrations (
  version integer primary key,
  name text not null,
  checksum text not null,
  applied_at_epoch_ms integer not null
) strict`;

/**
 * Brings a file up to this program's schema: each migration in one transaction together with its record.
 *
 * @param connection - a writer, set up, with nothing else running on it.
 * @returns the versions applied now; empty when the file was up to date.
 * @throws StoreError `STORE_SCHEMA_NEWER` for a file of a later program, `STORE_MIGRATION_ALTERED` for a file whose
 * recorded checksum differs from ours, `STORE_MIGRATION_FAILED` with the fault; the file then stands at the version before.
 */
export async function migrate(
  connection: SqliteConnection,
  migrations: readonly Migration[],
  nowEpochMs: number,
): Promise<readonly number[]> {
  const plan = planMigrations(
    await readApplied(connection),
    migrations.map((migration) => ({ ...migration, checksum: checksumOf(migration) })),
  );
  switch (plan.kind) {
    case 'newer':
      throw new StoreError(
        'STORE_SCHEMA_NEWER',
        `database is at schema ${plan.fileVersion}, this program knows ${plan.programVersion}: run the newer program`,
      );
    case 'altered':
      throw new StoreError('STORE_MIGRATION_ALTERED', `migration ${plan.version} in the database: ${plan.detail}`);
    case 'apply':
      for (const migration of plan.pending) await apply(connection, migration, nowEpochMs);
      return plan.pending.map(({ version }) => version);
    default:
      return plan satisfies never;
  }
}

/** SHA-256 over the statements of a migration, hex. */
export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.statements.join('\n;\n')).digest('hex');
}

async function readApplied(connection: SqliteConnection): Promise<readonly AppliedMigration[]> {
  const tables = await read(connection, "select name from sqlite_schema where type = 'table' and name = 'migrations'");
  if (tables.length === 0) return [];
  const rows = await read(connection, 'select version, name, checksum from migrations order by version');
  return rows.map((row) => ({
    version: Number(row['version']),
    name: String(row['name']),
    checksum: String(row['checksum']),
  }));
}

async function read(connection: SqliteConnection, sql: string): Promise<Rows> {
  const outcome = await connection.read({ sql, parameters: [] });
  if (!outcome.ok) throw faultError(outcome.fault, 'read migrations');
  return outcome.rows;
}

async function apply(connection: SqliteConnection, migration: Migration, nowEpochMs: number): Promise<void> {
  const group: readonly Statement[] = [
    { sql: `pragma application_id = ${APPLICATION_ID}`, parameters: [] },
    { sql: CREATE_RECORD, parameters: [] },
    ...migration.statements.map((sql) => ({ sql, parameters: [] })),
    {
      sql: 'insert into migrations (version, name, checksum, applied_at_epoch_ms) values (?, ?, ?, ?)',
      parameters: [migration.version, migration.name, checksumOf(migration), nowEpochMs],
    },
  ];
  const outcome = await connection.commit([group]);
  const [first] = outcome.ok ? outcome.groups : [outcome];
  if (first?.ok) return;
  const doing = `migration ${migration.version} (${migration.name})`;
  const fault = first?.fault ?? { kind: 'sql', resultCode: 0, message: 'no outcome' };
  throw new StoreError('STORE_MIGRATION_FAILED', `${doing} was undone: ${fault.message}`, {
    cause: faultError(fault, doing),
  });
}

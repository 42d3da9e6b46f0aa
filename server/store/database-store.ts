import { open as openFile } from 'node:fs/promises';
import { StoreError } from '../errors.ts';
import { setUpConnection } from './connection-setup.ts';
import { DeliveryStore } from './delivery-store.ts';
import { EventStore } from './event-store.ts';
import { EvidenceStore } from './evidence-store.ts';
import { FenceStore } from './fence-store.ts';
import { JournalStore, journalInsert } from './journal-store.ts';
import { MemoryStore } from './memory-store.ts';
import type { Migration } from './migration.ts';
import { MIGRATIONS } from './migration-list.ts';
import { migrate } from './migration-runner.ts';
import { ModeStore } from './mode-store.ts';
import { nodeSqliteOpener } from './node-sqlite-client.ts';
import { PlanStore } from './plan-store.ts';
import { RateStore } from './rate-store.ts';
import { ReadClient } from './read-client.ts';
import { RetentionStore } from './retention-store.ts';
import { RollupStore } from './rollup-store.ts';
import { RouteOrderStore } from './route-order-store.ts';
import type { ConnectionRole, SqliteConnection, SqliteDriver } from './sqlite-connection.ts';
import { openSqlite3 } from './sqlite3-client.ts';
import type { StoreDatabase } from './store-database.ts';
import { VerdictStore } from './verdict-store.ts';
import { WRITE_LIMITS, type WriteLimits } from './write-limits.ts';
import { WriteRunner } from './write-runner.ts';
import type { Outage, WriteStatus } from './write-status.ts';

/** What a store is opened with. */
export type StoreOptions = {
  /** `node:sqlite` when absent. `sqlite3` is an optional dependency. */
  readonly driver?: SqliteDriver;
  /** Path of a database file; made, for its owner only, where there is none. Its folder must exist. */
  readonly file: string;
  /** Wall clock of the hub. */
  readonly clock: { readonly nowEpochMs: () => number };
  /** Parts of {@link WRITE_LIMITS} to be other than there. */
  readonly limits?: Partial<WriteLimits>;
  /** Size at which the file is taken for full (the journal then is unwritable); no bound but the disk when absent. */
  readonly maxFileBytes?: number;
  /** The schema; tests open older ones. */
  readonly migrations?: readonly Migration[];
  /** Opens a file with a driver; tests put a failing one here. */
  readonly open?: (file: string) => Promise<SqliteConnection>;
};

/** The hub's durable memory: the stores over one file, and the state of its disk. */
export type Store = {
  readonly driver: SqliteDriver;
  readonly journal: JournalStore;
  readonly events: EventStore;
  readonly verdicts: VerdictStore;
  readonly evidence: EvidenceStore;
  readonly plans: PlanStore;
  readonly deliveries: DeliveryStore;
  readonly memory: MemoryStore;
  readonly modes: ModeStore;
  readonly rollups: RollupStore;
  readonly fence: FenceStore;
  readonly routeOrders: RouteOrderStore;
  readonly rates: RateStore;
  readonly retention: RetentionStore;
  /** Schema versions applied while opening. */
  readonly migrated: readonly number[];
  /** False from the first write that the disk refused until one has succeeded again. */
  readonly isJournalWritable: boolean;
  readonly status: () => WriteStatus;
  /** Calls `listener` when {@link Store.isJournalWritable} changes, until the function given back is called. */
  readonly onWritableChange: (listener: (isWritable: boolean) => void) => () => void;
  /** Writes all that waits, then closes; may be called again. Rejects when buffered writes are lost by it. */
  readonly close: () => Promise<void>;
};

/**
 * Opens the store: the one entry to this folder. Brings the schema up to date first.
 *
 * @throws StoreError `STORE_OPEN_FAILED`, `STORE_DRIVER_MISSING`, `STORE_SCHEMA_NEWER`, `STORE_MIGRATION_ALTERED`,
 * `STORE_MIGRATION_FAILED`, `STORE_CORRUPT`, `STORE_BUSY` or `JOURNAL_UNWRITABLE`; nothing stays open then.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { driver = 'node:sqlite', file, clock, migrations = MIGRATIONS } = options;
  const { nowEpochMs } = clock;
  await prepareFile(file);
  const openDriver = options.open ?? (driver === 'sqlite3' ? openSqlite3 : nodeSqliteOpener());
  const connect = (role: ConnectionRole) => connectAs(role, () => openDriver(file), options.maxFileBytes);

  const writer = await connect('writer');
  let reader: SqliteConnection;
  let migrated: readonly number[];
  try {
    migrated = await migrate(writer, migrations, Math.round(nowEpochMs()));
    reader = await connect('reader');
  } catch (cause) {
    await writer.close();
    throw cause;
  }
  const writes = new WriteRunner(writer, {
    open: () => connect('writer'),
    limits: { ...WRITE_LIMITS, ...options.limits },
    nowEpochMs,
    recordOutage: (outage, endedAtEpochMs) => [journalInsert(outageEntry(outage, endedAtEpochMs), endedAtEpochMs)],
  });
  const reads = new ReadClient(reader, () => connect('reader'));
  const database: StoreDatabase = {
    nowEpochMs,
    read: (query) => reads.read(query),
    write: (group) => writes.submit(group),
    trim: (group) => writes.submit(group, true),
    writeOrBuffer: (group, marked) => writes.submitOrBuffer(group, marked),
  };
  let closing: Promise<void> | undefined;
  return {
    driver,
    journal: new JournalStore(database),
    events: new EventStore(database),
    verdicts: new VerdictStore(database),
    evidence: new EvidenceStore(database),
    plans: new PlanStore(database),
    deliveries: new DeliveryStore(database),
    memory: new MemoryStore(database),
    modes: new ModeStore(database),
    rollups: new RollupStore(database),
    fence: new FenceStore(database),
    routeOrders: new RouteOrderStore(database),
    rates: new RateStore(database),
    retention: new RetentionStore(database),
    migrated,
    get isJournalWritable() {
      return writes.status.isWritable;
    },
    status: () => writes.status,
    onWritableChange: (listener) => writes.onChange(listener),
    close: () => {
      closing ??= reads.close().then(() => writes.close());
      return closing;
    },
  };
}

/** A file of ours is readable by its owner only; SQLite gives the files beside it the same rights. */
async function prepareFile(file: string): Promise<void> {
  if (file === '' || file === ':memory:' || file.startsWith('file:')) {
    throw new StoreError('STORE_OPEN_FAILED', `the store needs a file, not "${file}"`);
  }
  try {
    await (await openFile(file, 'a', 0o600)).close();
  } catch (cause) {
    throw new StoreError('STORE_OPEN_FAILED', `cannot open ${file} for writing`, { cause });
  }
}

async function connectAs(
  role: ConnectionRole,
  open: () => Promise<SqliteConnection>,
  maxFileBytes: number | undefined,
): Promise<SqliteConnection> {
  const connection = await open();
  try {
    await setUpConnection(connection, role, maxFileBytes);
  } catch (cause) {
    await connection.close();
    throw cause;
  }
  return connection;
}

function outageEntry(outage: Outage, endedAtEpochMs: number) {
  const { sinceEpochMs, reason, rejected, buffered, overflowed } = outage;
  const seconds = ((endedAtEpochMs - sinceEpochMs) / 1000).toFixed(1);
  return {
    atEpochMs: endedAtEpochMs,
    kind: 'journal-writable',
    actor: 'hub',
    sentence: `journal could not be written for ${seconds} s (${reason}); ${rejected} writes refused, ${buffered} kept in memory, ${overflowed} lost`,
    detail: { sinceEpochMs, reason, rejected, buffered, overflowed },
  };
}

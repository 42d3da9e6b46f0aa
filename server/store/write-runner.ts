import { StoreError } from '../errors.ts';
import { reopen, writeBuffered } from './outage-recovery.ts';
import { type AnyQuery, type RowsOf, statementOf } from './query-builder.ts';
import type { GroupOutcome, SqliteConnection } from './sqlite-connection.ts';
import { faultError, type SqliteFault } from './sqlite-fault.ts';
import { retryDelayMs, type WriteLimits } from './write-limits.ts';
import { charactersOf, type PendingWrite, type StatementGroup, WriteQueue } from './write-queue.ts';
import type { BufferedWrite, Outage, WriteStatus } from './write-status.ts';

/** What the writer is made of. `open` gives a writer connection, set up; it is called again after a lost one. */
export type WriteRunnerOptions = {
  readonly open: () => Promise<SqliteConnection>;
  readonly limits: WriteLimits;
  readonly nowEpochMs: () => number;
  /** Statements that record the end of an outage, written together with what was buffered. */
  readonly recordOutage: (outage: Outage, endedAtEpochMs: number) => readonly AnyQuery[];
};

/** Kinds of fault after which nothing can be expected to be written until an attempt succeeds. */
const OUTAGE_FAULTS: ReadonlySet<SqliteFault['kind']> = new Set<SqliteFault['kind']>(['unwritable', 'lost', 'corrupt']);

type MutableOutage = { -readonly [Field in keyof Outage]: Outage[Field] } & { attempts: number; fault: SqliteFault };

/**
 * The single writer: gathers groups of statements into transactions and settles each caller only after its transaction
 * is on disk (safety rule 8). When the disk refuses, everything waiting is refused too, in order, so that nothing later
 * overtakes something earlier; attempts to write again follow with a growing, bounded wait.
 */
export class WriteRunner {
  readonly #options: WriteRunnerOptions;
  readonly #listeners = new Set<(isWritable: boolean) => void>();
  #connection: SqliteConnection;
  readonly #queue: WriteQueue;
  readonly #buffer: StatementGroup[] = [];
  #outage: MutableOutage | undefined;
  #groupTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #isClosing = false;
  #counters = { commits: 0, committedGroups: 0, refusedGroups: 0, outages: 0 };

  constructor(connection: SqliteConnection, options: WriteRunnerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#queue = new WriteQueue(options.limits);
  }

  /** State now; a copy. */
  get status(): WriteStatus {
    return {
      ...this.#counters,
      isWritable: this.#outage === undefined,
      outage: this.#outage && outageOf(this.#outage),
      queued: this.#queue.length,
    };
  }

  /** Calls `listener` at each change of `isWritable`, until the function given back is called. */
  onChange(listener: (isWritable: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Writes a group of statements, all or none.
   *
   * @param isMaintenance - tried even during an outage: deletions, which may end one.
   * @returns rows of each statement, once they are on disk.
   * @throws StoreError at once, not by rejecting, where the group is not taken at all: who writes in order can stop there.
   */
  submit<const Group extends readonly AnyQuery[]>(group: Group, isMaintenance = false): Promise<RowsOf<Group>> {
    const statements = group.map(statementOf);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    try {
      this.#refuse(isMaintenance);
      this.#queue.push({ statements, isMaintenance, resolve, reject });
    } catch (cause) {
      this.#counters.refusedGroups += 1;
      throw cause;
    }
    this.#schedule();
    return promise as Promise<RowsOf<Group>>;
  }

  /**
   * Writes a group, or keeps it in memory until the outage ends. A group that was being written when the driver was
   * lost may in the end be written twice.
   */
  async submitOrBuffer<const Group extends readonly AnyQuery[]>(
    group: Group,
    marked: readonly AnyQuery[],
  ): Promise<BufferedWrite<RowsOf<Group>>> {
    const kept = marked.map(statementOf);
    try {
      return { kind: 'written', rows: await this.submit(group) };
    } catch (cause) {
      if (!(cause instanceof StoreError) || this.#isClosing) throw cause;
      if (this.#outage === undefined) {
        if (cause.code !== 'JOURNAL_UNWRITABLE' && cause.code !== 'STORE_WORKER_LOST') throw cause;
        return { kind: 'written', rows: await this.submit(group) };
      }
      return this.#keep(kept, this.#outage);
    }
  }

  /**
   * Writes what waits, makes a last attempt at what is buffered, and closes the connection; later writes are refused
   * with `STORE_CLOSED`.
   *
   * @throws StoreError `JOURNAL_UNWRITABLE` when buffered writes are lost by closing.
   */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#groupTimer);
    while (this.#work) await this.#work;
    await this.#drain();
    if (this.#outage) await this.#attempt();
    await this.#connection.close();
    if (this.#buffer.length > 0) {
      throw new StoreError('JOURNAL_UNWRITABLE', `closed with ${this.#buffer.length} buffered writes not on disk`);
    }
  }

  #keep(group: StatementGroup, outage: MutableOutage): { readonly kind: 'buffered' | 'overflowed' } {
    const { bufferItems, bufferCharacters } = this.#options.limits;
    const held = this.#buffer.reduce((sum, kept) => sum + charactersOf(kept), 0);
    if (this.#buffer.length >= bufferItems || held + charactersOf(group) > bufferCharacters) {
      outage.overflowed += 1;
      return { kind: 'overflowed' };
    }
    this.#buffer.push(group);
    outage.buffered += 1;
    return { kind: 'buffered' };
  }

  #refuse(isMaintenance: boolean): void {
    if (this.#isClosing) throw new StoreError('STORE_CLOSED', 'store is closed');
    if (!this.#outage || isMaintenance) return;
    this.#outage.rejected += 1;
    const { fault } = this.#outage;
    throw new StoreError('JOURNAL_UNWRITABLE', `nothing can be written: ${fault.message}`, {
      cause: faultError(fault, 'earlier write'),
    });
  }

  #schedule(): void {
    if (this.#work) return;
    if (this.#queue.length >= this.#options.limits.groupItems) {
      clearTimeout(this.#groupTimer);
      this.#groupTimer = undefined;
      this.#start(() => this.#drain());
      return;
    }
    this.#groupTimer ??= setTimeout(() => {
      this.#groupTimer = undefined;
      if (!this.#work) this.#start(() => this.#drain());
    }, this.#options.limits.groupDelayMs);
  }

  #start(task: () => Promise<void>): void {
    this.#work = this.#perform(task);
  }

  async #perform(task: () => Promise<void>): Promise<void> {
    await task();
    this.#work = undefined;
    if (this.#queue.length > 0 && !this.#isClosing) this.#schedule();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.takeBatch();
      const outcome = await this.#connection.commit(batch.map(({ statements }) => statements));
      this.#counters.commits += 1;
      if (outcome.ok) {
        for (const [index, pending] of batch.entries()) this.#settle(pending, outcome.groups[index]);
        continue;
      }
      const { fault } = outcome;
      const isOutage = OUTAGE_FAULTS.has(fault.kind);
      if (isOutage) this.#beginOutage(fault);
      for (const pending of batch) this.#settle(pending, outcome);
      if (!isOutage) continue;
      for (const pending of this.#queue.takeOrdinary()) {
        this.#settle(pending, { ok: false, fault: { ...fault, kind: 'unwritable' } });
      }
    }
  }

  #settle(
    pending: PendingWrite,
    outcome: GroupOutcome | { readonly ok: false; readonly fault: SqliteFault } | undefined,
  ): void {
    if (outcome?.ok) {
      this.#counters.committedGroups += 1;
      pending.resolve(outcome.rows);
      return;
    }
    this.#counters.refusedGroups += 1;
    if (this.#outage) this.#outage.rejected += 1;
    pending.reject(
      outcome ? faultError(outcome.fault, 'write') : new StoreError('STORE_SQL_REFUSED', 'write: no outcome'),
    );
  }

  #beginOutage(fault: SqliteFault): void {
    if (this.#outage) return;
    const sinceEpochMs = this.#options.nowEpochMs();
    this.#outage = { sinceEpochMs, reason: fault.message, fault, rejected: 0, buffered: 0, overflowed: 0, attempts: 0 };
    this.#counters.outages += 1;
    this.#announce();
    this.#retryLater();
  }

  #retryLater(): void {
    if (!this.#outage || this.#isClosing) return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(
      () => {
        if (this.#work) this.#retryLater();
        else this.#start(() => this.#attempt());
      },
      retryDelayMs(this.#outage.attempts, this.#options.limits),
    );
  }

  async #attempt(): Promise<void> {
    const outage = this.#outage;
    if (!outage) return;
    const fault = await this.#tryToWrite(outage);
    if (fault) {
      outage.attempts += 1;
      outage.reason = fault.message;
      outage.fault = fault;
      this.#retryLater();
      return;
    }
    this.#outage = undefined;
    this.#announce();
  }

  async #tryToWrite(outage: MutableOutage): Promise<SqliteFault | undefined> {
    if (outage.fault.kind === 'lost') {
      const reopened = await reopen(this.#connection, this.#options.open);
      if (!reopened.ok) return reopened.fault;
      this.#connection = reopened.connection;
    }
    const record = this.#options.recordOutage(outageOf(outage), this.#options.nowEpochMs()).map(statementOf);
    return writeBuffered(this.#connection, this.#buffer, record);
  }

  #announce(): void {
    const isWritable = this.#outage === undefined;
    for (const listener of this.#listeners) listener(isWritable);
  }
}

function outageOf({ sinceEpochMs, reason, rejected, buffered, overflowed }: MutableOutage): Outage {
  return { sinceEpochMs, reason, rejected, buffered, overflowed };
}

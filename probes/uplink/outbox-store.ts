import { encodeFrame, parseProbeFrame } from '../../wire/codec.ts';
import type { EventBody, EventFrame } from '../../wire/probe-frames.ts';
import { OutboxError } from './outbox-error.ts';
import { type OutboxFile, openOutboxFile } from './outbox-file-store.ts';

/** When an event happened, on both clocks. */
export type EventTimes = { readonly occurredAtMs: number; readonly occurredAtEpochMs: number };

/** What may wait in the outbox at most. */
export type OutboxLimits = { readonly maxEvents: number; readonly maxBytes: number };

/** About a week without hub at ten events a minute. */
export const DEFAULT_OUTBOX_LIMITS: OutboxLimits = { maxEvents: 100_000, maxBytes: 67_108_864 };

/** What an acknowledgement did: those of another outbox, or for events never appended, do nothing. */
export type AckOutcome = 'removed' | 'other-outbox' | 'beyond-last';

type Waiting = {
  readonly text: string;
  readonly times: EventTimes;
  readonly resolve: (sequence: number) => void;
  readonly reject: (cause: OutboxError) => void;
};

/**
 * Durable events of the probe, from the moment they happen until the hub has them on its own disk (safety rule 8).
 *
 * Appends of one turn of the event loop share one commit. The commit blocks the thread for the disk's flush, which shows
 * in the event-loop delay beside the measurements of that moment; a thread of its own would cost a quarter of the
 * probe's memory. At the cap an append is refused, not dropped: the caller is told, folds or counts.
 */
export class OutboxStore {
  /** Names this outbox for ever; a new file has a new one. */
  readonly outboxId: string;
  /** Path of a damaged predecessor that was moved aside on opening, to be reported; its events were not sent. */
  readonly setAside: string | undefined;
  readonly #file: OutboxFile;
  readonly #limits: OutboxLimits;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #events: number;
  #bytes: number;
  #lastSequence: number;
  #rejected = 0;
  #isClosed = false;

  private constructor(file: OutboxFile, limits: OutboxLimits) {
    this.#file = file;
    this.#limits = limits;
    this.outboxId = file.outboxId;
    this.setAside = file.setAside;
    const sums = file.database
      .prepare('SELECT count(*) AS events, coalesce(sum(length(CAST(body AS BLOB))), 0) AS bytes FROM event')
      .get();
    this.#events = Number(sums?.['events']);
    this.#bytes = Number(sums?.['bytes']);
    const last = file.database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'event'").get();
    this.#lastSequence = Number(last?.['seq'] ?? 0);
  }

  /**
   * Opens the outbox under a directory of ours, which is made where missing.
   *
   * @throws OutboxError `OUTBOX_IN_USE` where another process has it open, `OUTBOX_OPEN_FAILED`.
   */
  static open(dataDir: string, nowEpochMs: number, limits: OutboxLimits = DEFAULT_OUTBOX_LIMITS): OutboxStore {
    return new OutboxStore(openOutboxFile(dataDir, nowEpochMs), limits);
  }

  /** Events and bytes of bodies not yet acknowledged, and appends refused since the start. */
  get counts(): { readonly events: number; readonly bytes: number; readonly rejected: number } {
    return { events: this.#events, bytes: this.#bytes, rejected: this.#rejected };
  }

  /**
   * Puts one event on disk.
   *
   * @returns its sequence, once it would survive a power cut; order of calls is order of sequences.
   * @throws OutboxError (as a rejection) `OUTBOX_FULL`, `OUTBOX_WRITE_FAILED`, `OUTBOX_CLOSED`, or `OUTBOX_BAD_EVENT`
   *   for one that no hub could read and that would stand in the way of the others: then it is not on disk.
   */
  append(body: EventBody, times: EventTimes): Promise<number> {
    const text = JSON.stringify(body);
    const bytes = Buffer.byteLength(text);
    const fault = this.#frameFault(body, times);
    if (fault) return this.#refuse(new OutboxError('OUTBOX_BAD_EVENT', `event ${body.kind}: ${fault}`));
    if (this.#isClosed) return this.#refuse(new OutboxError('OUTBOX_CLOSED', 'the outbox is closed'));
    const { maxEvents, maxBytes } = this.#limits;
    if (this.#events + 1 > maxEvents || this.#bytes + bytes > maxBytes) {
      const held = `${this.#events} of ${maxEvents} events, ${this.#bytes} of ${maxBytes} bytes`;
      return this.#refuse(new OutboxError('OUTBOX_FULL', `the outbox holds ${held}`));
    }
    this.#events += 1;
    this.#bytes += bytes;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#waiting.push({ text, times, resolve, reject });
    this.#flushing ??= new Promise((done) => {
      setImmediate(() => {
        this.#flush();
        done();
      });
    });
    return promise;
  }

  /**
   * Events after a sequence, lowest first, as frames ready to be sent.
   *
   * @param after - 0 for the oldest.
   * @throws OutboxError (as a rejection) `OUTBOX_READ_FAILED`.
   */
  async unacknowledged(after: number, limit: number): Promise<readonly EventFrame[]> {
    if (this.#isClosed) throw new OutboxError('OUTBOX_CLOSED', 'the outbox is closed');
    try {
      const rows = this.#file.database
        .prepare('SELECT * FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?')
        .all(after, limit);
      return rows.map((row) => ({
        v: 1,
        type: 'event',
        outboxId: this.outboxId,
        sequence: Number(row['sequence']),
        occurredAtMs: Number(row['occurred_at_ms']),
        occurredAtEpochMs: Number(row['occurred_at_epoch_ms']),
        body: JSON.parse(String(row['body'])) as EventBody,
      }));
    } catch (cause) {
      throw new OutboxError('OUTBOX_READ_FAILED', `events after ${after} cannot be read`, { cause });
    }
  }

  /**
   * Removes the events up to and including a sequence; repeats do no harm. An acknowledgement that is lost to a crash
   * costs a repeated send, nothing else.
   *
   * @throws OutboxError (as a rejection) `OUTBOX_WRITE_FAILED`: the events stay.
   */
  async acknowledge(outboxId: string, sequence: number): Promise<AckOutcome> {
    if (this.#isClosed) throw new OutboxError('OUTBOX_CLOSED', 'the outbox is closed');
    if (outboxId !== this.outboxId) return 'other-outbox';
    if (sequence > this.#lastSequence) return 'beyond-last';
    const { database } = this.#file;
    try {
      const gone = database
        .prepare('SELECT count(*) AS events, sum(length(CAST(body AS BLOB))) AS bytes FROM event WHERE sequence <= ?')
        .get(sequence);
      database.prepare('DELETE FROM event WHERE sequence <= ?').run(sequence);
      this.#events -= Number(gone?.['events']);
      this.#bytes -= Number(gone?.['bytes'] ?? 0);
      return 'removed';
    } catch (cause) {
      throw new OutboxError('OUTBOX_WRITE_FAILED', `events up to ${sequence} cannot be removed`, { cause });
    }
  }

  /** Commits what is waiting and closes the file; later calls reject. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#flushing;
    this.#file.database.close();
  }

  #frameFault(body: EventBody, times: EventTimes): string | undefined {
    const frame = { v: 1, type: 'event', outboxId: this.outboxId, sequence: 1, ...times, body } as const;
    const parsed = parseProbeFrame(encodeFrame(frame));
    return parsed.ok ? undefined : parsed.fault.message;
  }

  #refuse(error: OutboxError): Promise<never> {
    this.#rejected += 1;
    return Promise.reject(error);
  }

  #flush(): void {
    const group = this.#waiting;
    this.#waiting = [];
    this.#flushing = undefined;
    const { database } = this.#file;
    try {
      database.exec('BEGIN IMMEDIATE');
      const insert = database.prepare(
        'INSERT INTO event (occurred_at_ms, occurred_at_epoch_ms, body) VALUES (?, ?, ?) RETURNING sequence',
      );
      const sequences = group.map(({ text, times }) =>
        Number(insert.get(times.occurredAtMs, times.occurredAtEpochMs, text)?.['sequence']),
      );
      database.exec('COMMIT');
      this.#lastSequence = sequences.at(-1) ?? this.#lastSequence;
      for (const [at, { resolve }] of group.entries()) resolve(sequences[at] ?? Number.NaN);
    } catch (cause) {
      if (database.isTransaction) database.exec('ROLLBACK');
      this.#events -= group.length;
      this.#bytes -= group.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      this.#rejected += group.length;
      const error = new OutboxError('OUTBOX_WRITE_FAILED', `${group.length} events could not be committed`, { cause });
      for (const { reject } of group) reject(error);
    }
  }
}

import { StoreError } from '../errors.ts';
import { type JournalEntry, journalEntry, journalInsertUnless, type NewJournalEntry } from './journal-store.ts';
import { type Json, jsonText, parseJson } from './json-value.ts';
import { cutPage, type Page, type PageRequest, pageBounds, wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { StoreDatabase } from './store-database.ts';

/** A durable event as it came from a probe. */
export type NewProbeEvent = {
  readonly outboxId: string;
  /** Position in that outbox; (outboxId, sequence) names the event for ever. */
  readonly sequence: number;
  readonly pbx: string;
  /** Wall clock of the probe; kept to the millisecond. */
  readonly occurredAtEpochMs: number;
  readonly kind: string;
  readonly body: Json;
};

/** An event on disk; `receivedAtEpochMs` is the hub's clock. */
export type ProbeEvent = NewProbeEvent & { readonly id: number; readonly receivedAtEpochMs: number };

/**
 * What became of an event that is to be acknowledged: `stored` now; `repeated`, it was on disk already; `conflicting`,
 * another event was on disk under its name, which is kept: worth an alarm, as that outbox has been restored or reused.
 */
export type EventReceipt = {
  readonly outcome: 'stored' | 'repeated' | 'conflicting';
  /** Of the event on disk; absent when retention has deleted it. */
  readonly id: number | undefined;
  /** The journal entry that went to disk with the event. */
  readonly entry?: JournalEntry;
};

/** Which events are wanted; as for the journal. */
export type EventFilter = PageRequest & {
  readonly pbx?: string;
  readonly kinds?: readonly string[];
  readonly fromEpochMs?: number;
  readonly toEpochMs?: number;
};

/**
 * The events of one connection of one probe, in the order of its outbox. After one could not be written every later one
 * is refused with `STORE_INTAKE_BROKEN`, so that no acknowledgement can cover an event that is not on disk: close the
 * connection, and the probe sends again from its last acknowledged event.
 */
export class EventIntake {
  readonly #database: StoreDatabase;
  #isBroken = false;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** An event was refused; nothing more is taken. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Writes an event. Several may be under way at once; they settle in order.
   *
   * @param entry - what the journal says of it; written with the event, all or none, and not at all for one that is known.
   * @returns once it is on disk: it, and all before it on this intake, may be acknowledged.
   */
  async append(event: NewProbeEvent, entry?: NewJournalEntry): Promise<EventReceipt> {
    if (this.#isBroken) {
      throw new StoreError('STORE_INTAKE_BROKEN', `an event before ${event.sequence} could not be written`);
    }
    try {
      // No await before the write is handed over: a refusal must break the intake before the next call comes in.
      const { inserted, present, journaled } = await this.#write(event, entry);
      if (inserted) return { outcome: 'stored', id: inserted.id, ...(journaled && { entry: journalEntry(journaled) }) };
      const isSame = present === undefined || (present.pbx === event.pbx && present.body === jsonText(event.body));
      return { outcome: isSame ? 'repeated' : 'conflicting', id: present?.id };
    } catch (cause) {
      this.#isBroken = true;
      throw cause;
    }
  }

  /** Throws at once, not by rejecting, where the group is not taken. */
  #write(event: NewProbeEvent, entry: NewJournalEntry | undefined) {
    const { outbox, journal, insert, found } = eventGroup(event, entry, wholeMs(this.#database.nowEpochMs()));
    if (journal) {
      const written = this.#database.write([outbox, journal, insert, found]);
      return written.then(([, [journaled], [inserted], [present]]) => ({ inserted, present, journaled }));
    }
    const written = this.#database.write([outbox, insert, found]);
    return written.then(([, [inserted], [present]]) => ({ inserted, present, journaled: undefined }));
  }
}

/**
 * The statements that write an event, in their order: outbox, journal entry and event unless the event is known, and what is
 * then found under its name.
 */
function eventGroup(event: NewProbeEvent, entry: NewJournalEntry | undefined, receivedAtEpochMs: number) {
  const { outboxId, sequence, pbx } = event;
  const body = jsonText(event.body);
  const outbox = build
    .insertInto('outboxes')
    .values({
      outbox_id: outboxId,
      pbx,
      highest_sequence: sequence,
      received_at_epoch_ms: receivedAtEpochMs,
    })
    .onConflict((conflict) =>
      conflict.column('outbox_id').doUpdateSet((row) => ({
        highest_sequence: row.fn<number>('max', ['outboxes.highest_sequence', 'excluded.highest_sequence']),
        received_at_epoch_ms: row.ref('excluded.received_at_epoch_ms'),
      })),
    )
    .compile();
  const trimmed = build
    .selectFrom('outboxes')
    .select('outbox_id')
    .where('outbox_id', '=', outboxId)
    .where('trimmed_sequence', '>=', sequence);
  const known = build
    .selectFrom('probe_events')
    .select('id')
    .where('outbox_id', '=', outboxId)
    .where('sequence', '=', sequence);
  const journal = entry && journalInsertUnless([trimmed, known], entry, receivedAtEpochMs);
  const insert = build
    .insertInto('probe_events')
    .columns(['outbox_id', 'sequence', 'pbx', 'occurred_at_epoch_ms', 'received_at_epoch_ms', 'kind', 'body'])
    .expression(
      build
        .selectNoFrom((row) => [
          row.val(outboxId).as('outbox_id'),
          row.val(sequence).as('sequence'),
          row.val(pbx).as('pbx'),
          row.val(wholeMs(event.occurredAtEpochMs)).as('occurred_at_epoch_ms'),
          row.val(receivedAtEpochMs).as('received_at_epoch_ms'),
          row.val(event.kind).as('kind'),
          row.val(body).as('body'),
        ])
        .where((row) => row.not(row.exists(trimmed))),
    )
    .onConflict((conflict) => conflict.columns(['outbox_id', 'sequence']).doNothing())
    .returning('id')
    .compile();
  const found = build
    .selectFrom('probe_events')
    .select(['id', 'pbx', 'body'])
    .where('outbox_id', '=', outboxId)
    .where('sequence', '=', sequence)
    .compile();
  return { outbox, journal, insert, found };
}

/** Durable events of probes. */
export class EventStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** Opens the intake of one connection. */
  openIntake(): EventIntake {
    return new EventIntake(this.#database);
  }

  /** Highest sequence on disk of an outbox, also after its events were deleted by retention; for the welcome frame. */
  async highestSequence(outboxId: string): Promise<number | undefined> {
    const [row] = await this.#database.read(
      build.selectFrom('outboxes').select('highest_sequence').where('outbox_id', '=', outboxId).compile(),
    );
    return row?.highest_sequence;
  }

  /** One page of events, by id; times are those of receipt. */
  async list(filter: EventFilter = {}): Promise<Page<ProbeEvent>> {
    const { cursor, limit, comparison, direction } = pageBounds(filter);
    let query = build.selectFrom('probe_events').selectAll().orderBy('id', direction);
    if (cursor !== undefined) query = query.where('id', comparison, cursor);
    if (filter.pbx !== undefined) query = query.where('pbx', '=', filter.pbx);
    if (filter.kinds) query = query.where('kind', 'in', filter.kinds);
    if (filter.fromEpochMs !== undefined) query = query.where('received_at_epoch_ms', '>=', filter.fromEpochMs);
    if (filter.toEpochMs !== undefined) query = query.where('received_at_epoch_ms', '<', filter.toEpochMs);
    return cutPage(await this.#database.read(query.limit(limit + 1).compile()), limit, (row) => ({
      id: row.id,
      outboxId: row.outbox_id,
      sequence: row.sequence,
      pbx: row.pbx,
      occurredAtEpochMs: row.occurred_at_epoch_ms,
      receivedAtEpochMs: row.received_at_epoch_ms,
      kind: row.kind,
      body: parseJson(row.body),
    }));
  }
}

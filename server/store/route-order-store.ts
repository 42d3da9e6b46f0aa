import { type JournalEntry, journalEntry, journalInsert, type NewJournalEntry } from './journal-store.ts';
import { type Json, jsonText, parseJson } from './json-value.ts';
import { wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { RouteOrderTable } from './schema.ts';
import type { StoreDatabase } from './store-database.ts';

/** What is ordered of routes. */
export type RouteOrderKind = RouteOrderTable['kind'];

/** An order of a person for routes, as it is kept. Times are epoch milliseconds. */
export type StoredRouteOrder = {
  readonly kind: RouteOrderKind;
  /** Unique within its kind; the one who orders may choose it. */
  readonly orderId: string;
  /** What was asked for, as data; the same id with the same text is the same order told again. */
  readonly asked: Json;
  readonly actor: string;
  readonly reason: string;
  readonly orderedAtEpochMs: number;
  readonly fromEpochMs: number;
  /** Absent: until it is taken away. */
  readonly untilEpochMs?: number;
  /** Its begin is in the journal. */
  readonly beganAtEpochMs?: number;
  readonly endedAtEpochMs?: number;
  readonly endedBy?: string;
};

/** The stop switch of routing. Never used: not stopped. */
export type RoutingStop = {
  readonly isStopped: boolean;
  readonly actor?: string;
  readonly reason?: string;
  readonly changedAtEpochMs?: number;
};

/** Orders that are over are kept so long: a retry that comes late does not give them anew. */
const ENDED_KEPT_MS = 31 * 86_400_000;

/** Pins, maintenances and the stop switch of routing; each change is in the journal by the same transaction (safety rule 7). */
export class RouteOrderStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /**
   * Keeps an order that is new.
   *
   * @returns its journal entry, on disk together with it.
   * @throws StoreError `STORE_CONSTRAINT` where an order of its kind and id is kept already.
   */
  async give(order: StoredRouteOrder, entry: NewJournalEntry): Promise<JournalEntry> {
    const nowEpochMs = this.#database.nowEpochMs();
    const insert = build
      .insertInto('route_orders')
      .values({
        kind: order.kind,
        order_id: order.orderId,
        asked: jsonText(order.asked),
        actor: order.actor,
        reason: order.reason,
        ordered_at_epoch_ms: wholeMs(order.orderedAtEpochMs),
        from_epoch_ms: wholeMs(order.fromEpochMs),
        until_epoch_ms: order.untilEpochMs === undefined ? null : wholeMs(order.untilEpochMs),
        began_at_epoch_ms: order.beganAtEpochMs === undefined ? null : wholeMs(order.beganAtEpochMs),
        ended_at_epoch_ms: null,
        ended_by: null,
      })
      .compile();
    const old = build
      .deleteFrom('route_orders')
      .where('ended_at_epoch_ms', '<', wholeMs(nowEpochMs - ENDED_KEPT_MS))
      .compile();
    return this.#journaled(entry, [old, insert]);
  }

  /** Notes that an order has begun. @returns its journal entry. */
  async begin(kind: RouteOrderKind, orderId: string, atEpochMs: number, entry: NewJournalEntry): Promise<JournalEntry> {
    const update = build
      .updateTable('route_orders')
      .set({ began_at_epoch_ms: wholeMs(atEpochMs) })
      .where('kind', '=', kind)
      .where('order_id', '=', orderId)
      .compile();
    return this.#journaled(entry, [update]);
  }

  /** Ends an order. @returns its journal entry. */
  async end(
    { kind, orderId }: Pick<StoredRouteOrder, 'kind' | 'orderId'>,
    by: string,
    atEpochMs: number,
    entry: NewJournalEntry,
  ): Promise<JournalEntry> {
    const update = build
      .updateTable('route_orders')
      .set({ ended_at_epoch_ms: wholeMs(atEpochMs), ended_by: by })
      .where('kind', '=', kind)
      .where('order_id', '=', orderId)
      .where('ended_at_epoch_ms', 'is', null)
      .compile();
    return this.#journaled(entry, [update]);
  }

  /** Every order that is not over, the oldest first. */
  async open(): Promise<readonly StoredRouteOrder[]> {
    const rows = await this.#database.read(
      build
        .selectFrom('route_orders')
        .selectAll()
        .where('ended_at_epoch_ms', 'is', null)
        .orderBy('ordered_at_epoch_ms')
        .orderBy('order_id')
        .compile(),
    );
    return rows.map(storedOrder);
  }

  /** An order, over or not; undefined where none has this id, or no longer. */
  async get(kind: RouteOrderKind, orderId: string): Promise<StoredRouteOrder | undefined> {
    const [row] = await this.#database.read(
      build.selectFrom('route_orders').selectAll().where('kind', '=', kind).where('order_id', '=', orderId).compile(),
    );
    return row && storedOrder(row);
  }

  /** Throws or releases the stop switch of routing. @returns its journal entry. */
  async setRoutingStopped(isStopped: boolean, actor: string, reason: string): Promise<JournalEntry> {
    const row = {
      is_stopped: isStopped ? 1 : 0,
      actor,
      reason,
      changed_at_epoch_ms: wholeMs(this.#database.nowEpochMs()),
    };
    const upsert = build
      .insertInto('routing_stop')
      .values({ id: 1, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .compile();
    const what = isStopped
      ? 'routing stopped: the hub changes no route; the probes go on marking trunks that are hard-down'
      : 'routing released';
    const kind = isStopped ? 'routing-stopped' : 'routing-released';
    return this.#journaled({ kind, actor, sentence: `${what}, by ${actor}: ${reason}` }, [upsert]);
  }

  /** State of the stop switch of routing. */
  async routingStop(): Promise<RoutingStop> {
    const [row] = await this.#database.read(build.selectFrom('routing_stop').selectAll().compile());
    if (!row) return { isStopped: false };
    const { actor, changed_at_epoch_ms: changedAtEpochMs, is_stopped: isStopped, reason } = row;
    return { isStopped: isStopped === 1, actor, reason, changedAtEpochMs };
  }

  async #journaled(entry: NewJournalEntry, changes: Parameters<StoreDatabase['write']>[0]): Promise<JournalEntry> {
    const [rows] = await this.#database.write([journalInsert(entry, this.#database.nowEpochMs()), ...changes]);
    const [row] = rows;
    if (!row) throw new Error('an appended journal row came back empty');
    return journalEntry(row);
  }
}

function storedOrder(row: RouteOrderTable): StoredRouteOrder {
  return {
    kind: row.kind,
    orderId: row.order_id,
    asked: parseJson(row.asked),
    actor: row.actor,
    reason: row.reason,
    orderedAtEpochMs: row.ordered_at_epoch_ms,
    fromEpochMs: row.from_epoch_ms,
    ...(row.until_epoch_ms !== null && { untilEpochMs: row.until_epoch_ms }),
    ...(row.began_at_epoch_ms !== null && { beganAtEpochMs: row.began_at_epoch_ms }),
    ...(row.ended_at_epoch_ms !== null && { endedAtEpochMs: row.ended_at_epoch_ms }),
    ...(row.ended_by !== null && { endedBy: row.ended_by }),
  };
}

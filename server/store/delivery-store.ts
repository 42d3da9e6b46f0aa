import { cutPage, type Page, type PageRequest, pageBounds, wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { DeliveryTable } from './schema.ts';
import type { StoreDatabase } from './store-database.ts';

/** Most deliveries that wait, and most that were given up, over all hooks. */
export const MAX_DELIVERIES = 10_000;

/** One message to one webhook or program. */
export type NewDelivery = {
  /** Unique for ever: what the receiver recognises a repetition by. */
  readonly deliveryId: string;
  readonly actuator: 'webhook' | 'exec';
  /** Name of the webhook or program. */
  readonly hook: string;
  /** Deliveries of one hook and lane are made in order. */
  readonly lane: string;
  /** JSON text, sent byte for byte. */
  readonly body: string;
  readonly madeAtEpochMs: number;
};

/** A delivery as it stands. */
export type Delivery = NewDelivery & {
  readonly state: 'pending' | 'dead';
  readonly attempts: number;
  readonly dueAtEpochMs: number;
  /** Why the last attempt went wrong; undefined before there was one. */
  readonly lastReason: string | undefined;
};

/** A delivery with its place in the list. */
export type StoredDelivery = Delivery & { readonly id: number };

/** The statement that takes a delivery up, to be put into a group with what it tells of; one that is known changes nothing. */
export function deliveryInsert(delivery: NewDelivery) {
  return build
    .insertInto('deliveries')
    .values({
      delivery_id: delivery.deliveryId,
      actuator: delivery.actuator,
      hook: delivery.hook,
      lane: delivery.lane,
      body: delivery.body,
      state: 'pending',
      made_at_epoch_ms: wholeMs(delivery.madeAtEpochMs),
      due_at_epoch_ms: wholeMs(delivery.madeAtEpochMs),
    })
    .onConflict((conflict) => conflict.column('delivery_id').doNothing())
    .compile();
}

/** Deliveries that are yet to be made, and those given up: the dead letters. One that was made is gone. */
export class DeliveryStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** Takes deliveries up; kept in memory while the disk takes no writes. One whose id is known changes nothing. */
  async add(deliveries: readonly NewDelivery[]): Promise<void> {
    const rows = deliveries.map(deliveryInsert);
    await this.#database.writeOrBuffer(rows, rows);
  }

  /** All that wait, oldest first, at most {@link MAX_DELIVERIES}. */
  async pending(): Promise<readonly StoredDelivery[]> {
    const rows = await this.#database.read(
      build
        .selectFrom('deliveries')
        .selectAll()
        .where('state', '=', 'pending')
        .orderBy('id')
        .limit(MAX_DELIVERIES)
        .compile(),
    );
    return rows.map(storedDelivery);
  }

  /** One page of those given up, newest first unless asked otherwise. */
  async dead(request: PageRequest = {}): Promise<Page<StoredDelivery>> {
    const { cursor, limit, comparison, direction } = pageBounds(request);
    let query = build.selectFrom('deliveries').selectAll().where('state', '=', 'dead').orderBy('id', direction);
    if (cursor !== undefined) query = query.where('id', comparison, cursor);
    return cutPage(await this.#database.read(query.limit(limit + 1).compile()), limit, storedDelivery);
  }

  /** Notes how a delivery stands after an attempt. Of those given up the oldest beyond {@link MAX_DELIVERIES} go. */
  async note({ attempts, deliveryId, dueAtEpochMs, lastReason, state }: Delivery): Promise<void> {
    const change = build
      .updateTable('deliveries')
      .set({ state, attempts, due_at_epoch_ms: wholeMs(dueAtEpochMs), last_reason: lastReason ?? null })
      .where('delivery_id', '=', deliveryId)
      .compile();
    const dead = build.selectFrom('deliveries').select('id').where('state', '=', 'dead').orderBy('id', 'desc');
    const beyond = build
      .deleteFrom('deliveries')
      .where('state', '=', 'dead')
      .where('id', '<=', dead.limit(1).offset(MAX_DELIVERIES))
      .compile();
    await this.#database.write(state === 'dead' ? [change, beyond] : [change]);
  }

  /** Takes a delivery that was made off the list. */
  async made(deliveryId: string): Promise<void> {
    await this.#database.trim([build.deleteFrom('deliveries').where('delivery_id', '=', deliveryId).compile()]);
  }

  /** Makes one that was given up due again, its attempts counted anew. @returns undefined where none such is known. */
  async revive(deliveryId: string): Promise<StoredDelivery | undefined> {
    const [rows] = await this.#database.write([
      build
        .updateTable('deliveries')
        .set({ state: 'pending', attempts: 0, due_at_epoch_ms: wholeMs(this.#database.nowEpochMs()) })
        .where('delivery_id', '=', deliveryId)
        .where('state', '=', 'dead')
        .returningAll()
        .compile(),
    ]);
    const [row] = rows;
    return row && storedDelivery(row);
  }
}

function storedDelivery(
  row: Omit<DeliveryTable, 'id' | 'attempts'> & { readonly id: number; readonly attempts: number },
) {
  return {
    id: row.id,
    deliveryId: row.delivery_id,
    actuator: row.actuator,
    hook: row.hook,
    lane: row.lane,
    body: row.body,
    madeAtEpochMs: row.made_at_epoch_ms,
    state: row.state,
    attempts: row.attempts,
    dueAtEpochMs: row.due_at_epoch_ms,
    lastReason: row.last_reason ?? undefined,
  } satisfies StoredDelivery;
}

import { type Json, jsonText, parseJson } from './json-value.ts';
import { cutPage, MAX_PAGE_ITEMS, type Page, type PageRequest, pageBounds, wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { StoreDatabase } from './store-database.ts';

/** State of a verdict to be kept. `latest` is the whole verdict as JSON. */
export type VerdictRecord = {
  readonly verdictId: string;
  readonly latest: Json;
  readonly openedAtEpochMs: number;
  readonly updatedAtEpochMs: number;
  readonly clearedAtEpochMs?: number | undefined;
};

/** A verdict on disk; `id` is the cursor of its list. */
export type StoredVerdict = VerdictRecord & { readonly id: number };

/** What a verdict rested on at one time. */
export type VerdictEvidence = { readonly id: number; readonly atEpochMs: number; readonly snapshot: Json };

/** Which verdicts are wanted: `isOpen` by whether they are cleared; times by when they were opened. */
export type VerdictFilter = PageRequest & {
  readonly isOpen?: boolean;
  readonly fromEpochMs?: number;
  readonly toEpochMs?: number;
};

type VerdictRow = {
  readonly id: number;
  readonly verdict_id: string;
  readonly latest: string;
  readonly opened_at_epoch_ms: number;
  readonly updated_at_epoch_ms: number;
  readonly cleared_at_epoch_ms: number | null;
};

/** Cleared verdicts that are read back at a start. */
const MAX_CLEARED = 5000;

/** Verdicts and their evidence. */
export class VerdictStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /**
   * Keeps the state of a verdict over the one before, and with it, all or none, a snapshot of its evidence if given.
   * The time of opening stays the first one saved; an older state than the one kept (by `updatedAtEpochMs`) is passed over.
   */
  async save(record: VerdictRecord, evidence?: Json): Promise<void> {
    const { verdictId } = record;
    const updatedAtEpochMs = wholeMs(record.updatedAtEpochMs);
    const upsert = build
      .insertInto('verdicts')
      .values({
        verdict_id: verdictId,
        latest: jsonText(record.latest),
        opened_at_epoch_ms: wholeMs(record.openedAtEpochMs),
        updated_at_epoch_ms: updatedAtEpochMs,
        cleared_at_epoch_ms: record.clearedAtEpochMs === undefined ? null : wholeMs(record.clearedAtEpochMs),
      })
      .onConflict((conflict) =>
        conflict
          .column('verdict_id')
          .doUpdateSet((row) => ({
            latest: row.ref('excluded.latest'),
            updated_at_epoch_ms: row.ref('excluded.updated_at_epoch_ms'),
            cleared_at_epoch_ms: row.ref('excluded.cleared_at_epoch_ms'),
          }))
          .whereRef('verdicts.updated_at_epoch_ms', '<=', 'excluded.updated_at_epoch_ms'),
      )
      .compile();
    if (evidence === undefined) {
      await this.#database.write([upsert]);
      return;
    }
    const snapshot = build
      .insertInto('verdict_evidence')
      .values({ verdict_id: verdictId, at_epoch_ms: updatedAtEpochMs, snapshot: jsonText(evidence) })
      .compile();
    await this.#database.write([upsert, snapshot]);
  }

  /** The latest state, or `undefined` for an unknown id. */
  async get(verdictId: string): Promise<StoredVerdict | undefined> {
    const [row] = await this.#database.read(
      build.selectFrom('verdicts').selectAll().where('verdict_id', '=', verdictId).compile(),
    );
    return row && storedVerdict(row);
  }

  /** One page of verdicts, by id (order of opening). */
  async list(filter: VerdictFilter = {}): Promise<Page<StoredVerdict>> {
    const { cursor, limit, comparison, direction } = pageBounds(filter);
    let query = build.selectFrom('verdicts').selectAll().orderBy('id', direction);
    if (cursor !== undefined) query = query.where('id', comparison, cursor);
    if (filter.isOpen !== undefined) query = query.where('cleared_at_epoch_ms', filter.isOpen ? 'is' : 'is not', null);
    if (filter.fromEpochMs !== undefined) query = query.where('opened_at_epoch_ms', '>=', filter.fromEpochMs);
    if (filter.toEpochMs !== undefined) query = query.where('opened_at_epoch_ms', '<', filter.toEpochMs);
    return cutPage(await this.#database.read(query.limit(limit + 1).compile()), limit, storedVerdict);
  }

  /** Every verdict that is not cleared, in the order of opening. */
  async allOpen(): Promise<readonly StoredVerdict[]> {
    const open: StoredVerdict[] = [];
    let cursor: number | undefined;
    do {
      const from = cursor === undefined ? {} : { cursor };
      const page: Page<StoredVerdict> = await this.list({
        isOpen: true,
        limit: MAX_PAGE_ITEMS,
        order: 'oldest',
        ...from,
      });
      open.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return open;
  }

  /** Verdicts that were cleared at this time or later, the newest of them first; at most {@link MAX_CLEARED}. */
  async clearedSince(fromEpochMs: number): Promise<readonly StoredVerdict[]> {
    const query = build
      .selectFrom('verdicts')
      .selectAll()
      .where('cleared_at_epoch_ms', '>=', wholeMs(fromEpochMs))
      .orderBy('cleared_at_epoch_ms', 'desc')
      .limit(MAX_CLEARED);
    const rows = await this.#database.read(query.compile());
    return rows.map(storedVerdict);
  }

  /** One page of a verdict's snapshots, by id; empty for an unknown verdict. */
  async evidence(verdictId: string, page: PageRequest = {}): Promise<Page<VerdictEvidence>> {
    const { cursor, limit, comparison, direction } = pageBounds(page);
    let query = build
      .selectFrom('verdict_evidence')
      .selectAll()
      .where('verdict_id', '=', verdictId)
      .orderBy('id', direction);
    if (cursor !== undefined) query = query.where('id', comparison, cursor);
    return cutPage(await this.#database.read(query.limit(limit + 1).compile()), limit, (row) => ({
      id: row.id,
      atEpochMs: row.at_epoch_ms,
      snapshot: parseJson(row.snapshot),
    }));
  }
}

function storedVerdict(row: VerdictRow): StoredVerdict {
  return {
    id: row.id,
    verdictId: row.verdict_id,
    latest: parseJson(row.latest),
    openedAtEpochMs: row.opened_at_epoch_ms,
    updatedAtEpochMs: row.updated_at_epoch_ms,
    clearedAtEpochMs: row.cleared_at_epoch_ms ?? undefined,
  };
}

import { StoreError } from '../errors.ts';
import { type Json, jsonText, parseJson } from './json-value.ts';
import { MAX_PAGE_ITEMS, wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { StoreDatabase } from './store-database.ts';

/** What a stage wants back after a restart. Keys are `STAGE/…`, such as `paths/PBX>TARGET`. */
export type MemoryEntry = { readonly key: string; readonly value: Json };

/** An entry on disk; the age tells whether it may still be relied on. */
export type StoredMemory = MemoryEntry & { readonly updatedAtEpochMs: number };

/** Memory of the stages across restarts (safety rule 9): the last value of each key. */
export class MemoryStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** Keeps entries over those before, all or none. */
  async put(entries: readonly MemoryEntry[]): Promise<void> {
    const updatedAtEpochMs = wholeMs(this.#database.nowEpochMs());
    await this.#database.write(
      entries.map(({ key, value }) =>
        build
          .insertInto('memory')
          .values({ key, value: jsonText(value), updated_at_epoch_ms: updatedAtEpochMs })
          .onConflict((conflict) =>
            conflict.column('key').doUpdateSet((row) => ({
              value: row.ref('excluded.value'),
              updated_at_epoch_ms: row.ref('excluded.updated_at_epoch_ms'),
            })),
          )
          .compile(),
      ),
    );
  }

  /** Forgets keys; unknown ones are passed over. */
  async remove(keys: readonly string[]): Promise<void> {
    await this.#database.write(keys.map((key) => build.deleteFrom('memory').where('key', '=', key).compile()));
  }

  /** One entry, or `undefined`. */
  async get(key: string): Promise<StoredMemory | undefined> {
    const [row] = await this.#database.read(build.selectFrom('memory').selectAll().where('key', '=', key).compile());
    return row && { key: row.key, value: parseJson(row.value), updatedAtEpochMs: row.updated_at_epoch_ms };
  }

  /**
   * Entries whose key starts with `prefix`, in order of key.
   *
   * @param afterKey - last key of the page before.
   * @param limit - 1 to 500.
   */
  async list(prefix: string, afterKey?: string, limit = MAX_PAGE_ITEMS): Promise<readonly StoredMemory[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_ITEMS) {
      throw new StoreError('STORE_VALUE_REFUSED', `limit ${limit} is not within 1 and ${MAX_PAGE_ITEMS}`);
    }
    let query = build
      .selectFrom('memory')
      .selectAll()
      .where('key', '>=', prefix)
      .where('key', '<', `${prefix}\u{10FFFF}`)
      .orderBy('key')
      .limit(limit);
    if (afterKey !== undefined) query = query.where('key', '>', afterKey);
    const rows = await this.#database.read(query.compile());
    return rows.map((row) => ({
      key: row.key,
      value: parseJson(row.value),
      updatedAtEpochMs: row.updated_at_epoch_ms,
    }));
  }

  /** Every entry whose key starts with `prefix`, page by page. */
  async *all(prefix: string): AsyncGenerator<StoredMemory> {
    let afterKey: string | undefined;
    do {
      const page = await this.list(prefix, afterKey);
      yield* page;
      afterKey = page.length === MAX_PAGE_ITEMS ? page.at(-1)?.key : undefined;
    } while (afterKey !== undefined);
  }
}

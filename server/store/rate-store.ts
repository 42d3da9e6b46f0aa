import { type JournalEntry, journalEntry, journalInsert, type NewJournalEntry } from './journal-store.ts';
import { type Json, jsonText, parseJson } from './json-value.ts';
import { wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { RateImportTable } from './schema.ts';
import type { StoreDatabase } from './store-database.ts';

/** An imported deck without its rows. Times are epoch milliseconds. */
export type StoredRateImport = {
  readonly importId: number;
  readonly provider: string;
  readonly how: RateImportTable['how'];
  readonly actor: string;
  readonly fileName: string;
  /** Of the file, hex. */
  readonly sha256: string;
  readonly rowCount: number;
  readonly rejectCount: number;
  readonly beginsAtEpochMs: number;
  readonly importedAtEpochMs: number;
};

/** Rows in one part: small enough that reading one holds nobody up. */
const PART_ROWS = 2000;

/** Rate decks, whole as they were imported; each import is in the journal by the same transaction. */
export class RateStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** Keeps a deck, all of it or nothing. @returns its id and its journal entry. */
  async add(
    deck: Omit<StoredRateImport, 'importId' | 'importedAtEpochMs'>,
    rows: readonly Json[],
    entry: NewJournalEntry,
  ): Promise<{ readonly importId: number; readonly entry: JournalEntry }> {
    const nowEpochMs = wholeMs(this.#database.nowEpochMs());
    const insert = build
      .insertInto('rate_imports')
      .values({
        provider: deck.provider,
        how: deck.how,
        actor: deck.actor,
        file_name: deck.fileName,
        sha256: deck.sha256,
        row_count: deck.rowCount,
        reject_count: deck.rejectCount,
        begins_at_epoch_ms: wholeMs(deck.beginsAtEpochMs),
        imported_at_epoch_ms: nowEpochMs,
      })
      .returning('import_id')
      .compile();
    const parts = Array.from({ length: Math.ceil(rows.length / PART_ROWS) }, (_, part) =>
      build
        .insertInto('rate_rows')
        .columns(['import_id', 'part', 'body'])
        .expression(
          build
            .selectFrom('rate_imports')
            .select((row) => [
              row.fn.max('import_id').as('import_id'),
              row.val(part).as('part'),
              row.val(jsonText(rows.slice(part * PART_ROWS, (part + 1) * PART_ROWS))).as('body'),
            ]),
        )
        .compile(),
    );
    const [journaled, added] = await this.#database.write([journalInsert(entry, nowEpochMs), insert, ...parts]);
    const [row] = journaled;
    const importId = added?.[0]?.import_id;
    if (!row || importId === undefined) throw new Error('an import gave no row back');
    return { importId, entry: journalEntry(row) };
  }

  /** Every import that is kept, in the order in which they came. */
  async list(): Promise<readonly StoredRateImport[]> {
    const rows = await this.#database.read(build.selectFrom('rate_imports').selectAll().orderBy('import_id').compile());
    return rows.map((row) => ({
      importId: row.import_id,
      provider: row.provider,
      how: row.how,
      actor: row.actor,
      fileName: row.file_name,
      sha256: row.sha256,
      rowCount: row.row_count,
      rejectCount: row.reject_count,
      beginsAtEpochMs: row.begins_at_epoch_ms,
      importedAtEpochMs: row.imported_at_epoch_ms,
    }));
  }

  /** Rows of an import in their order, a part at a time. */
  async *rows(importId: number): AsyncGenerator<readonly Json[]> {
    for (let part = 0; ; part += 1) {
      const of = build
        .selectFrom('rate_rows')
        .select('body')
        .where('import_id', '=', importId)
        .where('part', '=', part);
      const [row] = await this.#database.read(of.compile());
      if (!row) return;
      yield parseJson(row.body) as readonly Json[];
    }
  }

  /** Deletes imports and their rows; the journal keeps that they were. */
  async remove(importIds: readonly number[]): Promise<void> {
    if (importIds.length === 0) return;
    await this.#database.trim([
      build.deleteFrom('rate_rows').where('import_id', 'in', importIds).compile(),
      build.deleteFrom('rate_imports').where('import_id', 'in', importIds).compile(),
    ]);
  }
}

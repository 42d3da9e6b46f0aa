import type { Expression } from 'kysely';
import { type Json, jsonText, parseJson } from './json-value.ts';
import { cutPage, type Page, type PageRequest, pageBounds, wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { JournalTable } from './schema.ts';
import type { StoreDatabase } from './store-database.ts';

/** What an entry is about; every part that applies. */
export type JournalScope = {
  readonly site?: string;
  readonly provider?: string;
  readonly trunk?: string;
  readonly pbx?: string;
  readonly class?: string;
};

/** An entry to be written. */
export type NewJournalEntry = {
  /** The store's clock when absent. */
  readonly atEpochMs?: number;
  /** Closed word such as `plan-issued`; what readers filter by. */
  readonly kind: string;
  /** Who or what: `hub`, a probe, or a user's token name. */
  readonly actor: string;
  readonly scope?: JournalScope;
  /** One plain sentence; no secret and no full dialled number. */
  readonly sentence: string;
  readonly detail?: Json;
};

/** An entry on disk. `isBuffered`: it waited in memory for the disk, so its id is later than its time. */
export type JournalEntry = {
  readonly id: number;
  readonly atEpochMs: number;
  readonly kind: string;
  readonly actor: string;
  readonly scope: JournalScope;
  readonly sentence: string;
  readonly detail: Json | undefined;
  readonly isBuffered: boolean;
};

/** Which entries are wanted; parts that are absent do not restrict. Times are epoch milliseconds, `to` exclusive. */
export type JournalFilter = PageRequest & {
  readonly kinds?: readonly string[];
  readonly actor?: string;
  readonly scope?: JournalScope;
  readonly fromEpochMs?: number;
  readonly toEpochMs?: number;
};

const SCOPE_COLUMNS = ['site', 'provider', 'trunk', 'pbx', 'class'] as const;

const JOURNAL_COLUMNS = [
  'at_epoch_ms',
  'kind',
  'actor',
  ...SCOPE_COLUMNS,
  'sentence',
  'detail',
  'is_buffered',
] as const;

/** The statement that appends an entry, to be put into a group with what it tells of. Returns the row. */
export function journalInsert(entry: NewJournalEntry, nowEpochMs: number, isBuffered = false) {
  return journalInserts([entry], nowEpochMs, isBuffered);
}

/** The statement that appends entries, at least one; their ids rise in the order given. Returns the rows. */
export function journalInserts(entries: readonly NewJournalEntry[], nowEpochMs: number, isBuffered = false) {
  return build
    .insertInto('journal')
    .values(entries.map((entry) => journalColumns(entry, nowEpochMs, isBuffered)))
    .returningAll()
    .compile();
}

/** As {@link journalInsert}, appending nothing where one of `queries` finds a row. */
export function journalInsertUnless(
  queries: readonly Expression<unknown>[],
  entry: NewJournalEntry,
  nowEpochMs: number,
) {
  const columns = journalColumns(entry, nowEpochMs, false);
  return build
    .insertInto('journal')
    .columns(JOURNAL_COLUMNS)
    .expression(
      build
        .selectNoFrom((row) => JOURNAL_COLUMNS.map((name) => row.val(columns[name]).as(name)))
        .where((row) => row.not(row.or(queries.map((query) => row.exists(query))))),
    )
    .returningAll()
    .compile();
}

function journalColumns(entry: NewJournalEntry, nowEpochMs: number, isBuffered: boolean) {
  const { scope = {} } = entry;
  return {
    at_epoch_ms: wholeMs(entry.atEpochMs ?? nowEpochMs),
    kind: entry.kind,
    actor: entry.actor,
    site: scope.site ?? null,
    provider: scope.provider ?? null,
    trunk: scope.trunk ?? null,
    pbx: scope.pbx ?? null,
    class: scope.class ?? null,
    sentence: entry.sentence,
    detail: entry.detail === undefined ? null : jsonText(entry.detail),
    is_buffered: isBuffered ? 1 : 0,
  } as const;
}

type JournalRow = Omit<JournalTable, 'id' | 'is_buffered'> & { readonly id: number; readonly is_buffered: number };

/** Reads a row of the journal. */
export function journalEntry(row: JournalRow): JournalEntry {
  const scope = Object.fromEntries(SCOPE_COLUMNS.flatMap((name) => (row[name] === null ? [] : [[name, row[name]]])));
  return {
    id: row.id,
    atEpochMs: row.at_epoch_ms,
    kind: row.kind,
    actor: row.actor,
    scope,
    sentence: row.sentence,
    detail: row.detail === null ? undefined : parseJson(row.detail),
    isBuffered: row.is_buffered === 1,
  };
}

/** The journal: appended to and read, never changed. */
export class JournalStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /**
   * Appends an entry.
   *
   * @returns the entry with its id, once it is on disk: what it announces may then be done (safety rule 7).
   * @throws StoreError `JOURNAL_UNWRITABLE` at once while the disk takes no writes.
   */
  async append(entry: NewJournalEntry): Promise<JournalEntry> {
    const [rows] = await this.#database.write([journalInsert(entry, this.#database.nowEpochMs())]);
    return onlyEntry(rows);
  }

  /**
   * Appends an entry, or keeps it in memory while the disk takes no writes: for moves off hard-down trunks, which go on
   * without a journal (safety rule 8).
   *
   * @returns `overflowed` when the buffer is full too: only the number of such entries will be recorded.
   */
  async appendOrBuffer(
    entry: NewJournalEntry,
  ): Promise<
    { readonly kind: 'written'; readonly entry: JournalEntry } | { readonly kind: 'buffered' | 'overflowed' }
  > {
    const nowEpochMs = this.#database.nowEpochMs();
    const stamped = { ...entry, atEpochMs: entry.atEpochMs ?? nowEpochMs };
    const written = await this.#database.writeOrBuffer(
      [journalInsert(stamped, nowEpochMs)],
      [journalInsert(stamped, nowEpochMs, true)],
    );
    if (written.kind !== 'written') return { kind: written.kind };
    return { kind: 'written', entry: onlyEntry(written.rows[0]) };
  }

  /** One page of entries, by id. */
  async list(filter: JournalFilter = {}): Promise<Page<JournalEntry>> {
    const { cursor, limit, comparison, direction } = pageBounds(filter);
    let query = build.selectFrom('journal').selectAll().orderBy('id', direction);
    if (cursor !== undefined) query = query.where('id', comparison, cursor);
    if (filter.kinds) query = query.where('kind', 'in', filter.kinds);
    if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor);
    if (filter.fromEpochMs !== undefined) query = query.where('at_epoch_ms', '>=', filter.fromEpochMs);
    if (filter.toEpochMs !== undefined) query = query.where('at_epoch_ms', '<', filter.toEpochMs);
    for (const name of SCOPE_COLUMNS) {
      const wanted = filter.scope?.[name];
      if (wanted !== undefined) query = query.where(name, '=', wanted);
    }
    return cutPage(await this.#database.read(query.limit(limit + 1).compile()), limit, journalEntry);
  }
}

function onlyEntry(rows: readonly JournalRow[]): JournalEntry {
  const [row] = rows;
  if (!row) throw new Error('an appended journal row came back empty');
  return journalEntry(row);
}

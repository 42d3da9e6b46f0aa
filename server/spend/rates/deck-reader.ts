import { chargeMicros } from '../../../wire/charge.ts';
import { CsvDecoder, type CsvFault, type CsvRecord } from './csv-decoder.ts';
import { type DeckColumns, deckColumns } from './deck-layout.ts';
import { type DeckRow, deckRow, type Reject, type RowGround } from './deck-row.ts';

/** Most rows of one deck. */
export const MAX_DECK_ROWS = 1_000_000;

/** A deck as it was read, rows in order of prefix and begin; or why nothing of it is of use. */
export type DeckRead =
  | { readonly ok: true; readonly rows: readonly DeckRow[]; readonly rejects: readonly Reject[] }
  | { readonly ok: false; readonly faults: readonly string[] };

const CSV_FAULTS: Readonly<Record<CsvFault, string>> = {
  'stray-quote': 'a quote stands inside a field',
  'unclosed-quote': 'a quote is opened and never closed',
  'too-long': 'the line is too long',
};

/**
 * Reads a deck that comes in parts. Of rows of one prefix that hold at the same time the dearer one is kept, or the one that
 * begins earlier, and the other is rejected with its line: no doubt lowers a price.
 */
export class DeckReader {
  readonly #decoder: CsvDecoder;
  readonly #ground: Omit<RowGround, 'columns'>;
  #columns: DeckColumns | undefined;
  readonly #rows: DeckRow[] = [];
  readonly #rejects: Reject[] = [];

  constructor(ground: Omit<RowGround, 'columns'>) {
    this.#ground = ground;
    const { separator } = ground.layout;
    this.#decoder = new CsvDecoder(separator === 'auto' ? undefined : separator);
  }

  /** Takes a part of the text. @returns lines read so far. */
  feed(text: string): number {
    this.#take(this.#decoder.feed(text));
    return this.#rows.length + this.#rejects.length;
  }

  /** No more text will come. */
  end(): DeckRead {
    this.#take(this.#decoder.end());
    const columns = this.#columns;
    if (!columns) return { ok: false, faults: ['the file is empty'] };
    if (!columns.ok) return columns;
    if (this.#rows.length > MAX_DECK_ROWS) return { ok: false, faults: [`more than ${MAX_DECK_ROWS} rows`] };
    const { rejects, rows } = settled(this.#rows);
    if (rows.length === 0)
      return { ok: false, faults: ['no row could be read', ...this.#rejects.slice(0, 5).map(words)] };
    return { ok: true, rows, rejects: [...this.#rejects, ...rejects].toSorted((a, b) => a.line - b.line) };
  }

  #take(records: readonly CsvRecord[]): void {
    for (const record of records) {
      if ('fault' in record) this.#rejects.push({ line: record.line, reason: CSV_FAULTS[record.fault] });
      else if (!this.#columns) this.#columns = deckColumns(this.#ground.layout, record.fields);
      else if (this.#columns.ok && this.#rows.length <= MAX_DECK_ROWS) {
        const { reject, row } = deckRow(record.fields, record.line, { ...this.#ground, columns: this.#columns });
        if (row) this.#rows.push(row);
        if (reject) this.#rejects.push(reject);
      }
    }
  }
}

/** Orders rows by prefix, begin and line. */
export function byPrefixAndTime(a: DeckRow, b: DeckRow): number {
  if (a.prefix !== b.prefix) return a.prefix < b.prefix ? -1 : 1;
  return a.fromEpochMs - b.fromEpochMs || a.line - b.line;
}

/** Takes out what holds at the same time as another row of its prefix. */
function settled(unordered: readonly DeckRow[]): { readonly rows: readonly DeckRow[]; readonly rejects: Reject[] } {
  const rows: DeckRow[] = [];
  const rejects: Reject[] = [];
  for (const row of unordered.toSorted(byPrefixAndTime)) {
    const before = rows.at(-1);
    if (before?.prefix !== row.prefix) rows.push(row);
    else if (before.fromEpochMs === row.fromEpochMs) {
      const isDearer = rankOf(row) > rankOf(before);
      const [kept, other] = isDearer ? [row, before] : [before, row];
      if (isDearer) rows[rows.length - 1] = row;
      if (other.state !== 'unread') {
        rejects.push({ line: other.line, reason: `${row.prefix} has a row of the same begin in line ${kept.line}` });
      }
    } else if (before.untilEpochMs !== undefined && before.untilEpochMs > row.fromEpochMs) {
      rejects.push({ line: row.line, reason: `${row.prefix} begins before its row in line ${before.line} ends` });
    } else rows.push(row);
  }
  return { rows, rejects };
}

/** What is refused counts as dearer than any price; of prices the first minute counts. */
function rankOf({ state, terms }: DeckRow): number {
  return state === 'priced' ? chargeMicros(60_000, terms) : Number.POSITIVE_INFINITY;
}

function words({ line, reason }: Reject): string {
  return `line ${line}: ${reason}`;
}

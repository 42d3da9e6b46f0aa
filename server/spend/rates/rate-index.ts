import type { RateTerms } from '../../../wire/charge.ts';
import { type DeckRow, NO_TERMS, type RowState } from './deck-row.ts';
import { type ExchangeTable, exchanged } from './exchange.ts';
import { buildPrefixIndex, longestPrefix, type PrefixIndex } from './prefix-index.ts';

/** Why a number has no price. `ended`: its rate was over before any new one began. */
export type NoRate = 'unknown-prefix' | 'blocked' | 'unread-line' | 'ended' | 'no-exchange-rate';

/** What a deck says of a number at a time; money in the hub's currency. A refusal names the prefix that refuses, if one does. */
export type RateFound =
  | {
      readonly kind: 'priced';
      readonly prefix: string;
      readonly terms: RateTerms;
      readonly sinceEpochMs: number;
      readonly untilEpochMs?: number;
      readonly destination?: string;
    }
  | { readonly kind: 'none'; readonly reason: NoRate; readonly prefix?: string };

/** The rows of a deck for looking up; rows of prefix `p` are those from `firstRow[p]` to before `firstRow[p + 1]`, by begin. */
export type RateIndex = {
  readonly prefixes: PrefixIndex;
  readonly firstRow: Uint32Array;
  readonly fromEpochMs: Float64Array;
  /** Infinity where a row has no end of its own. */
  readonly untilEpochMs: Float64Array;
  readonly feeMicros: Float64Array;
  readonly priceMicros: Float64Array;
  readonly initialS: Uint32Array;
  readonly recurringS: Uint32Array;
  /** Place in {@link STATES}. */
  readonly state: Uint8Array;
  /** Place in `names`. */
  readonly name: Uint32Array;
  readonly names: readonly string[];
};

const STATES = ['priced', 'blocked', 'unread', 'no-exchange'] as const satisfies readonly (RowState | 'no-exchange')[];
const REASONS = ['unknown-prefix', 'blocked', 'unread-line', 'no-exchange-rate'] as const satisfies readonly NoRate[];

/**
 * Builds the index of a deck, its money changed into the hub's currency.
 *
 * @param rows - in order of prefix and begin.
 */
export function buildRateIndex(rows: readonly DeckRow[], table: ExchangeTable): RateIndex {
  const prefixes: string[] = [];
  const firstRow: number[] = [];
  const nameOf = new Map<string, number>([['', 0]]);
  const size = rows.length;
  const index = {
    fromEpochMs: new Float64Array(size),
    untilEpochMs: new Float64Array(size),
    feeMicros: new Float64Array(size),
    priceMicros: new Float64Array(size),
    initialS: new Uint32Array(size),
    recurringS: new Uint32Array(size),
    state: new Uint8Array(size),
    name: new Uint32Array(size),
  };
  for (const [at, row] of rows.entries()) {
    if (row.prefix !== prefixes.at(-1)) {
      prefixes.push(row.prefix);
      firstRow.push(at);
    }
    const terms = row.state === 'priced' ? exchanged(row.terms, row.currency, table) : row.terms;
    const { connectFeeMicros, initialIncrementS, priceMicrosPerMinute, recurringIncrementS } = terms ?? NO_TERMS;
    const destination = row.destination ?? '';
    const name = nameOf.get(destination) ?? nameOf.size;
    nameOf.set(destination, name);
    index.fromEpochMs[at] = row.fromEpochMs;
    index.untilEpochMs[at] = row.untilEpochMs ?? Number.POSITIVE_INFINITY;
    index.feeMicros[at] = connectFeeMicros;
    index.priceMicros[at] = priceMicrosPerMinute;
    index.initialS[at] = initialIncrementS;
    index.recurringS[at] = recurringIncrementS;
    index.state[at] = STATES.indexOf(terms ? row.state : 'no-exchange');
    index.name[at] = name;
  }
  firstRow.push(size);
  return {
    ...index,
    prefixes: buildPrefixIndex(prefixes),
    firstRow: Uint32Array.from(firstRow),
    names: [...nameOf.keys()],
  };
}

/**
 * What a call to a number costs at a time: the row of the longest prefix that has begun. A longer prefix that begins later does not
 * hold yet; one that ended, is blocked or was not read refuses, and no shorter one prices it in its place.
 *
 * @param digits - of E.164, without `+`.
 */
export function findRate(index: RateIndex, digits: string, atEpochMs: number): RateFound {
  const found = longestPrefix(index.prefixes, digits, (at) => {
    const first = index.fromEpochMs[index.firstRow[at] ?? 0];
    return first !== undefined && first <= atEpochMs;
  });
  if (!found) return { kind: 'none', reason: 'unknown-prefix' };
  const prefix = digits.slice(0, found.length);
  const row = rowAt(index, found.at, atEpochMs);
  const untilEpochMs = index.untilEpochMs[row] ?? 0;
  if (untilEpochMs <= atEpochMs) return { kind: 'none', reason: 'ended', prefix };
  const state = index.state[row] ?? 0;
  if (state !== 0) return { kind: 'none', reason: REASONS[state] ?? 'unknown-prefix', prefix };
  const destination = index.names[index.name[row] ?? 0] ?? '';
  return {
    kind: 'priced',
    prefix,
    terms: termsAt(index, row),
    sinceEpochMs: index.fromEpochMs[row] ?? 0,
    ...(untilEpochMs !== Number.POSITIVE_INFINITY && { untilEpochMs }),
    ...(destination !== '' && { destination }),
  };
}

/**
 * Terms made of the dearest of each part among the rows that hold at a time, for numbers that no row prices. Undefined for a deck without any.
 */
export function dearestTerms(index: RateIndex, atEpochMs: number): RateTerms | undefined {
  const dearest = { ...NO_TERMS };
  let isAny = false;
  for (let row = 0; row < index.state.length; row += 1) {
    const holds = (index.fromEpochMs[row] ?? 0) <= atEpochMs && (index.untilEpochMs[row] ?? 0) > atEpochMs;
    if (!holds || index.state[row] !== 0) continue;
    isAny = true;
    const terms = termsAt(index, row);
    for (const part of Object.keys(dearest) as (keyof RateTerms)[])
      dearest[part] = Math.max(dearest[part], terms[part]);
  }
  return isAny ? dearest : undefined;
}

function termsAt(index: RateIndex, row: number): RateTerms {
  return {
    connectFeeMicros: index.feeMicros[row] ?? 0,
    priceMicrosPerMinute: index.priceMicros[row] ?? 0,
    initialIncrementS: index.initialS[row] ?? 0,
    recurringIncrementS: index.recurringS[row] ?? 1,
  };
}

/** Latest row of a prefix that has begun; the first has. */
function rowAt({ firstRow, fromEpochMs }: RateIndex, at: number, atEpochMs: number): number {
  const first = firstRow[at] ?? 0;
  let row = (firstRow[at + 1] ?? 0) - 1;
  while (row > first && (fromEpochMs[row] ?? 0) > atEpochMs) row -= 1;
  return row;
}

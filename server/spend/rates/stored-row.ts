import type { DeckRow, RowState } from './deck-row.ts';

/**
 * A row as it is kept, an array so that a deck of 100,000 stays small:
 * prefix, state, currency, begin, end or null, fee, price, initial, recurring, line, destination or null.
 */
export type StoredRow = readonly [
  prefix: string,
  state: RowState,
  currency: string,
  fromEpochMs: number,
  untilEpochMs: number | null,
  connectFeeMicros: number,
  priceMicrosPerMinute: number,
  initialIncrementS: number,
  recurringIncrementS: number,
  line: number,
  destination: string | null,
];

/** Writes a row for keeping. */
export function storedRow({
  currency,
  destination,
  fromEpochMs,
  line,
  prefix,
  state,
  terms,
  untilEpochMs,
}: DeckRow): StoredRow {
  const { connectFeeMicros, initialIncrementS, priceMicrosPerMinute, recurringIncrementS } = terms;
  const money = [connectFeeMicros, priceMicrosPerMinute, initialIncrementS, recurringIncrementS] as const;
  return [prefix, state, currency, fromEpochMs, untilEpochMs ?? null, ...money, line, destination ?? null];
}

/** Reads a row that {@link storedRow} wrote; the hub wrote it itself, so it is taken as it is. */
export function keptRow(row: StoredRow): DeckRow {
  const [
    prefix,
    state,
    currency,
    fromEpochMs,
    until,
    connectFeeMicros,
    priceMicrosPerMinute,
    initial,
    recurring,
    line,
    destination,
  ] = row;
  return {
    prefix,
    state,
    currency,
    fromEpochMs,
    ...(until !== null && { untilEpochMs: until }),
    terms: { connectFeeMicros, priceMicrosPerMinute, initialIncrementS: initial, recurringIncrementS: recurring },
    line,
    ...(destination !== null && { destination }),
  };
}

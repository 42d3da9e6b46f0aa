import { chargeMicros } from '../../../wire/charge.ts';
import { type Generation, generationAt } from './deck-generations.ts';
import type { DeckRow } from './deck-row.ts';
import { type ExchangeTable, exchanged } from './exchange.ts';
import { findRate } from './rate-index.ts';

/** How a deck's prices stand to those in force at its begin, in prefixes; a dearer one has a dearer first minute. */
export type DeckChanges = {
  readonly added: number;
  readonly dearer: number;
  readonly cheaper: number;
  readonly same: number;
  /** Prefixes that have a price now and none in this deck. */
  readonly missing: number;
};

/** Compares the earliest row of each prefix of a deck with what is in force when the deck begins. */
export function deckChanges(
  rows: readonly DeckRow[],
  generations: readonly Generation[],
  beginsAtEpochMs: number,
  table: ExchangeTable,
): DeckChanges {
  const current = generationAt(generations, beginsAtEpochMs);
  const changes = { added: 0, dearer: 0, cheaper: 0, same: 0 };
  let before = '';
  for (const row of rows) {
    if (row.prefix === before) continue;
    before = row.prefix;
    const old = current && findRate(current.index, row.prefix, beginsAtEpochMs);
    const terms = row.state === 'priced' ? exchanged(row.terms, row.currency, table) : undefined;
    if (old?.prefix !== row.prefix) changes.added += 1;
    else {
      const wasMicros = old.kind === 'priced' ? chargeMicros(60_000, old.terms) : Number.POSITIVE_INFINITY;
      const isMicros = terms ? chargeMicros(60_000, terms) : Number.POSITIVE_INFINITY;
      if (isMicros === wasMicros) changes.same += 1;
      else changes[isMicros > wasMicros ? 'dearer' : 'cheaper'] += 1;
    }
  }
  const known = current ? current.index.firstRow.length - 1 : 0;
  return { ...changes, missing: Math.max(0, known - changes.dearer - changes.cheaper - changes.same) };
}

import { Default } from 'typebox/value';
import { DeckLayout } from '../../../../server/spend/rates/deck-layout.ts';
import { type DeckRead, DeckReader } from '../../../../server/spend/rates/deck-reader.ts';
import type { DeckRow } from '../../../../server/spend/rates/deck-row.ts';

/** Begin of the rows of decks under test that name none: 2026-01-01 UTC. */
export const BEGIN_MS = 1_767_225_600_000;

/** Reads a whole deck in euros; dollars and pounds are known. */
export function readDeck(text: string, layout: Readonly<Record<string, unknown>> = {}, zone = 'UTC'): DeckRead {
  const reader = new DeckReader({
    layout: Default(DeckLayout, layout) as DeckLayout,
    defaultCurrency: 'EUR',
    currencies: new Set(['EUR', 'USD', 'GBP']),
    fromEpochMs: BEGIN_MS,
    zone,
  });
  reader.feed(text);
  return reader.end();
}

/** Rows of a deck that can be read. */
export function rowsOf(text: string, layout: Readonly<Record<string, unknown>> = {}, zone = 'UTC'): readonly DeckRow[] {
  const read = readDeck(text, layout, zone);
  if (!read.ok) throw new Error(read.faults.join('; '));
  return read.rows;
}

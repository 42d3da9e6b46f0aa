import type { RateTerms } from '../../../wire/charge.ts';
import { byPrefixAndTime } from './deck-reader.ts';
import type { DeckRow } from './deck-row.ts';
import type { ExchangeTable } from './exchange.ts';
import { buildRateIndex, dearestTerms, findRate, type RateFound, type RateIndex } from './rate-index.ts';

/**
 * How a deck stands to what is there: `replace` is the whole price list from its begin on; `merge` adds its rows, each in the place of one of the
 * same prefix and begin.
 */
export type DeckHow = 'replace' | 'merge';

/** An imported deck with its rows. */
export type ImportedDeck = {
  readonly importId: number;
  readonly how: DeckHow;
  /** Begin of its earliest row, epoch milliseconds. */
  readonly beginsAtEpochMs: number;
  readonly rows: readonly DeckRow[];
};

/** A whole price list of a provider, in force from its begin to that of the next. */
export type Generation = {
  readonly beginsAtEpochMs: number;
  /** The deck that began it, and those merged into it. */
  readonly importIds: readonly number[];
  readonly index: RateIndex;
  readonly rowCount: number;
};

/**
 * The price lists that decks make, oldest first. A merged deck goes into every list that is there when it comes; with none there
 * it is the first.
 *
 * @param decks - of one provider, in the order in which they were imported.
 */
export function deckGenerations(decks: readonly ImportedDeck[], table: ExchangeTable): readonly Generation[] {
  type Draft = { readonly beginsAtEpochMs: number; readonly importIds: number[]; rows: readonly DeckRow[] };
  let drafts: Draft[] = [];
  for (const { beginsAtEpochMs, how, importId, rows } of decks) {
    if (how === 'replace' || drafts.length === 0) {
      drafts = drafts.filter((draft) => draft.beginsAtEpochMs < beginsAtEpochMs);
      drafts.push({ beginsAtEpochMs, importIds: [importId], rows });
      continue;
    }
    for (const draft of drafts) {
      draft.importIds.push(importId);
      draft.rows = merged(draft.rows, rows);
    }
  }
  return drafts.map(({ beginsAtEpochMs, importIds, rows }) => ({
    beginsAtEpochMs,
    importIds,
    index: buildRateIndex(rows, table),
    rowCount: rows.length,
  }));
}

/** The list in force at a time; undefined before the first. */
export function generationAt(generations: readonly Generation[], atEpochMs: number): Generation | undefined {
  return generations.findLast(({ beginsAtEpochMs }) => beginsAtEpochMs <= atEpochMs);
}

/**
 * Imports that no call can ask for any more: those in no list that is in force or to come. Pure bookkeeping for the store.
 *
 * @returns ids of the imports to be kept.
 */
export function keptImports(generations: readonly Generation[], nowEpochMs: number): ReadonlySet<number> {
  const current = generationAt(generations, nowEpochMs);
  const kept = generations.filter((each) => each === current || each.beginsAtEpochMs > nowEpochMs);
  return new Set(kept.flatMap(({ importIds }) => importIds));
}

/** What to do with a number that no row prices: refuse it, or take the dearest rate of the provider. */
export type UnknownPrefixPolicy = 'refuse' | 'dearest';

/** A rate for charging, or why there is none. `isAssumed`: the number is priced by no row but at the dearest rate. */
export type RateDecision =
  | (Extract<RateFound, { readonly kind: 'priced' }> & { readonly importIds: readonly number[] })
  | {
      readonly kind: 'assumed-dearest';
      readonly terms: RateTerms;
      readonly because: Extract<RateFound, { readonly kind: 'none' }>;
      readonly importIds: readonly number[];
    }
  | {
      readonly kind: 'refused';
      readonly because: Extract<RateFound, { readonly kind: 'none' }> | { readonly reason: 'no-deck' };
    };

/**
 * The rate of a number at one provider. Never 0 for want of a rate (safety rule 6): without one it is refused, or taken as the
 * dearest where the policy says so. What the provider itself blocks is refused under either.
 */
export function decideRate(
  generations: readonly Generation[],
  digits: string,
  atEpochMs: number,
  policy: UnknownPrefixPolicy,
): RateDecision {
  const generation = generationAt(generations, atEpochMs);
  if (!generation) return { kind: 'refused', because: { reason: 'no-deck' } };
  const { importIds, index } = generation;
  const found = findRate(index, digits, atEpochMs);
  if (found.kind === 'priced') return { ...found, importIds };
  const terms = policy === 'dearest' && found.reason !== 'blocked' ? dearestTerms(index, atEpochMs) : undefined;
  if (terms) return { kind: 'assumed-dearest', terms, because: found, importIds };
  return { kind: 'refused', because: found };
}

function merged(rows: readonly DeckRow[], more: readonly DeckRow[]): readonly DeckRow[] {
  const replaced = new Set(more.map(placeOf));
  return [...rows.filter((row) => !replaced.has(placeOf(row))), ...more].toSorted(byPrefixAndTime);
}

function placeOf({ fromEpochMs, prefix }: DeckRow): string {
  return `${prefix} ${fromEpochMs}`;
}

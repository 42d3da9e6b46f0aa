import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { page } from '../../../server/api/page.ts';

const keyOf = (item: string) => item;

/** Reads page after page until there is none. */
function readAll(items: readonly string[], limit: number): readonly string[] {
  const read: string[] = [];
  let after: string | undefined;
  for (let pages = 0; pages <= items.length; pages += 1) {
    const { items: shown, next } = page(items, keyOf, { limit, ...(after !== undefined && { after }) });
    read.push(...shown);
    if (next === undefined) return read;
    after = next;
  }
  throw new Error('the pages do not end');
}

describe('pages of a list', () => {
  it('are cut in the order of keys by code units', () => {
    expect(page(['b', 'a', 'Z', 'ä'], keyOf, { limit: 3 })).toEqual({ items: ['Z', 'a', 'b'], next: 'b' });
  });

  it('end without a cursor where nothing follows', () => {
    expect(page(['a', 'b'], keyOf, { limit: 2 })).toEqual({ items: ['a', 'b'] });
    expect(page([], keyOf, { limit: 2 })).toEqual({ items: [] });
    expect(page(['a'], keyOf, { limit: 2, after: 'zzz' })).toEqual({ items: [] });
  });

  it('go on behind a cursor whose item is gone, neither repeating nor skipping', () => {
    expect(page(['a', 'c', 'd'], keyOf, { limit: 2, after: 'b' }).items).toEqual(['c', 'd']);
  });

  it('together hold every item once, whatever the limit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (items, limit) => {
        expect(readAll(items, limit)).toEqual([...items].toSorted((a, b) => (a < b ? -1 : 1)));
      }),
      { seed: 11, numRuns: 200 },
    );
  });
});

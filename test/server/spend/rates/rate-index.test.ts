import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRate, deckGenerations, keptImports } from '../../../../server/spend/rates/deck-generations.ts';
import { exchanged, exchangeTable } from '../../../../server/spend/rates/exchange.ts';
import { buildPrefixIndex, longestPrefix } from '../../../../server/spend/rates/prefix-index.ts';
import { buildRateIndex, findRate } from '../../../../server/spend/rates/rate-index.ts';
import { BEGIN_MS, rowsOf } from './deck-fixture.ts';

const DAY_MS = 86_400_000;

function tableOf(worth: Readonly<Record<string, string>> = {}) {
  const read = exchangeTable('EUR', worth);
  if (!read.ok) throw new Error(read.wrong.join());
  return read.table;
}

function indexOf(text: string) {
  return buildRateIndex(rowsOf(text), tableOf());
}

function deck(importId: number, how: 'replace' | 'merge', begin: number, text: string) {
  return { importId, how, beginsAtEpochMs: begin, rows: rowsOf(text).map((row) => ({ ...row, fromEpochMs: begin })) };
}

describe('the longest prefix', () => {
  it('is the one that a search over all of them finds', () => {
    const prefix = fc.string({ unit: fc.constantFrom('0', '1', '2', '9'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.uniqueArray(prefix, { maxLength: 60 }), prefix, (unordered, number) => {
        const prefixes = unordered.toSorted((a, b) => (a < b ? -1 : 1));
        const expected = prefixes.filter((each) => number.startsWith(each)).toSorted((a, b) => b.length - a.length)[0];
        const found = longestPrefix(buildPrefixIndex(prefixes), number, () => true);
        expect(found === undefined ? undefined : prefixes[found.at]).toBe(expected);
        expect(found?.length).toBe(expected?.length);
      }),
      { numRuns: 500 },
    );
  });

  it('is found up to the first character that is no digit, and in an index of none there is none', () => {
    expect(longestPrefix(buildPrefixIndex(['4', '49']), '4x9', () => true)).toEqual({ at: 0, length: 1 });
    expect(longestPrefix(buildPrefixIndex([]), '49', () => true)).toBe(undefined);
    expect(longestPrefix(buildPrefixIndex(['4']), '', () => true)).toBe(undefined);
  });
});

describe('the rate of a number', () => {
  it('is that of the longest prefix', () => {
    const index = indexOf('prefix,rate,destination\n49,0.1,Germany\n4915,0.2,Germany mobile');
    expect(findRate(index, '4915123', BEGIN_MS)).toMatchObject({
      kind: 'priced',
      prefix: '4915',
      destination: 'Germany mobile',
      terms: { priceMicrosPerMinute: 200_000 },
      sinceEpochMs: BEGIN_MS,
    });
    expect(findRate(index, '4930123', BEGIN_MS)).toMatchObject({ prefix: '49', destination: 'Germany' });
  });

  it('follows the dates: not yet begun it does not hold, over it refuses and no shorter prefix prices the number', () => {
    const index = indexOf(`prefix,rate,effective_from,effective_until
49,0.1,2026-01-01,
4915,0.2,2026-02-01,2026-03-01
4915,0.3,2026-03-01,2026-04-01`);
    const at = (day: string) => findRate(index, '4915123', Date.parse(day));
    expect(at('2025-12-31')).toEqual({ kind: 'none', reason: 'unknown-prefix' });
    expect(at('2026-01-31')).toMatchObject({ prefix: '49' });
    expect(at('2026-02-01')).toMatchObject({ prefix: '4915', terms: { priceMicrosPerMinute: 200_000 } });
    expect(at('2026-03-01')).toMatchObject({ prefix: '4915', terms: { priceMicrosPerMinute: 300_000 } });
    expect(at('2026-04-01')).toEqual({ kind: 'none', reason: 'ended', prefix: '4915' });
  });

  it('is refused where the line was not read or the provider blocks it, though a shorter prefix has a price', () => {
    const index = indexOf('prefix,rate,reject_calls\n88,0.1,\n8816,many,\n8821,1,yes');
    expect(findRate(index, '8816555', BEGIN_MS)).toEqual({ kind: 'none', reason: 'unread-line', prefix: '8816' });
    expect(findRate(index, '8821555', BEGIN_MS)).toEqual({ kind: 'none', reason: 'blocked', prefix: '8821' });
    expect(findRate(index, '8899', BEGIN_MS)).toMatchObject({ kind: 'priced' });
  });

  it('is in the currency of the hub, rounded up, and none where the table has lost its currency', () => {
    const rows = rowsOf('prefix,rate,currency\n44,0.000001,GBP\n1,1,USD');
    const index = buildRateIndex(rows, tableOf({ GBP: '1.17' }));
    expect(findRate(index, '44207', BEGIN_MS)).toMatchObject({ terms: { priceMicrosPerMinute: 2 } });
    expect(findRate(index, '1212', BEGIN_MS)).toEqual({ kind: 'none', reason: 'no-exchange-rate', prefix: '1' });
  });
});

describe('an unknown prefix', () => {
  const decks = [
    deck(
      1,
      'replace',
      BEGIN_MS,
      'prefix,rate,connection_fee,increments,reject_calls\n49,0.1,0.5,1/1,\n44,2,0,60/30,\n88,,,,yes',
    ),
  ];
  const generations = deckGenerations(decks, tableOf());

  it('is refused and never priced 0 (safety rule 6)', () => {
    for (const number of ['999', '', '4', '12125550123']) {
      expect(decideRate(generations, number, BEGIN_MS, 'refuse')).toEqual({
        kind: 'refused',
        because: { kind: 'none', reason: 'unknown-prefix' },
      });
    }
    expect(decideRate([], '49', BEGIN_MS, 'dearest')).toEqual({ kind: 'refused', because: { reason: 'no-deck' } });
    expect(decideRate(generations, '49', BEGIN_MS - 1, 'dearest')).toMatchObject({ because: { reason: 'no-deck' } });
  });

  it('is the dearest of the provider where the policy says so, but not what the provider blocks', () => {
    expect(decideRate(generations, '999', BEGIN_MS, 'dearest')).toMatchObject({
      kind: 'assumed-dearest',
      terms: {
        connectFeeMicros: 500_000,
        priceMicrosPerMinute: 2_000_000,
        initialIncrementS: 60,
        recurringIncrementS: 30,
      },
    });
    expect(decideRate(generations, '881', BEGIN_MS, 'dearest')).toMatchObject({ kind: 'refused' });
  });
});

describe('the decks of a provider', () => {
  const first = deck(1, 'replace', BEGIN_MS, 'prefix,rate\n44,0.1\n49,0.1');
  const next = deck(2, 'replace', BEGIN_MS + 7 * DAY_MS, 'prefix,rate\n44,0.2');
  const more = deck(3, 'merge', BEGIN_MS + DAY_MS, 'prefix,rate\n49,0.3\n33,0.4');
  const priceOf = (generations: ReturnType<typeof deckGenerations>, number: string, day: number) => {
    const decision = decideRate(generations, number, BEGIN_MS + day * DAY_MS, 'refuse');
    return decision.kind === 'priced' ? decision.terms.priceMicrosPerMinute : decision.kind;
  };

  it('replace one another from the begin of the later one on, whole', () => {
    const generations = deckGenerations([first, next], tableOf());
    expect([0, 6, 7].map((day) => priceOf(generations, '44', day))).toEqual([100_000, 100_000, 200_000]);
    expect([0, 6, 7].map((day) => priceOf(generations, '49', day))).toEqual([100_000, 100_000, 'refused']);
  });

  it('merge into the one in force and the one to come, each row from its begin on', () => {
    const generations = deckGenerations([first, next, more], tableOf());
    expect([0, 1, 7].map((day) => priceOf(generations, '49', day))).toEqual([100_000, 300_000, 300_000]);
    expect([0, 1, 7].map((day) => priceOf(generations, '33', day))).toEqual(['refused', 400_000, 400_000]);
    expect(priceOf(generations, '44', 1)).toBe(100_000);
  });

  it('are given up when nothing in force or to come rests on them', () => {
    const generations = deckGenerations([first, next, more], tableOf());
    expect([...keptImports(generations, BEGIN_MS)]).toEqual([1, 3, 2]);
    expect([...keptImports(generations, BEGIN_MS + 8 * DAY_MS)]).toEqual([2, 3]);
  });
});

describe('a table of exchange', () => {
  it('is exact to nine digits and names what is no worth', () => {
    const terms = {
      connectFeeMicros: 3,
      priceMicrosPerMinute: 1_000_000,
      initialIncrementS: 1,
      recurringIncrementS: 1,
    };
    const table = tableOf({ USD: '0.917431193' });
    expect(exchanged(terms, 'USD', table)).toMatchObject({ connectFeeMicros: 3, priceMicrosPerMinute: 917_432 });
    expect(exchanged(terms, 'EUR', table)).toBe(terms);
    expect(exchanged(terms, 'CHF', table)).toBe(undefined);
    expect(exchanged({ ...terms, priceMicrosPerMinute: 10 ** 12 }, 'USD', tableOf({ USD: '1.5' }))).toBe(undefined);
    expect(exchangeTable('EUR', { USD: '0', GBP: '-1', CHF: '1,1', EUR: '2', JPY: '0.006' })).toEqual({
      ok: false,
      wrong: ['USD', 'GBP', 'CHF', 'EUR'],
    });
  });
});

import { describe, expect, it } from 'vitest';
import { decimalMicros } from '../../../../server/spend/rates/decimal-micros.ts';
import { deckDate } from '../../../../server/spend/rates/deck-date.ts';
import { BEGIN_MS, readDeck, rowsOf } from './deck-fixture.ts';

describe('a deck', () => {
  it('is read by the usual names of its columns, any increments, and + and 00 before prefixes', () => {
    const text = `prefix,rate,connection_fee,initial_increment,recurring_increment
+49,0.0123,0,60,1
0044,0.5,0.1,30,6
0113395,1.25,,,`;
    const bare = { state: 'priced', currency: 'EUR', fromEpochMs: BEGIN_MS };
    const terms = { connectFeeMicros: 0, initialIncrementS: 60, recurringIncrementS: 60 };
    expect(rowsOf(text)).toEqual([
      { ...bare, prefix: '3395', line: 4, terms: { ...terms, priceMicrosPerMinute: 1_250_000 } },
      {
        ...bare,
        prefix: '44',
        line: 3,
        terms: {
          connectFeeMicros: 100_000,
          priceMicrosPerMinute: 500_000,
          initialIncrementS: 30,
          recurringIncrementS: 6,
        },
      },
      { ...bare, prefix: '49', line: 2, terms: { ...terms, priceMicrosPerMinute: 12_300, recurringIncrementS: 1 } },
    ]);
  });

  it('is read by names, marks, days and currencies of its own', () => {
    const layout = {
      decimal: ',',
      dates: 'DD.MM.YYYY',
      increments: '1/1',
      columns: {
        prefix: 'Vorwahl',
        price: 'Preis je Minute',
        currency: 'Währung',
        effectiveFrom: 'gültig ab',
        effectiveUntil: 'bis',
        destination: 'Ziel',
        increments: 'Takt',
      },
    };
    const text =
      '\u{FEFF}Ziel;Vorwahl;Preis je Minute;Takt;Währung;gültig ab;bis\n"Korea; Süd";82;0,01;60/60;usd;01.07.2026;31.12.2026\nChina;86;0,02;;;;';
    expect(rowsOf(text, layout, 'Europe/Berlin')).toMatchObject([
      {
        prefix: '82',
        destination: 'Korea; Süd',
        currency: 'USD',
        // Berlin is two hours ahead of UTC in July, one in December.
        fromEpochMs: 1_782_856_800_000,
        untilEpochMs: 1_798_671_600_000,
        terms: { priceMicrosPerMinute: 10_000, initialIncrementS: 60 },
      },
      { prefix: '86', currency: 'EUR', terms: { priceMicrosPerMinute: 20_000, initialIncrementS: 1 } },
    ]);
  });

  it('names each line that it does not take, and keeps its prefix from being priced by a shorter one', () => {
    const read =
      readDeck(`prefix,rate,connection_fee,initial_increment,recurring_increment,currency,effective_from,effective_until,reject_calls
49,0.1,,,,,,,
4915,free,,,,,,,
4916,"0,5",,,,,,,
4917,-1,,,,,,,
4918,,,,,,,,
4919,0.1,,,0,,,,
4920,0.1,,x,,,,,
4921,0.1,,,,XXX,,,
4922,0.1,,,,,1.2.2026,,
4923,0.1,,,,,2026-02-30,,
4924,0.1,,,,,2026-03-01,2026-03-01,
4925,0.1,,,,,,,perhaps
4926,0.1,,,,,,,,,
four,0.1,,,,,,,
4928,1e-5,,,,,,,
4929,0.1,,,,,,,yes`);
    if (!read.ok) throw new Error('not read');
    expect(read.rejects.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      '3 4915: price "free": not-a-price',
      '4 4916: price "0,5": not-a-price',
      '5 4917: price "-1": negative',
      '6 4918: no price',
      '7 4919: recurring increment "0" is not 1 s or more',
      '8 4920: initial increment "x" is not in seconds',
      '9 4921: no rate of exchange for "XXX" is configured',
      '10 4922: effective from "1.2.2026" is no YYYY-MM-DD',
      '11 4923: effective from "2026-02-30" is no YYYY-MM-DD',
      '12 4924: it ends before it begins',
      '13 4925: "perhaps" does not say whether it is blocked',
      '14 4926: 11 fields under 9 columns',
      '15 prefix "four" is not 1 to 15 digits',
      '16 4928: price "1e-5": not-a-price',
    ]);
    const states = Object.groupBy(read.rows, ({ state }) => state);
    expect(states.priced?.map(({ prefix }) => prefix)).toEqual(['49']);
    expect(states.blocked?.map(({ prefix }) => prefix)).toEqual(['4929']);
    expect(states.unread).toHaveLength(13);
  });

  it('keeps the dearer of two rows of one prefix and begin, whichever comes first, and names the other', () => {
    for (const [first, second] of [
      ['0.1', '0.2'],
      ['0.2', '0.1'],
    ]) {
      const read = readDeck(`prefix,rate\n49,${first}\n49,${second}`);
      const [kept, other] = first === '0.2' ? [2, 3] : [3, 2];
      expect(read).toMatchObject({
        rows: [{ line: kept, terms: { priceMicrosPerMinute: 200_000 } }],
        rejects: [{ line: other, reason: `49 has a row of the same begin in line ${kept}` }],
      });
    }
  });

  it('takes later dates of a prefix as its next price, and refuses a row that begins before another ends', () => {
    const read = readDeck(`prefix,rate,effective_from,effective_until
49,0.1,2026-01-01,
49,0.2,2026-03-01,2026-06-01
49,0.05,2026-05-01,`);
    expect(read).toMatchObject({
      rows: [{ line: 2 }, { line: 3 }],
      rejects: [{ line: 4, reason: '49 begins before its row in line 3 ends' }],
    });
  });

  it.each([
    ['', ['the file is empty']],
    [
      'code,price\n1,2',
      [expect.stringContaining('no column "prefix" (prefix): there are "code", "price"'), expect.anything()],
    ],
    ['prefix,rate,Rate\n1,2', ['column "rate" (price) is there twice']],
    ['prefix,rate\nx,y', ['no row could be read', 'line 2: prefix "x" is not 1 to 15 digits']],
  ])('says why nothing of it is of use: %j', (text, faults) => {
    expect(readDeck(text)).toEqual({ ok: false, faults });
  });

  it('must have a column that its layout names', () => {
    const read = readDeck('prefix,rate\n49,1', { columns: { connectFee: 'Setup' } });
    expect(read).toEqual({ ok: false, faults: ['no column "setup" (connectFee): there are "prefix", "rate"'] });
  });
});

describe('a price', () => {
  it.each([
    ['0.0123', '.', 12_300],
    ['1', '.', 1_000_000],
    ['.5', '.', 500_000],
    ['0,0000001', ',', 1],
    ['0.1234561', '.', 123_457],
    ['0.1234560', '.', 123_456],
    ['0', '.', 0],
    ['1000000', '.', 1_000_000_000_000],
  ] as const)('of %s is %s %i micro-units, beyond the sixth digit rounded up', (text, mark, micros) => {
    expect(decimalMicros(text, mark)).toEqual({ ok: true, micros });
  });

  it.each(['', '.', '1.000,5', '1,000.5', '€1', '1 0', '1e3', 'NaN', '0x1', '1000000.1', '9999999999'])(
    'of %j is refused',
    (text) => {
      expect(decimalMicros(text, '.').ok).toBe(false);
    },
  );
});

describe('a day of a deck', () => {
  it.each([
    ['2026-03-29', 'YYYY-MM-DD', 'UTC', '2026-03-29T00:00:00Z'],
    ['29/03/2026', 'DD/MM/YYYY', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
    ['03/30/2026', 'MM/DD/YYYY', 'Europe/Berlin', '2026-03-29T22:00:00Z'],
    ['2026-02-28 18:30', 'YYYY-MM-DD', 'America/New_York', '2026-02-28T23:30:00Z'],
    ['2024-02-29T12:00:05Z', 'YYYY-MM-DD', 'Asia/Tokyo', '2024-02-29T12:00:05Z'],
    ['2026-10-25 02:30', 'YYYY-MM-DD', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
    ['2026-03-29 02:30', 'YYYY-MM-DD', 'Europe/Berlin', '2026-03-29T00:30:00Z'],
    ['2026-01-01', 'YYYY-MM-DD', 'Pacific/Apia', '2025-12-31T11:00:00Z'],
  ] as const)('%s as %s in %s is %s', (text, order, zone, iso) => {
    expect(deckDate(text, order, zone)).toBe(Date.parse(iso));
  });

  it.each(['2026-13-01', '2026-00-01', '2025-02-29', '1999-01-01', '26-01-01', '2026-01-01 25:00', '2026-01-01x', ''])(
    '%j is none',
    (text) => {
      expect(deckDate(text, 'YYYY-MM-DD', 'UTC')).toBe(undefined);
    },
  );
});

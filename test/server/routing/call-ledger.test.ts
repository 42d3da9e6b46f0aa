import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CountedCall } from '../../../server/paths/quality/call-window.ts';
import { CallLedger } from '../../../server/routing/call-ledger.ts';
import { NOW } from './judged.ts';

const ANSWERED: CountedCall = {
  isAnswered: true,
  statusCode: 200,
  causeCode: 16,
  hasRung: true,
  missedEvents: false,
  pddMs: 900,
  talkMs: 60_000,
};
const REFUSED: CountedCall = {
  ...ANSWERED,
  isAnswered: false,
  statusCode: 503,
  causeCode: 34,
  hasRung: false,
  pddMs: undefined,
  talkMs: undefined,
};
const A = { trunk: 'a', class: 'national' };

describe('ledger of calls', () => {
  it('keeps the calls of a PBX, trunk and class apart, and says which are news', () => {
    const ledger = new CallLedger();
    expect(ledger.add('fra-1', A, ANSWERED, NOW)).toBe(false);
    expect(ledger.add('fra-1', A, REFUSED, NOW + 1)).toBe(true);
    expect(ledger.recent('fra-1', 'a', 'national')).toEqual([
      { atMs: NOW, isEffective: true, isAnswered: true, pddMs: 900 },
      { atMs: NOW + 1, isEffective: false, isAnswered: false, pddMs: undefined },
    ]);
    expect(ledger.recent('fra-1', 'b', 'national')).toEqual([]);
    expect(ledger.recent('ams-1', 'a', 'national')).toEqual([]);
    expect(ledger.recent('fra-1', 'a', 'mobile')).toEqual([]);
  });

  it('a busy line is no fault of the trunk (ITU-T E.425, NER)', () => {
    const ledger = new CallLedger();
    expect(ledger.add('fra-1', A, { ...REFUSED, statusCode: 486, causeCode: 17 }, NOW)).toBe(false);
    expect(ledger.recent('fra-1', 'a', 'national')[0]).toMatchObject({ isEffective: true, isAnswered: false });
  });

  it.each<[string, Partial<CountedCall>]>([
    ['hidden by a gap in the events', { missedEvents: true }],
    ['redirected', { statusCode: 302, causeCode: 23 }],
    ['won by another branch', { statusCode: undefined, causeCode: 26 }],
    ['given up before it rang', { statusCode: undefined, causeCode: 16 }],
    ['to a number that does not exist', { statusCode: 404, causeCode: 1 }],
    ['to a number that is gone', { statusCode: 410, causeCode: 22 }],
    ['to an incomplete number', { statusCode: 484, causeCode: 28 }],
    ['to a number that exists nowhere', { statusCode: 604, causeCode: 1 }],
    ['to an unallocated number, by its cause alone', { statusCode: undefined, causeCode: 1 }],
    ['to a changed number, by its cause alone', { statusCode: undefined, causeCode: 22 }],
    ['to a number of a wrong format, by its cause alone', { statusCode: undefined, causeCode: 28 }],
  ])('a call %s says nothing of its trunk, but that the class is in use', (_name, parts) => {
    const ledger = new CallLedger();
    expect(ledger.add('fra-1', A, { ...REFUSED, ...parts }, NOW)).toBe(false);
    expect(ledger.recent('fra-1', 'a', 'national')).toEqual([]);
    expect(ledger.latestAtMs('fra-1', 'national')).toBe(NOW);
  });

  it('calls whose class was not told speak for the classes that have none of their own', () => {
    const ledger = new CallLedger();
    ledger.add('fra-1', { trunk: 'a', class: undefined }, REFUSED, NOW);
    ledger.add('fra-1', A, ANSWERED, NOW + 5);
    expect(ledger.recent('fra-1', 'a', 'mobile')).toHaveLength(1);
    expect(ledger.recent('fra-1', 'a', 'national')).toMatchObject([{ isAnswered: true }]);
    expect(ledger.latestAtMs('fra-1', 'national')).toBe(NOW + 5);
    expect(ledger.latestAtMs('fra-1', 'mobile')).toBe(NOW);
    expect(ledger.latestAtMs('ams-1', 'mobile')).toBeUndefined();
  });

  it('a status goes before its cause: a 503 is a failure whatever cause comes with it', () => {
    const ledger = new CallLedger();
    expect(ledger.add('fra-1', A, { ...REFUSED, causeCode: 1 }, NOW)).toBe(true);
    expect(ledger.add('fra-1', A, { ...REFUSED, statusCode: 403, causeCode: 28 }, NOW)).toBe(true);
  });

  it('keeps calls by when they ended, whatever order they are told in, and of too many the latest', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 100 }, (_, at) => at),
          { minLength: 1 },
        ),
        (told) => {
          const ledger = new CallLedger();
          for (const at of told) ledger.add('fra-1', A, at % 3 === 0 ? REFUSED : ANSWERED, NOW + at);
          const latest = told.toSorted((one, other) => one - other).slice(-64);
          expect(
            ledger.recent('fra-1', 'a', 'national').map(({ atMs, isEffective }) => [atMs - NOW, isEffective]),
          ).toEqual(latest.map((at) => [at, at % 3 !== 0]));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('remembers the last 64', () => {
    const ledger = new CallLedger();
    for (let at = 0; at < 100; at += 1) ledger.add('fra-1', A, ANSWERED, NOW + at);
    const kept = ledger.recent('fra-1', 'a', 'national');
    expect([kept.length, kept[0]?.atMs, kept.at(-1)?.atMs]).toEqual([64, NOW + 36, NOW + 99]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  billedS,
  chargeMicros,
  LONGEST_AFFORDABLE_MS,
  longestAffordableMs,
  MAX_INCREMENT_S,
  MAX_PRICE_MICROS,
  type RateTerms,
} from '../../wire/charge.ts';

/** Terms in the way that decks write them: initial/recurring, a price of a minute and a fee in micro-units. */
function terms(increments: string, priceMicrosPerMinute: number, connectFeeMicros = 0): RateTerms {
  const [initialIncrementS = 0, recurringIncrementS = 1] = increments.split('/').map(Number);
  return { connectFeeMicros, priceMicrosPerMinute, initialIncrementS, recurringIncrementS };
}

const anyTerms = fc.record({
  connectFeeMicros: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: MAX_PRICE_MICROS })),
  priceMicrosPerMinute: fc.oneof(fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 0, max: MAX_PRICE_MICROS })),
  initialIncrementS: fc.oneof(fc.constantFrom(0, 1, 30, 60), fc.integer({ min: 0, max: MAX_INCREMENT_S })),
  recurringIncrementS: fc.oneof(fc.constantFrom(1, 6, 60), fc.integer({ min: 1, max: MAX_INCREMENT_S })),
});
/** Below the end at which a charge is held: there a longer call costs no more. */
const anyBudget = fc.oneof(
  fc.integer({ min: 0, max: 5_000_000 }),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 }),
);
const anyDurationMs = fc.oneof(fc.integer({ min: 0, max: 7_200_000 }), fc.maxSafeNat());

describe('the charge of a call', () => {
  it.each([
    // Seconds by hand: the initial increment, then whole recurring ones.
    { increments: '60/60', durationMs: 1, billed: 60 },
    { increments: '60/60', durationMs: 60_000, billed: 60 },
    { increments: '60/60', durationMs: 60_001, billed: 120 },
    { increments: '60/60', durationMs: 61_000, billed: 120 },
    { increments: '60/1', durationMs: 1000, billed: 60 },
    { increments: '60/1', durationMs: 61_000, billed: 61 },
    { increments: '60/1', durationMs: 61_001, billed: 62 },
    { increments: '30/6', durationMs: 1000, billed: 30 },
    { increments: '30/6', durationMs: 30_000, billed: 30 },
    { increments: '30/6', durationMs: 30_001, billed: 36 },
    { increments: '30/6', durationMs: 61_000, billed: 66 },
    { increments: '1/1', durationMs: 1000, billed: 1 },
    { increments: '1/1', durationMs: 1001, billed: 2 },
    { increments: '1/1', durationMs: 61_000, billed: 61 },
    { increments: '0/60', durationMs: 1, billed: 60 },
    { increments: '60/60', durationMs: 0, billed: 0 },
    { increments: '60/60', durationMs: -5, billed: 0 },
  ])('bills $billed s for $durationMs ms at $increments', ({ billed, durationMs, increments }) => {
    expect(billedS(durationMs, terms(increments, 1))).toBe(billed);
  });

  it.each([
    // 61 s, one unit a minute and a fee of 0.1: 120 s → 2.1, 61 s → 1.016666… + 0.1, 66 s → 1.2.
    { increments: '60/60', micros: 2_100_000 },
    { increments: '60/1', micros: 1_116_667 },
    { increments: '30/6', micros: 1_200_000 },
    { increments: '1/1', micros: 1_116_667 },
  ])('is $micros micro-units for 61 s at $increments, a fee included', ({ increments, micros }) => {
    expect(chargeMicros(61_000, terms(increments, 1_000_000, 100_000))).toBe(micros);
  });

  it('is nothing for a call that was not answered, not even the fee', () => {
    expect(chargeMicros(0, terms('60/60', 1_000_000, 100_000))).toBe(0);
    expect(chargeMicros(-1, terms('60/60', 1_000_000, 100_000))).toBe(0);
  });

  it('is rounded up to a micro-unit, so that one at 1 micro-unit a minute is never free', () => {
    expect(chargeMicros(1000, terms('1/1', 1))).toBe(1);
    expect(chargeMicros(60_000, terms('1/1', 1))).toBe(1);
    expect(chargeMicros(61_000, terms('1/1', 1))).toBe(2);
  });

  it('is exact where the product leaves the whole numbers that a double holds, and held at their end beyond', () => {
    // 18,001 s × 10^12 is above 2^53; / 60 = 300,016,666,666,666.67, and 7 for the fee.
    expect(chargeMicros(18_001_000, terms('1/1', MAX_PRICE_MICROS, 7))).toBe(300_016_666_666_674);
    expect(chargeMicros(Number.MAX_SAFE_INTEGER, terms('60/60', MAX_PRICE_MICROS))).toBe(Number.MAX_SAFE_INTEGER);
    expect(billedS(Number.MAX_SAFE_INTEGER, terms('1/1', 1))).toBe(9_007_199_254_741);
  });

  it('refuses a duration that nobody knows instead of pricing it', () => {
    for (const unknown of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => chargeMicros(unknown, terms('1/1', 1))).toThrow(RangeError);
    }
  });

  it('never falls as a call grows longer', () => {
    fc.assert(
      fc.property(anyTerms, anyDurationMs, anyDurationMs, (rate, a, b) => {
        const [short, long] = a < b ? [a, b] : [b, a];
        expect(chargeMicros(short, rate)).toBeLessThanOrEqual(chargeMicros(long, rate));
      }),
    );
  });

  it('is what BigInt counts, whatever the size', () => {
    fc.assert(
      fc.property(anyTerms, fc.integer({ min: 1, max: 2 ** 45 }), (rate, durationMs) => {
        const initial = BigInt(rate.initialIncrementS);
        const recurring = BigInt(rate.recurringIncrementS);
        const wholeS = (BigInt(durationMs) + 999n) / 1000n;
        const beyond = wholeS > initial ? wholeS - initial : 0n;
        const billed = initial + ((beyond + recurring - 1n) / recurring) * recurring;
        const exact = BigInt(rate.connectFeeMicros) + (billed * BigInt(rate.priceMicrosPerMinute) + 59n) / 60n;
        const most = BigInt(Number.MAX_SAFE_INTEGER);
        expect(BigInt(chargeMicros(durationMs, rate))).toBe(exact > most ? most : exact);
      }),
    );
  });
});

describe('the longest call that a budget pays for', () => {
  it.each([
    // One unit a minute, 2.5 units: two minutes of 60/60, 150 s of 60/1 and 1/1, 30 + 20 × 6 = 150 s of 30/6.
    { increments: '60/60', fee: 0, budget: 2_500_000, ms: 120_000 },
    { increments: '60/1', fee: 0, budget: 2_500_000, ms: 150_000 },
    { increments: '30/6', fee: 0, budget: 2_500_000, ms: 150_000 },
    { increments: '30/6', fee: 0, budget: 2_599_999, ms: 150_000 },
    { increments: '30/6', fee: 0, budget: 2_600_000, ms: 156_000 },
    { increments: '1/1', fee: 0, budget: 2_500_000, ms: 150_000 },
    { increments: '60/60', fee: 500_000, budget: 2_500_000, ms: 120_000 },
    { increments: '60/60', fee: 500_001, budget: 2_500_000, ms: 60_000 },
    { increments: '60/60', fee: 0, budget: 999_999, ms: 0 },
    { increments: '60/60', fee: 0, budget: 1_000_000, ms: 60_000 },
    { increments: '60/60', fee: 2_500_001, budget: 2_500_000, ms: 0 },
    { increments: '1/1', fee: 0, budget: 16_666, ms: 0 },
    { increments: '1/1', fee: 0, budget: 16_667, ms: 1000 },
    { increments: '1/1', fee: 0, budget: 0, ms: 0 },
    { increments: '1/1', fee: 0, budget: -1, ms: 0 },
  ])('is $ms ms for $budget micro-units at $increments with a fee of $fee', ({ budget, fee, increments, ms }) => {
    expect(longestAffordableMs(budget, terms(increments, 1_000_000, fee))).toBe(ms);
  });

  it('has no end but that of the timers where time costs nothing and the fee is paid', () => {
    expect(longestAffordableMs(5, terms('60/60', 0, 5))).toBe(LONGEST_AFFORDABLE_MS);
    expect(longestAffordableMs(4, terms('60/60', 0, 5))).toBe(0);
    expect(longestAffordableMs(Number.MAX_SAFE_INTEGER, terms('1/1', 1))).toBe(LONGEST_AFFORDABLE_MS);
  });

  it('refuses a budget that is not whole', () => {
    for (const budget of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => longestAffordableMs(budget, terms('1/1', 1))).toThrow(RangeError);
    }
  });

  it('never overspends, and a millisecond more would', () => {
    fc.assert(
      fc.property(anyTerms, anyBudget, (rate, budget) => {
        const ms = longestAffordableMs(budget, rate);
        expect(chargeMicros(ms, rate)).toBeLessThanOrEqual(budget);
        if (ms < LONGEST_AFFORDABLE_MS) expect(chargeMicros(ms + 1, rate)).toBeGreaterThan(budget);
      }),
      { numRuns: 1000 },
    );
  });

  it('never falls as the budget grows', () => {
    fc.assert(
      fc.property(anyTerms, anyBudget, anyBudget, (rate, a, b) => {
        const [small, large] = a < b ? [a, b] : [b, a];
        expect(longestAffordableMs(small, rate)).toBeLessThanOrEqual(longestAffordableMs(large, rate));
      }),
    );
  });
});

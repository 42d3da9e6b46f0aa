import Type, { type Static } from 'typebox';

/** Dearest connection fee or minute that a rate may have: a million of the currency. */
export const MAX_PRICE_MICROS = 1_000_000_000_000;
/** Longest billing increment, a day. */
export const MAX_INCREMENT_S = 86_400;
/** The most that {@link longestAffordableMs} gives: what a signed timer of 32 bits holds, 24.8 days. */
export const LONGEST_AFFORDABLE_MS = 2_147_483_647;

/** How a call to a prefix is charged; money in micro-units of one currency, increments in seconds. */
export const RateTerms = Type.Object(
  {
    connectFeeMicros: Type.Integer({ minimum: 0, maximum: MAX_PRICE_MICROS }),
    priceMicrosPerMinute: Type.Integer({ minimum: 0, maximum: MAX_PRICE_MICROS }),
    /** Billed as soon as the call is answered; 0 where the first increment is like the others. */
    initialIncrementS: Type.Integer({ minimum: 0, maximum: MAX_INCREMENT_S }),
    /** Billed whole as soon as it is begun. */
    recurringIncrementS: Type.Integer({ minimum: 1, maximum: MAX_INCREMENT_S }),
  },
  { additionalProperties: false },
);
/** Static type of {@link RateTerms}. */
export type RateTerms = Static<typeof RateTerms>;

/**
 * Seconds that are billed for a call: none for one that never began, else the initial increment and whole recurring ones.
 *
 * @param durationMs - answered time; below 0, as after a step of a clock, is taken for 0. At most 2^53 − 1, and so is the outcome.
 * @throws RangeError for what is no number or not finite: a duration that is not known has no price.
 */
export function billedS(durationMs: number, terms: RateTerms): number {
  if (!Number.isFinite(durationMs)) throw new RangeError(`a call of ${durationMs} ms cannot be billed`);
  if (durationMs <= 0) return 0;
  const { initialIncrementS, recurringIncrementS } = terms;
  const beyondS = Math.ceil(durationMs / 1000) - initialIncrementS;
  if (beyondS <= 0) return initialIncrementS;
  return Math.min(
    Number.MAX_SAFE_INTEGER,
    initialIncrementS + Math.ceil(beyondS / recurringIncrementS) * recurringIncrementS,
  );
}

/**
 * What a call costs: the connection fee and the billed seconds at the price of a minute, rounded up to a micro-unit. 0 for a
 * call that was never answered.
 *
 * Exact: `billed × price` is counted in doubles while it is below 2^53, in BigInt above. What would itself be above 2^53 − 1
 * is held there, some nine thousand million of the currency.
 *
 * @param durationMs - as for {@link billedS}, and as there it throws.
 */
export function chargeMicros(durationMs: number, terms: RateTerms): number {
  const seconds = billedS(durationMs, terms);
  if (durationMs <= 0) return 0;
  const { connectFeeMicros, priceMicrosPerMinute } = terms;
  const product = seconds * priceMicrosPerMinute;
  if (product <= Number.MAX_SAFE_INTEGER) {
    return Math.min(Number.MAX_SAFE_INTEGER, connectFeeMicros + wholeDivision(product, 60, 'up'));
  }
  const exact = (BigInt(seconds) * BigInt(priceMicrosPerMinute) + 59n) / 60n + BigInt(connectFeeMicros);
  return exact > MAX_SAFE ? Number.MAX_SAFE_INTEGER : Number(exact);
}

/**
 * The longest call that a budget pays for, milliseconds: the end of the last increment that it pays whole, so that
 * `chargeMicros` of it is within the budget and of a millisecond more is not. 0 where it does not pay for the first; capped at
 * {@link LONGEST_AFFORDABLE_MS}, which is also given where time costs nothing.
 *
 * @param budgetMicros - whole; below 0 pays for nothing.
 * @throws RangeError for a budget that is no whole number within ±(2^53 − 1).
 */
export function longestAffordableMs(budgetMicros: number, terms: RateTerms): number {
  if (!Number.isSafeInteger(budgetMicros)) throw new RangeError(`a budget of ${budgetMicros} micro-units is not whole`);
  const { connectFeeMicros, initialIncrementS, priceMicrosPerMinute, recurringIncrementS } = terms;
  const leftMicros = budgetMicros - connectFeeMicros;
  if (budgetMicros < 0 || leftMicros < 0) return 0;
  if (priceMicrosPerMinute === 0) return LONGEST_AFFORDABLE_MS;
  const paidS = paidSeconds(leftMicros, priceMicrosPerMinute);
  if (paidS < initialIncrementS) return 0;
  const increments = wholeDivision(paidS - initialIncrementS, recurringIncrementS, 'down');
  const endS = initialIncrementS + increments * recurringIncrementS;
  return Math.min(LONGEST_AFFORDABLE_MS, endS * 1000);
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The most seconds whose price, rounded up, is within `leftMicros`: ⌈s·p/60⌉ ≤ l exactly where s ≤ ⌊60·l/p⌋. */
function paidSeconds(leftMicros: number, priceMicrosPerMinute: number): number {
  const product = leftMicros * 60;
  if (product <= Number.MAX_SAFE_INTEGER) return wholeDivision(product, priceMicrosPerMinute, 'down');
  const exact = (BigInt(leftMicros) * 60n) / BigInt(priceMicrosPerMinute);
  return exact > MAX_SAFE ? Number.MAX_SAFE_INTEGER : Number(exact);
}

/** Exact for whole numbers below 2^53: the remainder of doubles is, a quotient that is then whole is, too. */
function wholeDivision(dividend: number, divisor: number, rounding: 'up' | 'down'): number {
  const rest = dividend % divisor;
  const down = (dividend - rest) / divisor;
  return rounding === 'up' && rest > 0 ? down + 1 : down;
}

import { logGamma } from './log-beta.ts';
import type { EventCounts } from './path-evidence.ts';

/** Beta prior of loss on healthy paths: mean 0.125 %. */
export const BACKGROUND_PRIOR = { a: 0.5, b: 400 } as const;
/** Beta prior of loss on paths that suffer from a fault: mean 11 %. */
export const FAULT_PRIOR = { a: 1.5, b: 12 } as const;

type BetaPrior = { readonly a: number; readonly b: number };

/** Beta prior of the chance that a loss is followed by another, under bursts: nothing is known of it. */
const BURST_PRIOR: BetaPrior = { a: 1, b: 1 };
/** Loss is independent or comes in bursts with even odds beforehand. */
const LOG_HALF = Math.log(0.5);
/** Sums of logarithms kept for each prior. */
const TABLE_LENGTH = 8192;

/** ln L of healthy paths, pooled: one unknown rate of loss for all of them, independent or in bursts. */
export function backgroundLog(counts: EventCounts): number {
  return twoStateLog(counts, BACKGROUND);
}

/** ln L of the paths that suffer from one fault, pooled. */
export function faultLog(counts: EventCounts): number {
  return twoStateLog(counts, FAULT);
}

/**
 * The marginal likelihood of loss in two states. A loss begins after an answer with chance p and goes on after a loss with
 * chance q. Independent loss has q = p and every attempt is a trial of it; under bursts q is unknown, and only the beginnings
 * tell of p. Both are weighed evenly, so that under independent loss every loss counts, and a burst counts once.
 *
 *     L = ½ B(a+k, b+n−k)/B(a,b) + ½ B(a+r, b+t−r)/B(a,b) · B(1+c, 1+r)/B(1,1)
 *
 * k of n attempts were lost in r runs, t attempts followed an answer, c = k − r losses followed a loss, and each run has ended.
 *
 * @see E. N. Gilbert, "Capacity of a burst-noise channel", BSTJ 39 (1960).
 */
function twoStateLog({ events, trials, continued }: EventCounts, beginning: BetaMarginal): number {
  const independent = beginning.log(events + continued, trials - events);
  const bursty = beginning.log(events, trials - events) + BURST.log(continued, events);
  return LOG_HALF + logSum(independent, bursty);
}

/** ln(eˣ + eʸ) without overflow. */
export function logSum(x: number, y: number): number {
  const high = Math.max(x, y);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(Math.min(x, y) - high));
}

/** ln B(a+hits, b+misses) − ln B(a, b): the marginal likelihood of a row of hits and misses under a Beta prior. */
class BetaMarginal {
  readonly #hits: RisingLog;
  readonly #misses: RisingLog;
  readonly #both: RisingLog;

  constructor({ a, b }: BetaPrior) {
    this.#hits = new RisingLog(a);
    this.#misses = new RisingLog(b);
    this.#both = new RisingLog(a + b);
  }

  log(hits: number, misses: number): number {
    return this.#hits.at(hits) + this.#misses.at(misses) - this.#both.at(hits + misses);
  }
}

/** ln Γ(x+n) − ln Γ(x) for whole n ≥ 0, from a table where n is small. */
class RisingLog {
  readonly #x: number;
  readonly #logGammaX: number;
  readonly #table = new Float64Array(TABLE_LENGTH);

  constructor(x: number) {
    this.#x = x;
    this.#logGammaX = logGamma(x);
    for (let n = 1; n < TABLE_LENGTH; n += 1) this.#table[n] = (this.#table[n - 1] ?? 0) + Math.log(x + n - 1);
  }

  at(n: number): number {
    return n < TABLE_LENGTH ? (this.#table[n] ?? 0) : logGamma(this.#x + n) - this.#logGammaX;
  }
}

const BACKGROUND = new BetaMarginal(BACKGROUND_PRIOR);
const FAULT = new BetaMarginal(FAULT_PRIOR);
const BURST = new BetaMarginal(BURST_PRIOR);

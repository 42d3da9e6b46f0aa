import { logGamma } from './log-beta.ts';

/** A Beta distribution of a chance; its mean is a / (a + b). */
export type BetaPrior = { readonly a: number; readonly b: number };

/** Sums of logarithms kept for each prior. */
const TABLE_LENGTH = 8192;

/** ln B(a+hits, b+misses) − ln B(a, b): the marginal likelihood of a row of hits and misses under a Beta prior. */
export class BetaMarginal {
  readonly #hits: RisingLog;
  readonly #misses: RisingLog;
  readonly #both: RisingLog;

  constructor({ a, b }: BetaPrior) {
    this.#hits = new RisingLog(a);
    this.#misses = new RisingLog(b);
    this.#both = new RisingLog(a + b);
  }

  /** Counts of 0 or more; they need not be whole, where they were given less weight. */
  log(hits: number, misses: number): number {
    return this.#hits.at(hits) + this.#misses.at(misses) - this.#both.at(hits + misses);
  }
}

/** ln Γ(x+n) − ln Γ(x) for n ≥ 0, from a table where n is small and whole or half: half is the weight of most kinds. */
class RisingLog {
  readonly #x: number;
  readonly #logGammaX: number;
  /** By 2n. */
  readonly #table = new Float64Array(2 * TABLE_LENGTH);

  constructor(x: number) {
    this.#x = x;
    this.#logGammaX = logGamma(x);
    this.#table[1] = logGamma(x + 0.5) - this.#logGammaX;
    for (let at = 2; at < 2 * TABLE_LENGTH; at += 1) {
      this.#table[at] = (this.#table[at - 2] ?? 0) + Math.log(x + at / 2 - 1);
    }
  }

  at(n: number): number {
    const twice = 2 * n;
    const isKept = twice < 2 * TABLE_LENGTH && Number.isInteger(twice);
    return isKept ? (this.#table[twice] ?? 0) : logGamma(this.#x + n) - this.#logGammaX;
  }
}

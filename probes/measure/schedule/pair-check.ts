/** Two attempts left in the same millisecond if they are no further apart. */
const SAME_MS = 1;

/** Pairs remembered while their second attempt has not settled. */
const MAX_OPEN = 64;

/**
 * Keeps striped pairs honest: both attempts are due in one pass, but a busy moment can part them. Mutable, owned by one
 * schedule.
 */
export class PairCheck {
  readonly #sentAtMs = new Map<number, number>();

  /**
   * Whether an attempt may carry the number of its pair. The first that settles always does; the second only where it left within
   * a millisecond of the first, so that a number that two attempts share is true.
   *
   * @param sentAtMs - when the request left, on one monotonic clock for both.
   */
  isTrue(pair: number, sentAtMs: number): boolean {
    const first = this.#sentAtMs.get(pair);
    if (first !== undefined) {
      this.#sentAtMs.delete(pair);
      return Math.abs(sentAtMs - first) <= SAME_MS;
    }
    this.#sentAtMs.set(pair, sentAtMs);
    for (const open of this.#sentAtMs.keys()) {
      if (this.#sentAtMs.size <= MAX_OPEN) break;
      this.#sentAtMs.delete(open);
    }
    return true;
  }
}

/** Attempts of one PBX at two targets that left in the same millisecond, as one of the targets has them. */
export type StripedPairs = {
  /** The target asked beside this one, in the latest pair. */
  readonly other: string;
  readonly pairs: number;
  /** Of them lost here, and lost here and there alike. */
  readonly lost: number;
  readonly bothLost: number;
  readonly windowMs: number;
};

type Settled = { readonly target: string; readonly isLost: boolean };
type Pair = { readonly atMs: number; readonly other: string; readonly isLost: boolean; readonly isOtherLost: boolean };

const WINDOW_MS = 300_000;
/** Most pairs of one target that are remembered, and most whose second attempt is still awaited. */
const MAX_PAIRS = 300;
const MAX_OPEN = 64;

/**
 * The striped pairs of one probe. What is lost to two providers in the same millisecond was most likely lost on the way they
 * share, our own uplink; what is lost to one alone was not. Mutable, owned by one probe's entry; hub time.
 */
export class PairLedger {
  readonly #open = new Map<number, Settled>();
  readonly #byTarget = new Map<string, readonly Pair[]>();

  /**
   * Folds one settled attempt of a pair; an attempt that could not be measured must be left out with its whole pair.
   *
   * @param pair - number of the pair, of this instance of the probe.
   */
  add(pair: number, target: string, isLost: boolean, atMs: number): void {
    const first = this.#open.get(pair);
    if (!first || first.target === target) {
      this.#open.set(pair, { target, isLost });
      for (const each of this.#open.keys()) {
        if (this.#open.size <= MAX_OPEN) break;
        this.#open.delete(each);
      }
      return;
    }
    this.#open.delete(pair);
    this.#note(target, { atMs, other: first.target, isLost, isOtherLost: first.isLost });
    this.#note(first.target, { atMs, other: target, isLost: first.isLost, isOtherLost: isLost });
  }

  /** Pairs of one target in the last five minutes; undefined where there are none. */
  of(target: string, nowMs: number): StripedPairs | undefined {
    const recent = (this.#byTarget.get(target) ?? []).filter(({ atMs }) => atMs > nowMs - WINDOW_MS);
    const latest = recent.at(-1);
    if (!latest) return undefined;
    const lost = recent.filter(({ isLost }) => isLost);
    const bothLost = lost.filter(({ isOtherLost }) => isOtherLost).length;
    return { other: latest.other, pairs: recent.length, lost: lost.length, bothLost, windowMs: WINDOW_MS };
  }

  /** Another instance of the probe counts its pairs anew. */
  startInstance(): void {
    this.#open.clear();
  }

  #note(target: string, pair: Pair): void {
    this.#byTarget.set(target, [...(this.#byTarget.get(target) ?? []), pair].slice(-MAX_PAIRS));
  }
}

/** Losses from which on their being shared or not is worth saying. */
const ENOUGH_LOST = 3;

/** `Of 4 losses in 120 pairs with b.b1 in the same millisecond 4 were lost there too: points at our own uplink.` */
export function shownPairs({ other, pairs, lost, bothLost }: StripedPairs): string | undefined {
  if (lost < ENOUGH_LOST) return undefined;
  const said = `Of ${lost} losses in ${pairs} pairs with ${other} in the same millisecond ${bothLost} were lost there too`;
  if (bothLost >= ENOUGH_LOST && bothLost > lost / 2) return `${said}: points at our own uplink.`;
  return bothLost === 0 ? `${said}: points beyond our own uplink.` : `${said}.`;
}

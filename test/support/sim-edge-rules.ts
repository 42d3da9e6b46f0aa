/** How a simulated edge treats the datagrams of a source. */
export type EdgeRules = {
  /** Held back for this long before each answer leaves, milliseconds. */
  readonly delayMs: number;
  /** Share of arriving datagrams lost, 0 to 1. */
  readonly lossInRatio: number;
  /** Share of leaving datagrams lost, 0 to 1. */
  readonly lossOutRatio: number;
  /** Everything that arrives is lost, and nothing leaves. */
  readonly isBlackHole: boolean;
  /** Final status for OPTIONS, or no answer at all. */
  readonly optionsCode: number | 'silent';
  /** Final status for INVITE after 100 (and 180 before a 2xx), or no answer at all. */
  readonly inviteCode: number | 'silent';
  /** Between 180 and the final answer of an INVITE, milliseconds. */
  readonly ringMs: number;
  /** More OPTIONS than this in any 10 s, over all sources, and the edge answers no OPTIONS of anybody any more. */
  readonly banAbovePer10S: number;
};

/** A healthy edge. */
export const HEALTHY_EDGE: EdgeRules = {
  delayMs: 0,
  lossInRatio: 0,
  lossOutRatio: 0,
  isBlackHole: false,
  optionsCode: 200,
  inviteCode: 200,
  ringMs: 0,
  banAbovePer10S: Number.POSITIVE_INFINITY,
};

/** A change of rules, for every source or for one source address, whose own rules go before the general ones. */
export type EdgeChange = Partial<EdgeRules> & { readonly forSource?: string };

/** Rules in force: the general ones, and per source address those that differ. */
export class EdgeRuleBook {
  #general: EdgeRules = HEALTHY_EDGE;
  readonly #bySource = new Map<string, Partial<EdgeRules>>();

  /** Applies a change to what is set; keys not named stay. */
  set({ forSource, ...change }: EdgeChange): void {
    if (forSource === undefined) this.#general = { ...this.#general, ...change };
    else this.#bySource.set(forSource, { ...this.#bySource.get(forSource), ...change });
  }

  /** Forgets the rules of one source address, or everything, back to a healthy edge. */
  clear(source?: string): void {
    if (source !== undefined) {
      this.#bySource.delete(source);
      return;
    }
    this.#bySource.clear();
    this.#general = HEALTHY_EDGE;
  }

  /** The rules for datagrams from and to that address. */
  for(source: string): EdgeRules {
    return { ...this.#general, ...this.#bySource.get(source) };
  }
}

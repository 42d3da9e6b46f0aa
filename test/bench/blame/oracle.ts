import type { HypothesisSpace } from '../../../server/correlate/hypotheses.ts';
import { eventsOf } from '../../../server/correlate/path-evidence.ts';
import { logPriorOdds } from '../../../server/correlate/place-prior.ts';
import { chainLog, combined, type DrawnCounts, type LossChain } from './loss-draw.ts';

const SURE = 0.95;

/** Both chains as they were drawn, and how many faults there may be. */
export type Truths = { readonly background: LossChain; readonly fault: LossChain; readonly mostFaults: 1 | 2 };

/** ln of the likelihood under one fault, and under two, over that of background; of each path. */
type Weights = {
  readonly one: readonly number[];
  readonly both: readonly number[];
  readonly mostFaults: Truths['mostFaults'];
};

/**
 * The bound: a judge who knows background and fault exactly, with the same prior of places and the same 0.95, and weighs every
 * place and every pair. It needs no witnesses. Groups of places with the same paths are one answer.
 */
export class Oracle {
  readonly #space: HypothesisSpace;
  readonly #truths: Truths;
  /** The first hypothesis with the same paths. */
  readonly #groupOf: readonly number[];
  readonly #shared: readonly { readonly one: number; readonly other: number; readonly paths: readonly number[] }[];

  constructor(space: HypothesisSpace, truths: Truths) {
    this.#space = space;
    this.#truths = truths;
    const firsts = new Map<string, number>();
    this.#groupOf = space.hypotheses.map(({ pathIndices }, index) => {
      const key = pathIndices.join();
      if (!firsts.has(key)) firsts.set(key, index);
      return firsts.get(key) ?? index;
    });
    this.#shared = truths.mostFaults === 1 ? [] : pairsOf(space);
  }

  /** Groups that are sure to be at fault, each by its first hypothesis. */
  sure(counts: readonly DrawnCounts[]): ReadonlySet<number> {
    const { background, fault, mostFaults } = this.#truths;
    const none = counts.map((count) => chainLog(count, background));
    const one = counts.map((count, path) => chainLog(count, fault) - (none[path] ?? 0));
    const both = counts.map((count, path) => chainLog(count, combined(fault, 2)) - (none[path] ?? 0));
    return this.#weigh({ one, both, mostFaults }, counts);
  }

  /**
   * The same where other kinds are measured beside OPTIONS, for one fault.
   *
   * @param ratios - of each path, ln of the likelihood of all its figures under the fault over that of background.
   */
  surest(ratios: readonly number[], options: readonly DrawnCounts[]): ReadonlySet<number> {
    return this.#weigh({ one: ratios, both: [], mostFaults: 1 }, options);
  }

  #weigh({ both, mostFaults, one }: Weights, counts: readonly DrawnCounts[]): ReadonlySet<number> {
    const odds = logPriorOdds(this.#space, counts.map(eventsOf));
    const single = this.#space.hypotheses.map(
      ({ pathIndices, place }) => odds(place.kind) + pathIndices.reduce((sum, path) => sum + (one[path] ?? 0), 0),
    );
    const pairs = this.#shared.map(({ one: first, other, paths }) => {
      const sum = (single[first] ?? 0) + (single[other] ?? 0);
      return paths.reduce((log, path) => log + (both[path] ?? 0) - 2 * (one[path] ?? 0), sum);
    });
    const highest = pairs.reduce((high, log) => Math.max(high, log), Math.max(0, ...single));
    const mass = new Map<number, number>();
    let whole = Math.exp(-highest);
    const add = (places: readonly number[], log: number) => {
      const weight = Math.exp(log - highest);
      whole += weight;
      const groups = new Set(places.map((place) => this.#groupOf[place] ?? place));
      for (const group of groups) mass.set(group, (mass.get(group) ?? 0) + weight);
    };
    for (const [index, log] of single.entries()) add([index], log);
    if (mostFaults === 2) {
      for (const [at, { one: first, other }] of this.#shared.entries()) add([first, other], pairs[at] ?? 0);
    }
    return new Set([...mass].flatMap(([group, weight]) => (weight / whole >= SURE ? [group] : [])));
  }

  /** The group of a hypothesis, as {@link sure} gives it. */
  groupOf(hypothesis: number): number {
    return this.#groupOf[hypothesis] ?? hypothesis;
  }
}

/** Every pair of places, and the paths that both touch. */
function pairsOf({ hypotheses }: HypothesisSpace) {
  return hypotheses.flatMap(({ pathIndices }, one) => {
    const own = new Set(pathIndices);
    return hypotheses.slice(one + 1).map((second, at) => ({
      one,
      other: one + 1 + at,
      paths: second.pathIndices.filter((path) => own.has(path)),
    }));
  });
}

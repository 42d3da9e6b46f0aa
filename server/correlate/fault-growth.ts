import type { HypothesisSpace } from './hypotheses.ts';
import { type CellLikelihood, optionsFaultLog } from './kinds/cell-likelihood.ts';
import type { WindowEvents } from './kinds/kind-events.ts';
import { eventsIn, minus, type Pooled, PooledSum, withOptionsOf } from './kinds/pooled.ts';
import type { Lanes } from './lanes.ts';
import type { LogPriorOdds } from './place-prior.ts';
import type { SearchGround } from './search-ground.ts';

/** Places at fault together, as indices into the hypotheses of the space; empty where nothing is wrong. */
export type FaultSet = {
  readonly faults: readonly number[];
  /** Logarithm of prior odds times likelihood; comparable within one search only. */
  readonly logWeight: number;
};

const NOTHING_SHARED: readonly Pooled[] = [];

/** Both rates of shared paths are as likely beforehand. */
const LOG_HALF = Math.log(0.5);
/** A further fault rests on two events or more of its own. */
const MIN_FURTHER_EVENTS = 2;

/**
 * A set with its figures in cells, each under one unknown rate: a cell for each fault, more where paths that faults share lose
 * more than the rest of their cell. `rest`: all paths that no fault touches.
 */
export type Grown = FaultSet & {
  readonly key: string;
  readonly logFaults: number;
  readonly steps: readonly Step[];
  readonly cells: readonly Pooled[];
  readonly rest: Pooled;
};

/** How a fault joined its set: its paths came into cell `cell`, and those of a split cell moved to another. */
type Step = { readonly fault: number; readonly cell: number; readonly splits: ReadonlyMap<number, number> };

/** Nothing is wrong: what sets of faults are grown from. */
export function noFault(total: Pooled, likelihood: CellLikelihood): Grown {
  const logWeight = likelihood.background(total);
  return { faults: [], key: '', logFaults: 0, steps: [], cells: [], rest: total, logWeight };
}

/** Adds one fault to a set, in every way that the figures of one window allow. */
export class Growth {
  readonly #space: HypothesisSpace;
  readonly #events: WindowEvents;
  readonly #likelihood: CellLikelihood;
  readonly #logOdds: LogPriorOdds;
  /** Per path its cell in the present set, from 1; 0 for the rest. */
  readonly #cell: Uint16Array;
  readonly #lanes: Lanes;

  constructor(space: HypothesisSpace, { events, lanes, likelihood, logOdds }: SearchGround) {
    this.#space = space;
    this.#events = events;
    this.#lanes = lanes;
    this.#likelihood = likelihood;
    this.#logOdds = logOdds;
    this.#cell = new Uint16Array(events.options.length);
  }

  /**
   * The sets that have one more fault.
   *
   * @param leastLogWeight - sets below it are left out.
   */
  from(set: Grown, candidates: readonly number[], leastLogWeight: number): readonly Grown[] {
    const sharedOf = this.#shared(set, new Set(candidates));
    const grown: Grown[] = [];
    const leastEvents = set.faults.length === 0 ? 1 : MIN_FURTHER_EVENTS;
    for (const candidate of candidates) {
      const sums = sharedOf.get(candidate) ?? NOTHING_SHARED;
      const untouched = sums.reduce((left, shared) => minus(left, shared), this.#lanes.of(candidate));
      if (eventsIn(untouched) < leastEvents) continue;
      const rest = minus(set.rest, untouched);
      const logOdds = this.#logOdds(this.#space.hypotheses[candidate]?.place.kind ?? 'none');
      const logTogether = sums.length === 0 ? (this.#lanes.together[candidate] ?? 0) : 0;
      const logOwn = set.logFaults + logOdds + this.#likelihood.fault(untouched, set.rest, rest) + logTogether;
      const logRest = this.#likelihood.background(rest);
      if (set.cells.length === 0 && logOwn + logRest < leastLogWeight) continue;
      let own = untouched;
      const cells = [...set.cells, own];
      const splits = new Map<number, number>();
      let logShared = 0;
      set.cells.forEach((cell, at) => {
        const shared = sums[at];
        if (shared === undefined || shared.trials === 0) return;
        const left = minus(cell, shared);
        if (losesLess(shared, untouched) && losesLess(left, untouched)) {
          const joined = withOptionsOf(own, shared);
          logShared += optionsFaultLog(left) - optionsFaultLog(cell);
          logShared += optionsFaultLog(joined) - optionsFaultLog(own);
          cells[at] = left;
          own = joined;
          splits.set(at + 1, set.cells.length + 1);
          return;
        }
        const gain = splitGain(cell, shared);
        if (gain <= 0) return;
        logShared += gain;
        cells[at] = left;
        splits.set(at + 1, cells.push(shared));
      });
      cells[set.cells.length] = own;
      const logFaults = logOwn + logShared;
      const logWeight = logFaults + logRest;
      if (logWeight < leastLogWeight) continue;
      const faults = [...set.faults, candidate];
      const key = faults.toSorted((one, other) => one - other).join();
      const steps = [...set.steps, { fault: candidate, cell: set.cells.length + 1, splits }];
      grown.push({ faults, key, logFaults, steps, cells, rest, logWeight });
    }
    return grown;
  }

  /** For each candidate that shares paths with the set, the figures of these by cell: it costs the paths of the set only. */
  #shared(set: Grown, candidates: ReadonlySet<number>): ReadonlyMap<number, readonly Pooled[]> {
    for (const step of set.steps) this.#place(step);
    const sharedOf = new Map<number, readonly PooledSum[]>();
    for (const { fault } of set.steps) {
      for (const path of this.#pathsOf(fault)) {
        const cell = this.#cell[path] ?? 0;
        const count = this.#events.options[path];
        if (cell === 0 || count === undefined) continue;
        this.#cell[path] = 0;
        for (const hypothesis of this.#space.ofPath[path] ?? []) {
          if (!candidates.has(hypothesis)) continue;
          const known = sharedOf.get(hypothesis) ?? set.cells.map(() => new PooledSum(this.#events.kinds));
          known[cell - 1]?.add(path, count);
          sharedOf.set(hypothesis, known);
        }
      }
    }
    return new Map([...sharedOf].map(([hypothesis, sums]) => [hypothesis, sums.map((sum) => sum.taken())]));
  }

  #place({ fault, cell, splits }: Step): void {
    for (const path of this.#pathsOf(fault)) {
      const now = this.#cell[path] ?? 0;
      this.#cell[path] = now === 0 ? cell : (splits.get(now) ?? now);
    }
  }

  #pathsOf(hypothesis: number): readonly number[] {
    return this.#space.hypotheses[hypothesis]?.pathIndices ?? [];
  }
}

/**
 * True where these paths lose less than those. What two faults share loses at least as much as the rest of either: where it does not,
 * it is under the rate of the one that loses more, so that no place is said to lose less than what it lies in.
 */
function losesLess(these: Pooled, those: Pooled): boolean {
  return these.events * those.trials < those.events * these.trials || these.trials === 0;
}

/**
 * What it adds to ln L that the paths of a cell which a further fault shares lose more than the others: both faults drop
 * there. 0 or less where they lose no more, or so little more that a rate of their own explains nothing.
 */
function splitGain(cell: Pooled, shared: Pooled): number {
  if (shared.events === 0 || shared.trials === cell.trials) return 0;
  if (shared.events * cell.trials <= cell.events * shared.trials) return 0;
  return LOG_HALF + optionsFaultLog(shared) + optionsFaultLog(minus(cell, shared)) - optionsFaultLog(cell);
}

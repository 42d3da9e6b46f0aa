import { finish, type Steps } from '../../steps.ts';
import type { HypothesisSpace } from '../hypotheses.ts';
import { logPriorOdds } from '../place-prior.ts';
import type { Posterior } from '../posterior.ts';
import type { ShiftEvidence } from './shift-evidence.ts';

/** Most faults told apart at once, and sets that are grown at each size. */
const MAX_FAULTS = 12;
const BEAM = 8;
/** Sets a few e-folds below the best are not grown further, and those far below carry no weight. */
const GROW_WITHIN = 3;
const KEEP_WITHIN = 14;
/** Odds of all places together, each alone, below which nothing is looked into. */
const QUIET_ODDS = 0.5;

type Grown = { readonly faults: readonly number[]; readonly key: string; readonly logWeight: number };

const NONE: Grown = { faults: [], key: '', logWeight: 0 };

/** {@link weighShiftSteps} in one go. */
export function weighShifts(space: HypothesisSpace, evidence: ShiftEvidence): Posterior {
  return finish(weighShiftSteps(space, evidence));
}

/**
 * Weighs sets of places that may be at fault together by what each path says: a path counts once for the whole set, whether one
 * fault touches it or several, and a path that none touches counts nothing. Sets are grown from the best smaller ones.
 *
 * @returns the sets with weight, the likeliest first; only the empty one where nothing is likely.
 */
export function* weighShiftSteps(space: HypothesisSpace, evidence: ShiftEvidence): Steps<Posterior> {
  const lanes = new ShiftLanes(space, evidence);
  const priorOf = logPriorOdds(space, evidence.counts);
  const candidates = lanes.candidates().toSorted((one, other) => lanes.gain(other) - lanes.gain(one));
  const odds = candidates.map((each) => priorOf(space.hypotheses[each]?.place.kind ?? 'none'));
  const alone = candidates.reduce((sum, each, at) => sum + Math.exp((odds[at] ?? 0) + lanes.gain(each)), 0);
  if (!(alone >= QUIET_ODDS)) return { sets: [{ faults: [], posterior: 1 }], nonePosterior: 1 };
  yield;
  const sets: Grown[] = [NONE];
  let beam: readonly Grown[] = [NONE];
  let best = 0;
  for (let size = 1; size <= MAX_FAULTS && beam.length > 0; size += 1) {
    const grown = new Map<string, Grown>();
    let highest = best;
    for (const set of beam) {
      lanes.cover(set.faults);
      candidates.forEach((candidate, at) => {
        if (!lanes.hasOwn(candidate)) return;
        const logWeight = set.logWeight + (odds[at] ?? 0) + lanes.ownGain(candidate);
        if (logWeight < highest - KEEP_WITHIN) return;
        highest = Math.max(highest, logWeight);
        const faults = [...set.faults, candidate];
        const key = faults.toSorted((one, other) => one - other).join();
        grown.set(key, { faults, key, logWeight });
      });
      yield;
    }
    const ranked = [...grown.values()].toSorted((one, other) => other.logWeight - one.logWeight);
    for (const set of ranked) sets.push(set);
    if ((ranked[0]?.logWeight ?? Number.NEGATIVE_INFINITY) < best - GROW_WITHIN) break;
    best = highest;
    beam = ranked.slice(0, BEAM);
  }
  return normalised(
    sets.filter(({ logWeight }) => logWeight > best - KEEP_WITHIN),
    best,
  );
}

function normalised(sets: readonly Grown[], best: number): Posterior {
  const sum = sets.reduce((whole, { logWeight }) => whole + Math.exp(logWeight - best), 0);
  const weighed = sets
    .map(({ faults, logWeight }) => ({ faults, posterior: Math.exp(logWeight - best) / sum }))
    .toSorted((one, other) => other.posterior - one.posterior);
  return { sets: weighed, nonePosterior: weighed.find(({ faults }) => faults.length === 0)?.posterior ?? 0 };
}

/** Figures of each hypothesis: one walk over the paths costs less than one over the paths of each hypothesis. */
class ShiftLanes {
  readonly #space: HypothesisSpace;
  readonly #evidence: ShiftEvidence;
  readonly #gains: Float64Array;
  readonly #shifted: Uint32Array;
  /** What is left of both beside the covered places. */
  readonly #ownGains: Float64Array;
  readonly #ownShifted: Uint32Array;

  constructor(space: HypothesisSpace, evidence: ShiftEvidence) {
    this.#space = space;
    this.#evidence = evidence;
    this.#gains = new Float64Array(space.hypotheses.length);
    this.#shifted = new Uint32Array(space.hypotheses.length);
    space.ofPath.forEach((holders, path) => {
      const logRatio = evidence.logRatios[path] ?? 0;
      if (logRatio === 0) return;
      for (const each of holders) {
        this.#gains[each] = (this.#gains[each] ?? 0) + logRatio;
        if (logRatio > 0) this.#shifted[each] = (this.#shifted[each] ?? 0) + 1;
      }
    });
    this.#ownGains = this.#gains.slice();
    this.#ownShifted = this.#shifted.slice();
  }

  /** Hypotheses that hold a shifted path. */
  candidates(): readonly number[] {
    const found: number[] = [];
    for (let at = 0; at < this.#shifted.length; at += 1) if ((this.#shifted[at] ?? 0) > 0) found.push(at);
    return found;
  }

  /** What all paths of a hypothesis say together. */
  gain(hypothesis: number): number {
    return this.#gains[hypothesis] ?? 0;
  }

  /** Takes the paths of these places as accounted for, until it is called again. */
  cover(faults: readonly number[]): void {
    this.#ownGains.set(this.#gains);
    this.#ownShifted.set(this.#shifted);
    const paths = new Set(faults.flatMap((fault) => this.#space.hypotheses[fault]?.pathIndices ?? []));
    for (const path of paths) {
      const logRatio = this.#evidence.logRatios[path] ?? 0;
      if (logRatio === 0) continue;
      for (const each of this.#space.ofPath[path] ?? []) {
        this.#ownGains[each] = (this.#ownGains[each] ?? 0) - logRatio;
        if (logRatio > 0) this.#ownShifted[each] = (this.#ownShifted[each] ?? 0) - 1;
      }
    }
  }

  /** A hypothesis holds a shifted path that is not accounted for. */
  hasOwn(hypothesis: number): boolean {
    return (this.#ownShifted[hypothesis] ?? 0) > 0;
  }

  /** What its paths say that are not accounted for. */
  ownGain(hypothesis: number): number {
    return this.#ownGains[hypothesis] ?? 0;
  }
}

import type { Steps } from '../steps.ts';
import type { CommonCause } from './common-cause.ts';
import { type FaultSet, type Grown, Growth, noFault } from './fault-growth.ts';
import type { HypothesisSpace } from './hypotheses.ts';
import { CellLikelihood } from './kinds/cell-likelihood.ts';
import { type KindCount, NO_COUNT, type WindowEvents } from './kinds/kind-events.ts';
import { poolAll } from './kinds/pooled.ts';
import { Lanes } from './lanes.ts';
import { oddsAlone } from './lone-odds.ts';
import type { LogPriorOdds } from './place-prior.ts';
import type { SearchGround } from './search-ground.ts';

/** Most faults told apart at once. */
const MAX_FAULTS = 12;
/** Sets that are grown at each size; fewer of larger sets, and where there are many places to add. */
const WIDE_BEAM = 16;
const NARROW_BEAM = 8;
const WIDE_FAULTS = 3;
const MANY_PLACES = 2000;
/** Sets a few e-folds below the best are not grown further, and those far below carry no weight. */
const GROW_WITHIN = 3;
const KEEP_WITHIN = 14;
/** A further fault that could gain less than this is not tried. */
const LEAST_GAIN = -4;
/** Odds of any single place below which nothing is looked into. */
const QUIET_ODDS = 0.5;

/**
 * Weighs sets of places that may be at fault together: none, each alone, and the likeliest pairs, triples and so on, grown
 * from the best smaller sets. The paths of each fault are pooled under one unknown rate of loss, all others under another.
 * Where faults overlap, the paths that both touch count with the first, or under a higher rate of their own, whichever is
 * likelier; and of both orders the likelier stands.
 *
 * @param events - a path without trials in a kind contributes nothing to it.
 * @param causes - what striped pairs say; it counts for a fault that shares no path with an earlier one of its set.
 * @returns every set that carries weight, the likeliest first; never empty. Where all places together, each alone, stay below
 *   half the weight of nothing being wrong, only that: it is what a pass over a healthy fleet finds, at least cost.
 */
export function* searchSteps(
  space: HypothesisSpace,
  events: WindowEvents,
  logOdds: LogPriorOdds,
  causes: readonly CommonCause[] = [],
): Steps<readonly FaultSet[]> {
  const likelihood = new CellLikelihood(events.kinds);
  const total = poolAll(events.options, events.kinds);
  const none = noFault(total, likelihood);
  const lanes = new Lanes(space, events, causes);
  const ground = { events, lanes, likelihood, logOdds };
  yield;
  if (oddsAlone(space, ground, total) < QUIET_ODDS) return [none];
  yield;
  const grow = new Growth(space, ground);
  const sets: FaultSet[] = [none];
  let best = none.logWeight;
  let beam: readonly Grown[] = [none];
  for (let size = 1; size <= MAX_FAULTS && beam.length > 0; size += 1) {
    const grown = new Map<string, Grown>();
    const candidates = size === 1 ? worthTrying(space, ground, none) : worthAdding(space, ground, beam);
    for (const set of beam) {
      for (const next of grow.from(set, candidates, best - KEEP_WITHIN)) {
        const known = grown.get(next.key);
        if (known === undefined || next.logWeight > known.logWeight) grown.set(next.key, next);
      }
      yield;
    }
    const ranked = [...grown.values()].toSorted((one, other) => other.logWeight - one.logWeight);
    for (const set of ranked) sets.push(set);
    const highest = ranked[0]?.logWeight ?? Number.NEGATIVE_INFINITY;
    if (highest < best - GROW_WITHIN) break;
    best = Math.max(best, highest);
    beam = ranked.slice(0, size < WIDE_FAULTS && candidates.length < MANY_PLACES ? WIDE_BEAM : NARROW_BEAM);
  }
  return sets
    .filter(({ logWeight }) => logWeight > best - KEEP_WITHIN)
    .toSorted((one, other) => other.logWeight - one.logWeight);
}

/** Hypotheses with a loss; in a large fleet only those whose losses could at best carry weight, told without weighing them. */
function worthTrying(
  { hypotheses }: HypothesisSpace,
  { lanes, likelihood, logOdds }: SearchGround,
  { rest }: Grown,
): readonly number[] {
  const all = lanes.candidates();
  if (all.length < MANY_PLACES) return all;
  const ratios = [rest, ...rest.others].map((count) => lossRatio(count));
  return all.filter((index) => {
    const logPlace = logOdds(hypotheses[index]?.place.kind ?? 'none') + (lanes.together[index] ?? 0);
    return logPlace + likelihood.gainBound(lanes.of(index), ratios) > -KEEP_WITHIN;
  });
}

/**
 * Hypotheses that could at best gain as much as adding them costs: their whole figures under a fault, against the lowest
 * background of all sets that are grown. In a large fleet few paths are left.
 */
function worthAdding(
  { hypotheses }: HypothesisSpace,
  { lanes, likelihood, logOdds }: SearchGround,
  beam: readonly Grown[],
): readonly number[] {
  const rests = beam.map(({ rest }) => [rest, ...rest.others]);
  const lowestRatios = (rests[0] ?? []).map((_, at) =>
    rests.reduce((low, counts) => Math.min(low, lossRatio(counts[at])), 1),
  );
  return lanes.candidates().filter((index) => {
    const logPlace = logOdds(hypotheses[index]?.place.kind ?? 'none') + (lanes.together[index] ?? 0);
    const own = lanes.of(index);
    if (logPlace + likelihood.gainBound(own, lowestRatios) <= LEAST_GAIN) return false;
    return logPlace + likelihood.mostGain(own, lowestRatios) > LEAST_GAIN;
  });
}

/** Share of trials lost, never quite 0 or 1. */
function lossRatio({ events, trials }: KindCount = NO_COUNT): number {
  return (events + 0.5) / (trials + 1);
}

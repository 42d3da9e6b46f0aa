import type { CommonCause } from './common-cause.ts';
import { pool } from './event-sum.ts';
import { type FaultSet, type Grown, Growth, noFault } from './fault-growth.ts';
import type { HypothesisSpace } from './hypotheses.ts';
import { Lanes, oddsAlone } from './lone-odds.ts';
import { faultLog } from './loss-likelihood.ts';
import type { EventCounts } from './path-evidence.ts';
import type { LogPriorOdds } from './place-prior.ts';

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
 * @param events - one per path of the space, same order; a path without trials contributes nothing.
 * @param causes - what striped pairs say; it counts for a fault that shares no path with an earlier one of its set.
 * @returns every set that carries weight, the likeliest first; never empty. Where all places together, each alone, stay below
 *   half the weight of nothing being wrong, only that: it is what a pass over a healthy fleet finds, at least cost.
 */
export function searchFaults(
  space: HypothesisSpace,
  events: readonly EventCounts[],
  logOdds: LogPriorOdds,
  causes: readonly CommonCause[] = [],
): readonly FaultSet[] {
  const total = pool(events);
  const none = noFault(total);
  const lanes = new Lanes(space, events, causes);
  if (oddsAlone(space, lanes, total, logOdds) < QUIET_ODDS) return [none];
  const grow = new Growth(space, events, lanes, logOdds);
  const sets: FaultSet[] = [none];
  let best = none.logWeight;
  let beam: readonly Grown[] = [none];
  for (let size = 1; size <= MAX_FAULTS && beam.length > 0; size += 1) {
    const grown = new Map<string, Grown>();
    const candidates = size === 1 ? lanes.candidates() : worthAdding(space, lanes, beam, logOdds);
    for (const set of beam) {
      for (const next of grow.from(set, candidates, best - KEEP_WITHIN)) {
        const known = grown.get(next.key);
        if (known === undefined || next.logWeight > known.logWeight) grown.set(next.key, next);
      }
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

/**
 * Hypotheses that could at best gain as much as adding them costs: their whole figures under a fault, against the lowest
 * background of all sets that are grown. In a large fleet few paths are left.
 */
function worthAdding(
  { hypotheses }: HypothesisSpace,
  lanes: Lanes,
  beam: readonly Grown[],
  logOdds: LogPriorOdds,
): readonly number[] {
  const lowestRatio = beam.reduce((low, { rest }) => Math.min(low, lossRatio(rest)), 1);
  const logLost = Math.log(lowestRatio);
  const logKept = Math.log1p(-lowestRatio);
  return lanes.candidates().filter((index) => {
    const own = lanes.of(index);
    const background = (own.events + own.continued) * logLost + (own.trials - own.events) * logKept;
    const logTogether = lanes.together[index] ?? 0;
    return logOdds(hypotheses[index]?.place.kind ?? 'none') + logTogether + faultLog(own) - background > LEAST_GAIN;
  });
}

/** Share of attempts lost, never quite 0 or 1. */
function lossRatio({ continued, events, trials }: EventCounts): number {
  return (events + continued + 0.5) / (trials + continued + 1);
}

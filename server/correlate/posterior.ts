import { finish, type Steps } from '../steps.ts';
import type { CommonCause } from './common-cause.ts';
import type { FaultSet } from './fault-growth.ts';
import { searchSteps } from './fault-search.ts';
import type { HypothesisSpace } from './hypotheses.ts';
import type { WindowEvents } from './kinds/kind-events.ts';
import { logPriorOdds } from './place-prior.ts';

/** Places at fault together with the posterior probability of just these, 0 to 1. */
export type WeighedSet = { readonly faults: readonly number[]; readonly posterior: number };

/**
 * What the figures of one window say of all places together. `sets` sum to 1, the likeliest first; the empty one is that
 * nothing is wrong. Faults are indices into the hypotheses of the space.
 */
export type Posterior = { readonly sets: readonly WeighedSet[]; readonly nonePosterior: number };

/** {@link weighSteps} in one go. */
export function weigh(space: HypothesisSpace, events: WindowEvents, causes: readonly CommonCause[] = []): Posterior {
  return finish(weighSteps(space, events, causes));
}

/**
 * Weighs all places by the figures of one window, several faults at once included.
 *
 * @param events - a path without trials contributes nothing, and a hypothesis left without trials or losses is out of the
 *   question: it cannot be told from `none`.
 * @param causes - what striped pairs of the same window say.
 */
export function* weighSteps(
  space: HypothesisSpace,
  events: WindowEvents,
  causes: readonly CommonCause[] = [],
): Steps<Posterior> {
  return normalised(yield* searchSteps(space, events, logPriorOdds(space, events.options), causes));
}

/** Posterior probability that one of these places is at fault, alone or with others. */
export function massOf({ sets }: Posterior, places: ReadonlySet<number>): number {
  return sets.reduce(
    (sum, { faults, posterior }) => (faults.some((each) => places.has(each)) ? sum + posterior : sum),
    0,
  );
}

/**
 * What is likeliest in the stead of these places: over the sets that hold none of them, the place outside `others` with the
 * most weight, or undefined where most weight is on nothing being there.
 */
export function inStead(
  { sets }: Posterior,
  places: ReadonlySet<number>,
  others: ReadonlySet<number>,
): { readonly hypothesis: number | undefined; readonly posterior: number } {
  const weights = new Map<number | undefined, number>();
  for (const { faults, posterior } of sets) {
    if (faults.some((each) => places.has(each))) continue;
    const own = faults.filter((each) => !others.has(each));
    for (const each of own.length === 0 ? [undefined] : own) weights.set(each, (weights.get(each) ?? 0) + posterior);
  }
  let best: { readonly hypothesis: number | undefined; readonly posterior: number } = {
    hypothesis: undefined,
    posterior: weights.get(undefined) ?? 0,
  };
  for (const [hypothesis, posterior] of weights) if (posterior > best.posterior) best = { hypothesis, posterior };
  return best;
}

function normalised(sets: readonly FaultSet[]): Posterior {
  const highest = sets[0]?.logWeight ?? 0;
  const weights = sets.map(({ logWeight }) => Math.exp(logWeight - highest));
  const sum = weights.reduce((whole, weight) => whole + weight, 0);
  const weighed = sets.map(({ faults }, index) => ({ faults, posterior: (weights[index] ?? 0) / sum }));
  return { sets: weighed, nonePosterior: weighed.find(({ faults }) => faults.length === 0)?.posterior ?? 0 };
}

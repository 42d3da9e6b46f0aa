import type { Hypothesis, HypothesisSpace } from './hypotheses.ts';
import { logBeta } from './log-beta.ts';
import type { EventCounts } from './path-evidence.ts';
import type { Place } from './verdict.ts';

/** Beta prior of loss on healthy paths: mean 0.5 %. */
export const BACKGROUND_PRIOR = { a: 1, b: 200 } as const;
/** Beta prior of loss on paths that suffer from the fault: mean 11 %. */
export const FAULT_PRIOR = { a: 1.5, b: 12 } as const;
/** Prior probability that nothing is wrong. */
export const NONE_PRIOR = 0.9;

/**
 * How the remaining 0.1 is shared: first by kind of place, then evenly within the kind, so that a fleet of a thousand
 * paths does not drown its few providers. A line is a wider path and shares with them; a sick probe mostly abstains, so
 * it weighs least. Kinds without evidence give their share to the others.
 */
const KIND_SHARE = { site: 0.3, provider: 0.3, path: 0.3, probe: 0.1 } as const;
type PriorKind = keyof typeof KIND_SHARE;

/** A hypothesis weighed against the evidence. */
export type WeighedHypothesis = Hypothesis & {
  readonly posterior: number;
  /** Pooled over its paths. */
  readonly events: number;
  readonly trials: number;
};

/** Posterior of each hypothesis, in the order of the space; with `nonePosterior` they sum to 1. */
export type Posterior = { readonly nonePosterior: number; readonly weighed: readonly WeighedHypothesis[] };

/**
 * The single-fault model: loss of the suffering paths S is pooled under one unknown rate, the rest under another.
 *
 *     log P(h|data) = log π(h) + lnB(a0+k̄, b0+n̄−k̄) − lnB(a0,b0) + lnB(a1+k_S, b1+n_S−k_S) − lnB(a1,b1)
 *
 * @param events - one per path of the space, same order; a path without trials contributes nothing, and a hypothesis
 *   left without trials is out of the question (posterior 0): it cannot be told from `none`.
 */
export function weigh(space: HypothesisSpace, events: readonly EventCounts[]): Posterior {
  const total = pool(events);
  const pooled = space.hypotheses.map(({ pathIndices }) => poolAt(events, pathIndices));
  const priors = sharePrior(space, pooled);
  const noneLog = Math.log(priors.none) + backgroundLog(total);
  const logs = pooled.map((inside, index) => {
    const prior = priors.each[index] ?? 0;
    if (prior === 0) return Number.NEGATIVE_INFINITY;
    const outside = { events: total.events - inside.events, trials: total.trials - inside.trials };
    return Math.log(prior) + backgroundLog(outside) + faultLog(inside);
  });
  const highest = logs.reduce((high, log) => Math.max(high, log), noneLog);
  const weights = logs.map((log) => Math.exp(log - highest));
  const noneWeight = Math.exp(noneLog - highest);
  const sum = weights.reduce((whole, weight) => whole + weight, noneWeight);
  return {
    nonePosterior: noneWeight / sum,
    weighed: space.hypotheses.map((hypothesis, index) => ({
      ...hypothesis,
      posterior: (weights[index] ?? 0) / sum,
      events: pooled[index]?.events ?? 0,
      trials: pooled[index]?.trials ?? 0,
    })),
  };
}

function backgroundLog({ events, trials }: EventCounts): number {
  const { a, b } = BACKGROUND_PRIOR;
  return logBeta(a + events, b + trials - events) - logBeta(a, b);
}

function faultLog({ events, trials }: EventCounts): number {
  const { a, b } = FAULT_PRIOR;
  return logBeta(a + events, b + trials - events) - logBeta(a, b);
}

function sharePrior(space: HypothesisSpace, pooled: readonly EventCounts[]) {
  const members: Record<PriorKind, number> = { site: 0, provider: 0, path: 0, probe: 0 };
  const kinds = space.hypotheses.map(({ place }, index) => {
    const kind = (pooled[index]?.trials ?? 0) > 0 ? priorKind(place) : undefined;
    if (kind) members[kind] += 1;
    return kind;
  });
  const share = (kind: PriorKind) => (members[kind] > 0 ? KIND_SHARE[kind] : 0);
  const shared = share('site') + share('provider') + share('path') + share('probe');
  if (shared === 0) return { none: 1, each: kinds.map(() => 0) };
  return {
    none: NONE_PRIOR,
    each: kinds.map((kind) => (kind ? ((1 - NONE_PRIOR) * KIND_SHARE[kind]) / shared / members[kind] : 0)),
  };
}

function priorKind(place: Place): PriorKind | undefined {
  if (place.kind === 'none') return undefined;
  return place.kind === 'line' ? 'path' : place.kind;
}

function pool(events: readonly EventCounts[]): EventCounts {
  let sum = 0;
  let trials = 0;
  for (const count of events) {
    sum += count.events;
    trials += count.trials;
  }
  return { events: sum, trials };
}

function poolAt(events: readonly EventCounts[], indices: readonly number[]): EventCounts {
  let sum = 0;
  let trials = 0;
  for (const index of indices) {
    sum += events[index]?.events ?? 0;
    trials += events[index]?.trials ?? 0;
  }
  return { events: sum, trials };
}

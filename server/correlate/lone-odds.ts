import type { CommonCause } from './common-cause.ts';
import { minus } from './event-sum.ts';
import type { HypothesisSpace } from './hypotheses.ts';
import { backgroundLog, faultLog } from './loss-likelihood.ts';
import type { EventCounts } from './path-evidence.ts';
import type { LogPriorOdds } from './place-prior.ts';
import type { Place } from './verdict.ts';

/** Figures of each hypothesis, in lanes: one walk over the paths costs less than one over the paths of each hypothesis. */
export class Lanes {
  readonly events: Float64Array;
  readonly trials: Float64Array;
  readonly continued: Float64Array;
  /** What pairs of paths add to ln L, see `commonCauses`. */
  readonly together: Float64Array;

  /** @param counts - one per path of the space. */
  constructor({ hypotheses, ofPath }: HypothesisSpace, counts: readonly EventCounts[], causes: readonly CommonCause[]) {
    this.events = new Float64Array(hypotheses.length);
    this.trials = new Float64Array(hypotheses.length);
    this.continued = new Float64Array(hypotheses.length);
    this.together = new Float64Array(hypotheses.length);
    for (const { log, one, other } of causes) {
      const holdOther = ofPath[other] ?? [];
      for (const index of ofPath[one] ?? []) {
        if (holdOther.includes(index)) this.together[index] = (this.together[index] ?? 0) + log;
      }
    }
    for (let path = 0; path < counts.length; path += 1) {
      const count = counts[path];
      const own = ofPath[path];
      if (count === undefined || own === undefined || count.trials === 0) continue;
      for (const index of own) this.trials[index] = (this.trials[index] ?? 0) + count.trials;
      if (count.events === 0) continue;
      for (const index of own) {
        this.events[index] = (this.events[index] ?? 0) + count.events;
        this.continued[index] = (this.continued[index] ?? 0) + count.continued;
      }
    }
  }

  /** Hypotheses that hold a path with a loss: all others only make healthy paths suspect. */
  candidates(): readonly number[] {
    const found: number[] = [];
    for (let index = 0; index < this.events.length; index += 1) if ((this.events[index] ?? 0) > 0) found.push(index);
    return found;
  }

  /** Figures of one hypothesis. */
  of(index: number): EventCounts {
    return {
      events: this.events[index] ?? 0,
      trials: this.trials[index] ?? 0,
      continued: this.continued[index] ?? 0,
    };
  }
}

/**
 * Odds that one of the hypotheses with a loss is at fault alone, against nothing being wrong. Those with the same figures are
 * weighed once.
 *
 * @param total - of all paths.
 */
export function oddsAlone(
  { hypotheses }: HypothesisSpace,
  lanes: Lanes,
  total: EventCounts,
  logOdds: LogPriorOdds,
): number {
  const noneLog = backgroundLog(total);
  const known = new Map<number, number>();
  const priors = new Map<Place['kind'], number>();
  let odds = 0;
  for (const candidate of lanes.candidates()) {
    const kind = hypotheses[candidate]?.place.kind ?? 'none';
    let prior = priors.get(kind);
    if (prior === undefined) {
      prior = Math.exp(logOdds(kind));
      priors.set(kind, prior);
    }
    const key = numberOf(lanes, candidate);
    let ratio = key === undefined ? undefined : known.get(key);
    if (ratio === undefined) {
      const own = lanes.of(candidate);
      ratio = Math.exp(faultLog(own) + backgroundLog(minus(total, own)) - noneLog);
      if (key !== undefined) known.set(key, ratio);
    }
    odds += prior * ratio * Math.exp(lanes.together[candidate] ?? 0);
  }
  return odds;
}

/** A number of its own for each figures that are small; undefined for others. */
function numberOf(lanes: Lanes, index: number): number | undefined {
  const events = lanes.events[index] ?? 0;
  const trials = lanes.trials[index] ?? 0;
  const continued = lanes.continued[index] ?? 0;
  if (events >= 1024 || continued >= 1024 || trials >= 2 ** 30) return undefined;
  return (events * 1024 + continued) * 2 ** 30 + trials;
}

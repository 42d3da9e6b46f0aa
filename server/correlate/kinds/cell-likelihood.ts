import { logSum } from '../loss-likelihood.ts';
import { KIND_MARGINALS, type KindMarginals } from './evidence-kinds.ts';
import { type KindCount, type KindEvents, NO_COUNT } from './kind-events.ts';
import type { Pooled } from './pooled.ts';

const OPTIONS = KIND_MARGINALS.options;

/**
 * Likelihood of pooled figures over all kinds of a window. Each kind has a background rate of its own, and under a fault a rate of
 * its own; within a kind all paths of the fault share one rate, and the kinds multiply.
 *
 * A fault need not show in every kind: a provider's proxy may drop OPTIONS while ICMP passes, and a full queue may drop media
 * alone. So each kind either suffers or goes on with its background, and at least one suffers:
 *
 *     L = [ Π (w·F + (1−w)·U) − Π (1−w)·U ] / [ 1 − Π (1−w) ]
 *
 * over the kinds that have figures of these paths, w the chance that a fault shows in the kind. With OPTIONS alone L = F.
 */
export class CellLikelihood {
  readonly #kinds: readonly KindMarginals[];

  /** @param kinds - other kinds of the window, in its order. */
  constructor(kinds: readonly KindEvents[]) {
    this.#kinds = kinds.map(({ kind }) => KIND_MARGINALS[kind]);
  }

  /** ln L of healthy paths, pooled: in each kind one unknown rate of loss for all of them. */
  background(rest: Pooled): number {
    let log = marginal(OPTIONS.background, rest);
    for (let at = 0; at < this.#kinds.length; at += 1) log += this.#background(at, rest);
    return log;
  }

  /**
   * ln L of the paths that suffer from one fault.
   *
   * @param before - background paths with these among them, and `rest` without them.
   */
  fault(own: Pooled, before: Pooled, rest: Pooled): number {
    const options = marginal(OPTIONS.fault, own) + own.goesOn;
    if (this.#kinds.length === 0) return options;
    let all = 0;
    let hidden = 0;
    let hides = 0;
    const take = ({ logHides, logShows }: KindMarginals, suffers: number, isSpared: number) => {
      all += logSum(logShows + suffers, logHides + isSpared);
      hidden += logHides + isSpared;
      hides += logHides;
    };
    if (own.trials > 0) {
      take(OPTIONS, options, marginal(OPTIONS.background, before) - marginal(OPTIONS.background, rest));
    }
    this.#kinds.forEach((kind, at) => {
      const count = own.others[at] ?? NO_COUNT;
      if (count.trials === 0) return;
      take(kind, marginal(kind.fault, count), this.#background(at, before) - this.#background(at, rest));
    });
    return hides === 0 ? 0 : logLess(all, hidden) - logLess(0, hides);
  }

  /** The most that adding a fault could gain over background at these rates of loss: no kind hides it. */
  mostGain(own: Pooled, lossRatios: readonly number[]): number {
    let gain = marginal(OPTIONS.fault, own) + own.goesOn - plainLog(own, lossRatios[0] ?? 0.5);
    this.#kinds.forEach((kind, at) => {
      const count = own.others[at] ?? NO_COUNT;
      gain += Math.max(0, marginal(kind.fault, count) - plainLog(count, lossRatios[at + 1] ?? 0.5));
    });
    return this.#kinds.length === 0 ? gain : Math.max(0, gain);
  }

  /** A bound of {@link mostGain} that costs no marginal: as if the fault made sure of every loss. */
  gainBound({ events, goesOn, others, trials }: Pooled, lossRatios: readonly number[]): number {
    let bound = Math.max(0, goesOn) - plainLog({ events, trials }, lossRatios[0] ?? 0.5);
    for (let at = 0; at < others.length; at += 1) bound -= plainLog(others[at] ?? NO_COUNT, lossRatios[at + 1] ?? 0.5);
    return bound;
  }

  #background(at: number, { others }: Pooled): number {
    const kind = this.#kinds[at];
    return kind ? marginal(kind.background, others[at] ?? NO_COUNT) : 0;
  }
}

/** ln L of the paths of one fault that OPTIONS alone tells of, beside what their runs add. */
export function optionsFaultLog(count: KindCount): number {
  return marginal(OPTIONS.fault, count);
}

function marginal(beta: KindMarginals['fault'], { events, trials }: KindCount): number {
  return beta.log(events, trials - events);
}

function plainLog({ events, trials }: KindCount, ratio: number): number {
  return events * Math.log(ratio) + (trials - events) * Math.log1p(-ratio);
}

/** ln(eˣ − eʸ) for x > y; −∞ where rounding leaves nothing. */
function logLess(x: number, y: number): number {
  return x > y ? x + Math.log(-Math.expm1(y - x)) : Number.NEGATIVE_INFINITY;
}

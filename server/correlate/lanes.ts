import type { CommonCause } from './common-cause.ts';
import type { HypothesisSpace } from './hypotheses.ts';
import type { KindCount, WindowEvents } from './kinds/kind-events.ts';
import type { Pooled } from './kinds/pooled.ts';
import { goesOnLog } from './loss-likelihood.ts';

/** Figures of one kind by hypothesis. */
type KindLane = { readonly events: Float64Array; readonly trials: Float64Array };

const NO_OTHERS: readonly KindCount[] = [];

/** Figures of each hypothesis, in lanes: one walk over the paths costs less than one over the paths of each hypothesis. */
export class Lanes {
  readonly #options: KindLane;
  readonly #goesOn: Float64Array;
  readonly #others: readonly KindLane[];
  /** What pairs of paths add to ln L, see `commonCauses`. */
  readonly together: Float64Array;

  constructor({ hypotheses, ofPath }: HypothesisSpace, events: WindowEvents, causes: readonly CommonCause[]) {
    const { length } = hypotheses;
    this.#options = laneOf(length);
    this.#goesOn = new Float64Array(length);
    this.#others = events.kinds.map(() => laneOf(length));
    this.together = new Float64Array(length);
    for (const { log, one, other } of causes) {
      const holdOther = ofPath[other] ?? [];
      for (const index of ofPath[one] ?? []) {
        if (holdOther.includes(index)) this.together[index] = (this.together[index] ?? 0) + log;
      }
    }
    for (let path = 0; path < events.options.length; path += 1) {
      const count = events.options[path];
      const own = ofPath[path];
      if (count === undefined || own === undefined || count.trials === 0) continue;
      note(this.#options, own, count);
      if (count.events === 0) continue;
      const goesOn = goesOnLog(count);
      for (const index of own) this.#goesOn[index] = (this.#goesOn[index] ?? 0) + goesOn;
    }
    events.kinds.forEach((kind, at) => {
      const lane = this.#others[at];
      if (lane) for (const [path, count] of kind.ofPath) note(lane, ofPath[path] ?? [], count);
    });
  }

  /** Hypotheses that hold a path with a loss in any kind: all others only make healthy paths suspect. */
  candidates(): readonly number[] {
    const lanes = [this.#options, ...this.#others];
    const found: number[] = [];
    for (let index = 0; index < this.together.length; index += 1) {
      if (lanes.some(({ events }) => (events[index] ?? 0) > 0)) found.push(index);
    }
    return found;
  }

  /** Figures of one hypothesis. */
  of(index: number): Pooled {
    return {
      ...read(this.#options, index),
      goesOn: this.#goesOn[index] ?? 0,
      others: this.#others.length === 0 ? NO_OTHERS : this.#others.map((lane) => read(lane, index)),
    };
  }
}

function laneOf(length: number): KindLane {
  return { events: new Float64Array(length), trials: new Float64Array(length) };
}

function note({ events, trials }: KindLane, hypotheses: readonly number[], count: KindCount): void {
  for (const index of hypotheses) trials[index] = (trials[index] ?? 0) + count.trials;
  if (count.events === 0) return;
  for (const index of hypotheses) events[index] = (events[index] ?? 0) + count.events;
}

function read({ events, trials }: KindLane, index: number): KindCount {
  return { events: events[index] ?? 0, trials: trials[index] ?? 0 };
}

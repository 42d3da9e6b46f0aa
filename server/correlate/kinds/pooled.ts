import { goesOnLog } from '../loss-likelihood.ts';
import type { EventCounts } from '../path-evidence.ts';
import { type KindCount, type KindEvents, NO_COUNT } from './kind-events.ts';

/** Figures of some paths together. `events` and `trials` are those of OPTIONS. */
export type Pooled = KindCount & {
  /** What the runs of these paths add to ln L of a fault, see `goesOnLog`. */
  readonly goesOn: number;
  /** One for each other kind that the window has, in its order. */
  readonly others: readonly KindCount[];
};

const NO_OTHERS: readonly KindCount[] = [];

/** Figures that grow, path by path. */
export class PooledSum {
  readonly #kinds: readonly KindEvents[];
  readonly #others: { events: number; trials: number }[] | undefined;
  events = 0;
  trials = 0;
  #goesOn = 0;

  /** @param kinds - other kinds of the window. */
  constructor(kinds: readonly KindEvents[]) {
    this.#kinds = kinds;
    this.#others = kinds.length === 0 ? undefined : kinds.map(() => ({ events: 0, trials: 0 }));
  }

  /** Adds the figures of a path: its OPTIONS, and what other kinds tell of it. */
  add(path: number, options: EventCounts): void {
    this.events += options.events;
    this.trials += options.trials;
    this.#goesOn += goesOnLog(options);
    this.#others?.forEach((sum, at) => {
      const count = this.#kinds[at]?.ofPath.get(path);
      if (count === undefined) return;
      sum.events += count.events;
      sum.trials += count.trials;
    });
  }

  /** The figures as they are now. */
  taken(): Pooled {
    const { events, trials } = this;
    return { events, trials, goesOn: this.#goesOn, others: this.#others?.map((sum) => ({ ...sum })) ?? NO_OTHERS };
  }
}

/** Figures of a whole without those of a part of it. Never below 0 by rounding. */
export function minus(whole: Pooled, part: Pooled): Pooled {
  return {
    events: whole.events - part.events,
    trials: whole.trials - part.trials,
    goesOn: whole.goesOn - part.goesOn,
    others:
      whole.others.length === 0 ? NO_OTHERS : whole.others.map((each, at) => lessOf(each, part.others[at] ?? NO_COUNT)),
  };
}

function lessOf(whole: KindCount, part: KindCount): KindCount {
  const events = Math.max(0, whole.events - part.events);
  return { events, trials: Math.max(events, whole.trials - part.trials) };
}

/** A cell that takes over the OPTIONS of some paths; what other kinds tell of these stays where it was. */
export function withOptionsOf(cell: Pooled, { events, goesOn, trials }: Pooled): Pooled {
  return { ...cell, events: cell.events + events, trials: cell.trials + trials, goesOn: cell.goesOn + goesOn };
}

/** Figures of all paths together. */
export function poolAll(options: readonly EventCounts[], kinds: readonly KindEvents[]): Pooled {
  const sum = new PooledSum(kinds);
  options.forEach((count, path) => {
    sum.add(path, count);
  });
  return sum.taken();
}

/** Events of all kinds. */
export function eventsIn({ events, others }: Pooled): number {
  return others.reduce((sum, other) => sum + other.events, events);
}

import type { EventCounts } from './path-evidence.ts';

/** Figures that grow. */
export class EventSum implements EventCounts {
  events = 0;
  trials = 0;
  continued = 0;

  /** Adds the figures of a path. */
  add(count: EventCounts): void {
    this.events += count.events;
    this.trials += count.trials;
    this.continued += count.continued;
  }

  /** The figures as they are now. */
  taken(): EventCounts {
    return { events: this.events, trials: this.trials, continued: this.continued };
  }
}

/** Figures of a whole without those of a part of it. */
export function minus(whole: EventCounts, part: EventCounts): EventCounts {
  return {
    events: whole.events - part.events,
    trials: whole.trials - part.trials,
    continued: whole.continued - part.continued,
  };
}

/** Figures of all paths together. */
export function pool(counts: readonly EventCounts[]): EventCounts {
  const sum = new EventSum();
  for (const count of counts) sum.add(count);
  return sum;
}

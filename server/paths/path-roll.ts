import type { Steps } from '../steps.ts';
import { type PathCensus, PathCounter } from './path-census.ts';
import type { PathEntry } from './path-entry.ts';
import type { PathHealth } from './path-health.ts';
import type { RefreshedPath } from './path-refresh.ts';
import type { ProbeEntry } from './probe-entry.ts';
import { WatchedPath } from './watched-path.ts';

/** Paths walked over before others get a turn. */
const STEP_PATHS = 2000;

/**
 * Every path that was ever refreshed, in an order that stays while none is declared or dropped, and how they stand, counted. A
 * refresh changes only what it read: no pass walks over the whole fleet. Mutable; owned by the path table.
 */
export class PathRoll {
  readonly #probes: ReadonlyMap<string, ProbeEntry>;
  readonly #watchedOf = new WeakMap<PathEntry, WatchedPath>();
  #watched: readonly WatchedPath[] = [];
  #healths: readonly PathHealth[] = [];
  #counter = new PathCounter();
  #isStale = true;
  #declarations = 0;

  constructor(probes: ReadonlyMap<string, ProbeEntry>) {
    this.#probes = probes;
  }

  /** Paths were declared or dropped: the order is made anew at the next refresh. */
  redeclared(): void {
    this.#isStale = true;
    this.#declarations += 1;
  }

  /** Takes what a refresh has read, which is on the entries by now, in steps; what is declared between them is for the next. */
  *take(read: readonly RefreshedPath[]): Steps<void> {
    if (this.#isStale || read.some(({ entry }) => entry.place === undefined)) {
      yield* this.#build();
      return;
    }
    const healths = [...this.#healths];
    for (const [at, { after, entry }] of read.entries()) {
      if (at % STEP_PATHS === STEP_PATHS - 1) yield;
      if (entry.place === undefined) continue;
      this.#counter.replace(healths[entry.place], after);
      healths[entry.place] = after;
    }
    this.#healths = healths;
  }

  /** The paths themselves; the same array while the order stays. */
  get watched(): readonly WatchedPath[] {
    return this.#watched;
  }

  /** Health of each as it was last refreshed; never changed afterwards. */
  get healths(): readonly PathHealth[] {
    return this.#healths;
  }

  /** How they stand. */
  get census(): PathCensus {
    return this.#counter.census();
  }

  *#build(): Steps<void> {
    const declarations = this.#declarations;
    const watched: WatchedPath[] = [];
    const healths: PathHealth[] = [];
    const counter = new PathCounter();
    let count = 0;
    for (const { paths } of this.#probes.values()) {
      for (const entry of paths.values()) {
        entry.place = entry.health ? watched.length : undefined;
        if (!entry.health) continue;
        watched.push(this.#watch(entry));
        healths.push(entry.health);
        counter.replace(undefined, entry.health);
      }
      count += paths.size;
      if (count < STEP_PATHS) continue;
      count = 0;
      yield;
    }
    this.#watched = watched;
    this.#healths = healths;
    this.#counter = counter;
    this.#isStale = this.#declarations !== declarations;
  }

  #watch(entry: PathEntry): WatchedPath {
    const known = this.#watchedOf.get(entry);
    if (known) return known;
    const path = new WatchedPath(entry);
    this.#watchedOf.set(entry, path);
    return path;
  }
}

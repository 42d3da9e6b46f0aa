import { type PathCensus, PathCounter } from './path-census.ts';
import type { PathEntry } from './path-entry.ts';
import type { PathHealth } from './path-health.ts';
import type { RefreshedPath } from './path-refresh.ts';
import type { ProbeEntry } from './probe-entry.ts';
import { WatchedPath } from './watched-path.ts';

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

  constructor(probes: ReadonlyMap<string, ProbeEntry>) {
    this.#probes = probes;
  }

  /** Paths were declared or dropped: the order is made anew when it is next asked for. */
  redeclared(): void {
    this.#isStale = true;
  }

  /** Takes what a refresh has read, which is on the entries by now. */
  take(read: readonly RefreshedPath[]): void {
    if (this.#isStale) return;
    const healths = [...this.#healths];
    for (const { entry } of read) {
      if (entry.place === undefined || !entry.health) {
        this.#isStale = true;
        return;
      }
      this.#counter.replace(healths[entry.place], entry.health);
      healths[entry.place] = entry.health;
    }
    this.#healths = healths;
  }

  /** The paths themselves; the same array while the order stays. */
  get watched(): readonly WatchedPath[] {
    this.#build();
    return this.#watched;
  }

  /** Health of each as it was last refreshed; never changed afterwards. */
  get healths(): readonly PathHealth[] {
    this.#build();
    return this.#healths;
  }

  /** How they stand. */
  get census(): PathCensus {
    this.#build();
    return this.#counter.census();
  }

  #build(): void {
    if (!this.#isStale) return;
    const watched: WatchedPath[] = [];
    const healths: PathHealth[] = [];
    this.#counter = new PathCounter();
    for (const { paths } of this.#probes.values()) {
      for (const entry of paths.values()) {
        entry.place = entry.health ? watched.length : undefined;
        if (!entry.health) continue;
        watched.push(this.#watch(entry));
        healths.push(entry.health);
        this.#counter.replace(undefined, entry.health);
      }
    }
    this.#watched = watched;
    this.#healths = healths;
    this.#isStale = false;
  }

  #watch(entry: PathEntry): WatchedPath {
    const known = this.#watchedOf.get(entry);
    if (known) return known;
    const path = new WatchedPath(entry);
    this.#watchedOf.set(entry, path);
    return path;
  }
}

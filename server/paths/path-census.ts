import type { HealthState, PathHealth } from './path-health.ts';

/** How the paths of the fleet stand, counted. */
export type PathCensus = {
  readonly byState: ReadonlyMap<HealthState, number>;
  /** PBXs of which a path abstains, for their instrument is sick. */
  readonly sickPbxes: ReadonlySet<string>;
};

/** Counts paths one by one as they change, so that nobody has to walk over all of them. Mutable. */
export class PathCounter {
  readonly #byState = new Map<HealthState, number>();
  readonly #abstaining = new Map<string, number>();

  /** A path is now as told; undefined where it was not, or is no more. */
  replace(before: PathHealth | undefined, after: PathHealth | undefined): void {
    if (before?.state !== after?.state) {
      if (before) shift(this.#byState, before.state, -1);
      if (after) shift(this.#byState, after.state, 1);
    }
    if (before?.isAbstaining === true) shift(this.#abstaining, before.ref.pbx, -1);
    if (after?.isAbstaining === true) shift(this.#abstaining, after.ref.pbx, 1);
  }

  /** The count as of now; later changes are not in it. */
  census(): PathCensus {
    return { byState: new Map(this.#byState), sickPbxes: new Set(this.#abstaining.keys()) };
  }
}

/** Counts all paths at once. */
export function censusOf(healths: Iterable<PathHealth>): PathCensus {
  const counter = new PathCounter();
  for (const health of healths) counter.replace(undefined, health);
  return counter.census();
}

function shift<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

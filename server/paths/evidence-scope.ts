import type { Steps } from '../steps.ts';
import type { RefreshedPath } from './path-refresh.ts';
import type { WatchedPath } from './watched-path.ts';

/** Paths looked at before others get a turn. */
const STEP_PATHS = 5000;

/**
 * Leaves out the paths that bear no evidence of their own: those that others of their site are asked for, in a large fleet
 * nearly all, and those never measured yet. Lines between sites still show, for of the paths that join two sites several are
 * always asked. Walks over all paths only when another is to be shown. Mutable; owned by the path table.
 */
export class EvidenceScope {
  #paths: readonly WatchedPath[] | undefined;
  #scope: readonly WatchedPath[] = [];
  #places: number[] = [];
  /** Something is shown only for a verdict that is open. */
  #isHolding = false;

  /** Takes what a refresh has read. */
  take(read: readonly RefreshedPath[]): void {
    for (const { entry } of read) if (entry.place !== undefined) this.#places.push(entry.place);
  }

  /**
   * Finds those to be shown, in steps.
   *
   * @param paths - every path, the same array while their order stays; each notes whether it is shown.
   * @param isAnyOpen - a verdict is open and may be speaking of any path that was shown: those stay.
   * @returns the same array while it stays so.
   */
  *steps(paths: readonly WatchedPath[], isAnyOpen: boolean): Steps<readonly WatchedPath[]> {
    const places = this.#places;
    this.#places = [];
    const isOther = (at: number): boolean => {
      const path = paths[at];
      if (!path) return true;
      const isMeasured = bearsEvidence(path);
      if (!isMeasured && path.isShown) this.#isHolding = true;
      return isMeasured !== path.isShown && (isMeasured || !isAnyOpen);
    };
    const isSame = paths === this.#paths && !places.some(isOther) && (isAnyOpen || !this.#isHolding);
    return isSame ? this.#scope : yield* this.#look(paths, isAnyOpen);
  }

  *#look(paths: readonly WatchedPath[], isAnyOpen: boolean): Steps<readonly WatchedPath[]> {
    const scope: WatchedPath[] = [];
    this.#isHolding = false;
    for (const [at, path] of paths.entries()) {
      if (at % STEP_PATHS === 0) yield;
      const isMeasured = bearsEvidence(path);
      path.isShown = isMeasured || (isAnyOpen && path.isShown);
      if (path.isShown) scope.push(path);
      if (path.isShown && !isMeasured) this.#isHolding = true;
    }
    this.#paths = paths;
    this.#scope = scope;
    return scope;
  }
}

function bearsEvidence({ health: { inheritedFrom, lastSampleAtMs } }: WatchedPath): boolean {
  return inheritedFrom === undefined && lastSampleAtMs !== undefined;
}

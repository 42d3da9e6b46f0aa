import type { WatchedPath } from './watched-path.ts';

/**
 * Leaves out the paths that bear no evidence of their own: those that others of their site are asked for, in a large fleet
 * nearly all, and those never measured yet. Lines between sites still show, for of the paths that join two sites several are
 * always asked.
 *
 * @param paths - every path, in an order that stays; each notes whether it is shown.
 * @param isAnyOpen - a verdict is open and may be speaking of any path that was shown: those stay.
 */
export function evidenceScope(paths: readonly WatchedPath[], isAnyOpen: boolean): readonly WatchedPath[] {
  const scope: WatchedPath[] = [];
  for (const path of paths) {
    const { inheritedFrom, lastSampleAtMs } = path.health;
    const isMeasured = inheritedFrom === undefined && lastSampleAtMs !== undefined;
    path.isShown = isMeasured || (isAnyOpen && path.isShown);
    if (path.isShown) scope.push(path);
  }
  return scope;
}

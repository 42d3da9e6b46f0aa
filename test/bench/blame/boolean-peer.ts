import type { HypothesisSpace } from '../../../server/correlate/hypotheses.ts';
import type { LossCounts } from '../../../server/paths/second-counts.ts';

/** A path with more loss than this is bad to both peers. */
const THRESHOLD_RATIO = 0.03;

/** The rule of monitors that judge each path by itself: indices of the paths above 3 % loss. */
export function badPaths(counts: readonly LossCounts[]): readonly number[] {
  return counts.flatMap(({ sent, lost }, path) => (lost > sent * THRESHOLD_RATIO ? [path] : []));
}

/**
 * Plain Boolean tomography: the fewest places, and of those the ones with the fewest paths, that together cover all bad paths;
 * at most `mostFaults` of them. It has no probe among its places.
 *
 * @returns every smallest set; none where no path is bad or nothing covers them all.
 */
export function smallestCovers(
  space: HypothesisSpace,
  bad: readonly number[],
  mostFaults: 1 | 2,
): readonly (readonly number[])[] {
  if (bad.length === 0) return [];
  const touching = new Set(bad.flatMap((path) => space.ofPath[path] ?? []));
  const places = [...touching].filter((index) => space.hypotheses[index]?.place.kind !== 'probe');
  const singles = places.filter((place) => isCovered(space, bad, [place])).map((place) => [place]);
  const covers = singles.length > 0 || mostFaults === 1 ? singles : pairsThatCover(space, bad, places);
  const size = (cover: readonly number[]) => cover.reduce((sum, each) => sum + pathsOf(space, each).length, 0);
  const least = Math.min(...covers.map(size));
  return covers.filter((cover) => size(cover) === least);
}

function pairsThatCover(space: HypothesisSpace, bad: readonly number[], places: readonly number[]) {
  const first = bad[0] ?? 0;
  const covering = (space.ofPath[first] ?? []).filter((place) => places.includes(place));
  return covering.flatMap((one) =>
    places.filter((other) => other !== one && isCovered(space, bad, [one, other])).map((other) => [one, other]),
  );
}

function isCovered(space: HypothesisSpace, bad: readonly number[], places: readonly number[]): boolean {
  return bad.every((path) => places.some((place) => pathsOf(space, place).includes(path)));
}

function pathsOf(space: HypothesisSpace, place: number): readonly number[] {
  return space.hypotheses[place]?.pathIndices ?? [];
}

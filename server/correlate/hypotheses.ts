import type { PathRef } from '../paths/path-health.ts';
import { placeKey } from './places.ts';
import type { Place } from './verdict.ts';

/** One place that may be at fault and the paths that would suffer, as ascending indices into the list of paths. */
export type Hypothesis = { readonly place: Place; readonly pathIndices: readonly number[] };

/** All hypotheses over a list of paths, `none` left out: it affects no path. Built once per change of the list. */
export type HypothesisSpace = {
  readonly refs: readonly PathRef[];
  readonly hypotheses: readonly Hypothesis[];
  /** For each path, the hypotheses that hold it: indices into `hypotheses`. */
  readonly ofPath: readonly (readonly number[])[];
};

/**
 * Builds every hypothesis in one walk over the paths: each site (a path that starts or ends there), provider, probe (what
 * that PBX measures itself, not what others measure of it), path (for peers both directions are one), and line where
 * several pairs of PBXs join the same two sites.
 *
 * @param refs - kept, not copied; keys unique.
 */
export function buildHypotheses(refs: readonly PathRef[]): HypothesisSpace {
  const gathered = new Map<string, { readonly place: Place; readonly pathIndices: number[] }>();
  const lines = joinedSites(refs);
  const keys = new Set(refs.map(({ key }) => key));
  refs.forEach((ref, index) => {
    for (const place of placesOf(ref, lines, keys)) {
      const key = placeKey(place);
      const found = gathered.get(key);
      if (found) found.pathIndices.push(index);
      else gathered.set(key, { place, pathIndices: [index] });
    }
  });
  const hypotheses = [...gathered.values()];
  const ofPath = refs.map((): number[] => []);
  hypotheses.forEach(({ pathIndices }, index) => {
    for (const pathIndex of pathIndices) ofPath[pathIndex]?.push(index);
  });
  return { refs, hypotheses, ofPath };
}

/** True when the space was built over exactly these paths, in this order. */
export function isBuiltOver(space: HypothesisSpace, refs: readonly PathRef[]): boolean {
  return space.refs.length === refs.length && space.refs.every((ref, index) => isSameRef(ref, refs[index]));
}

/**
 * Groups hypotheses that no evidence can tell apart: those with the same paths once paths without evidence are left out.
 * Hypotheses left without any path are in no group.
 *
 * @param hasEvidence - asked once per path and hypothesis.
 * @returns groups of indices into `space.hypotheses`, singletons included.
 */
export function ambiguityGroups(
  space: HypothesisSpace,
  hasEvidence: (pathIndex: number) => boolean,
): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  space.hypotheses.forEach(({ pathIndices }, index) => {
    const key = pathIndices.filter(hasEvidence).join();
    if (key === '') return;
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  });
  return [...groups.values()];
}

/** Sites that a path touches: its own, and the peer's when it leads to one. */
export function sitesOf(ref: PathRef): readonly string[] {
  return ref.end.kind === 'peer' && ref.end.site !== ref.site ? [ref.site, ref.end.site] : [ref.site];
}

function placesOf(ref: PathRef, lines: ReadonlySet<string>, keys: ReadonlySet<string>): readonly Place[] {
  const places: Place[] = sitesOf(ref).map((site) => ({ kind: 'site', site }));
  places.push({ kind: 'probe', pbx: ref.pbx });
  if (ref.end.kind === 'trunk') {
    places.push({ kind: 'provider', provider: ref.end.provider }, { kind: 'path', pbx: ref.pbx, target: ref.target });
    return places;
  }
  places.push(pairOf(ref, ref.end.pbx, keys));
  const sites = orderedPair(ref.site, ref.end.site);
  if (lines.has(sites.join())) places.push({ kind: 'line', sites });
  return places;
}

/** Both directions between two PBXs go by the name of the one from the PBX that sorts first, when it is measured. */
function pairOf(ref: PathRef, peer: string, keys: ReadonlySet<string>): Place {
  const backTarget = `peer.${ref.pbx}`;
  return peer < ref.pbx && keys.has(`${peer}>${backTarget}`)
    ? { kind: 'path', pbx: peer, target: backTarget }
    : { kind: 'path', pbx: ref.pbx, target: ref.target };
}

function joinedSites(refs: readonly PathRef[]): ReadonlySet<string> {
  const pairs = new Map<string, Set<string>>();
  for (const ref of refs) {
    if (ref.end.kind !== 'peer' || ref.end.site === ref.site) continue;
    const sites = orderedPair(ref.site, ref.end.site).join();
    const found = pairs.get(sites) ?? new Set<string>();
    found.add(orderedPair(ref.pbx, ref.end.pbx).join());
    pairs.set(sites, found);
  }
  return new Set([...pairs].filter(([, found]) => found.size > 1).map(([sites]) => sites));
}

function orderedPair(one: string, other: string): readonly [string, string] {
  return one < other ? [one, other] : [other, one];
}

function isSameRef(one: PathRef, other: PathRef | undefined): boolean {
  if (one === other) return true;
  if (other === undefined || one.key !== other.key || one.site !== other.site || one.end.kind !== other.end.kind) {
    return false;
  }
  return endKey(one) === endKey(other);
}

function endKey({ end }: PathRef): string {
  return end.kind === 'trunk' ? `${end.provider}/${end.trunk}/${end.edge}` : `${end.site}/${end.pbx}`;
}

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
  /** How many hypotheses there are of each kind of place. */
  readonly countOfKind: ReadonlyMap<Place['kind'], number>;
};

/**
 * Builds every hypothesis in one walk over the paths: each site (a path that starts or ends there), provider, probe (what
 * that PBX measures itself, not what others measure of it) and path (for peers both directions are one). Only where they
 * differ from these by their paths: line, where several pairs of PBXs join the same two sites; edge, where a provider has
 * several; host (a path that starts or ends at that PBX), where a site has several PBXs.
 *
 * @param refs - kept, not copied; keys unique.
 */
export function buildHypotheses(refs: readonly PathRef[]): HypothesisSpace {
  const gathered = new Map<string, { readonly place: Place; readonly pathIndices: number[] }>();
  const fleet = surveyed(refs);
  refs.forEach((ref, index) => {
    for (const place of placesOf(ref, fleet)) {
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
  const countOfKind = new Map<Place['kind'], number>();
  for (const { place } of hypotheses) countOfKind.set(place.kind, (countOfKind.get(place.kind) ?? 0) + 1);
  return { refs, hypotheses, ofPath, countOfKind };
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

/** What the paths together tell of the fleet. */
type Survey = {
  readonly keys: ReadonlySet<string>;
  /** Pairs of sites that several pairs of PBXs join. */
  readonly lines: ReadonlySet<string>;
  /** Providers with several edges. */
  readonly manyEdged: ReadonlySet<string>;
  /** Sites with several PBXs. */
  readonly manyHosted: ReadonlySet<string>;
};

function surveyed(refs: readonly PathRef[]): Survey {
  const edges = new Map<string, Set<string>>();
  const hosts = new Map<string, Set<string>>();
  for (const { end, pbx, site } of refs) {
    note(hosts, site, pbx);
    if (end.kind === 'peer') note(hosts, end.site, end.pbx);
    else note(edges, end.provider, edgeName(end));
  }
  const keys = new Set(refs.map(({ key }) => key));
  return { keys, lines: joinedSites(refs), manyEdged: withSeveral(edges), manyHosted: withSeveral(hosts) };
}

function placesOf(ref: PathRef, fleet: Survey): readonly Place[] {
  const { end, pbx, site, target } = ref;
  const places: Place[] = sitesOf(ref).map((each) => ({ kind: 'site', site: each }));
  places.push({ kind: 'probe', pbx });
  if (fleet.manyHosted.has(site)) places.push({ kind: 'host', pbx });
  if (end.kind === 'trunk') {
    const { edge, provider, trunk } = end;
    places.push({ kind: 'provider', provider }, { kind: 'path', pbx, target });
    if (fleet.manyEdged.has(provider)) places.push({ kind: 'edge', provider, trunk, edge });
    return places;
  }
  if (fleet.manyHosted.has(end.site)) places.push({ kind: 'host', pbx: end.pbx });
  places.push(pairOf(ref, end.pbx, fleet.keys));
  const sites = orderedPair(site, end.site);
  if (fleet.lines.has(sites.join())) places.push({ kind: 'line', sites });
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
    note(pairs, orderedPair(ref.site, ref.end.site).join(), orderedPair(ref.pbx, ref.end.pbx).join());
  }
  return withSeveral(pairs);
}

function note(groups: Map<string, Set<string>>, group: string, member: string): void {
  const found = groups.get(group);
  if (found) found.add(member);
  else groups.set(group, new Set([member]));
}

function withSeveral(groups: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  return new Set([...groups].flatMap(([group, members]) => (members.size > 1 ? [group] : [])));
}

function edgeName({ edge, trunk }: { readonly trunk: string; readonly edge: string }): string {
  return `${trunk}/${edge}`;
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

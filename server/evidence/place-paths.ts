import type { PathRef } from '../paths/path-health.ts';

/** A place as a verdict of any version holds it; the members that its kind has. */
export type AnyPlace = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** What tells where a path lies. */
export type PathFacts = {
  readonly pathKey: string;
  readonly pbx: string;
  readonly site: string;
  readonly target: string;
  readonly provider?: string;
  readonly trunk?: string;
  readonly edge?: string;
  readonly peer?: string;
  readonly peerSite?: string;
};

/** Facts of a declared path. */
export function factsOf({ end, key, pbx, site, target }: PathRef): PathFacts {
  const shared = { pathKey: key, pbx, site, target };
  return end.kind === 'peer'
    ? { ...shared, peer: end.pbx, peerSite: end.site }
    : { ...shared, provider: end.provider, trunk: end.trunk, edge: end.edge };
}

/**
 * Whether a path would suffer if the place were at fault; a path between two PBXs belongs to the sites of both, and both of its
 * directions are one path.
 *
 * @returns undefined for a kind of place that is not known here: then only the verdict's own counts tell.
 */
export function isOfPlace(place: AnyPlace, facts: PathFacts): boolean | undefined {
  switch (place.kind) {
    case 'none':
      return true;
    case 'site':
      return facts.site === place['site'] || facts.peerSite === place['site'];
    case 'provider':
      return facts.provider === place['provider'];
    case 'edge':
      return facts.trunk === place['trunk'] && facts.edge === place['edge'];
    case 'host':
      return facts.pbx === place['pbx'] || facts.peer === place['pbx'];
    case 'probe':
      return facts.pbx === place['pbx'];
    case 'path':
      return (
        (facts.pbx === place['pbx'] && facts.target === place['target']) ||
        (facts.peer === place['pbx'] && place['target'] === `peer.${facts.pbx}`)
      );
    case 'line': {
      const sites = Array.isArray(place['sites']) ? place['sites'] : [];
      const isBetween = facts.peerSite !== undefined && facts.peerSite !== facts.site;
      return isBetween && sites.includes(facts.site) && sites.includes(facts.peerSite);
    }
    default:
      return undefined;
  }
}

import type { PathRef } from '../paths/path-health.ts';
import { placeKey } from './places.ts';
import type { Place, Verdict } from './verdict.ts';

/** What a trouble at some places touches: PBXs with a path there, and for each (PBX, trunk) the edges; undefined: all of the trunk's. */
export type Touched = {
  readonly pbxes: ReadonlySet<string>;
  readonly sites: ReadonlySet<string>;
  readonly trunks: ReadonlySet<string>;
  /** Those of the PBXs that have a touched trunk. */
  readonly callers: ReadonlySet<string>;
  /** By `PBX>TRUNK`. */
  readonly edges: ReadonlyMap<string, ReadonlySet<string>>;
  /** Trunks of a PBX of which other edges are not touched. */
  readonly partly: ReadonlySet<string>;
};

/** A place without a path. */
export const NOTHING_TOUCHED: Touched = {
  pbxes: new Set(),
  sites: new Set(),
  trunks: new Set(),
  callers: new Set(),
  edges: new Map(),
  partly: new Set(),
};

/** Declared paths: of one PBX, or of all; `version` is another with every declaration that changes them. */
export type DeclaredRefs = {
  readonly version: number;
  readonly of: (pbx: string) => readonly PathRef[];
  readonly all: () => Iterable<PathRef>;
};

/** Places that a verdict speaks of, as one text. */
export function placesKey({ group, place }: Pick<Verdict, 'group' | 'place'>): string {
  return [place, ...group].map(placeKey).join(' ');
}

/** All that a verdict's places touch, whether or not it is measured by this PBX itself: calls go there all the same. */
export function touchedBy({ group, place }: Pick<Verdict, 'group' | 'place'>, refs: DeclaredRefs): Touched {
  const places = group.length > 0 ? group : [place];
  const named = places.map(pbxesNamed);
  const candidates = named.every((pbxes) => pbxes !== undefined)
    ? [...new Set(named.flat())].flatMap((pbx) => refs.of(pbx ?? ''))
    : refs.all();
  const pbxes = new Set<string>();
  const sites = new Set<string>();
  const trunks = new Set<string>();
  const callers = new Set<string>();
  const edges = new Map<string, Set<string>>();
  const others = new Set<string>();
  for (const ref of candidates) {
    const { end, pbx, site } = ref;
    const isTouched = places.some((each) => holds(each, ref));
    if (end.kind === 'trunk') {
      const key = `${pbx}>${end.trunk}`;
      if (!isTouched) {
        others.add(key);
        continue;
      }
      trunks.add(end.trunk);
      callers.add(pbx);
      const known = edges.get(key);
      if (known) known.add(end.edge);
      else edges.set(key, new Set([end.edge]));
    }
    if (!isTouched) continue;
    pbxes.add(pbx);
    sites.add(site);
  }
  return { pbxes, sites, trunks, callers, edges, partly: new Set([...others].filter((key) => edges.has(key))) };
}

/** True for a call of these names; of a trunk that is partly touched only a call at a known edge can be. */
export function touches(
  { edges, partly }: Touched,
  call: { readonly pbx: string; readonly trunk: string; readonly edge: string | undefined },
): boolean {
  const key = `${call.pbx}>${call.trunk}`;
  const own = edges.get(key);
  if (!own) return false;
  return call.edge === undefined ? !partly.has(key) : own.has(call.edge) || !partly.has(key);
}

/** PBXs that a narrow place names; undefined for one that any PBX may touch. */
function pbxesNamed(place: Place): readonly string[] | undefined {
  if (place.kind === 'probe') return [place.pbx];
  if (place.kind !== 'path') return undefined;
  const peer = place.target.startsWith('peer.') ? [place.target.slice('peer.'.length)] : [];
  return [place.pbx, ...peer];
}

function holds(place: Place, { end, pbx, site, target }: PathRef): boolean {
  switch (place.kind) {
    case 'none':
      return true;
    case 'site':
      return site === place.site || (end.kind === 'peer' && end.site === place.site);
    case 'provider':
      return end.kind === 'trunk' && end.provider === place.provider;
    case 'edge':
      return end.kind === 'trunk' && end.trunk === place.trunk && end.edge === place.edge;
    case 'host':
      return pbx === place.pbx || (end.kind === 'peer' && end.pbx === place.pbx);
    case 'probe':
      return pbx === place.pbx;
    case 'path':
      return (
        (pbx === place.pbx && target === place.target) ||
        (end.kind === 'peer' && end.pbx === place.pbx && place.target === `peer.${pbx}`)
      );
    case 'line': {
      const { sites } = place;
      return end.kind === 'peer' && end.site !== site && sites.includes(site) && sites.includes(end.site);
    }
    default:
      return place satisfies never;
  }
}

import { sitesOf } from './hypotheses.ts';
import { isJudgeable } from './path-evidence.ts';
import { placeKey } from './places.ts';
import type { Sight } from './sight.ts';
import type { Place } from './verdict.ts';

type PlaceOf<Kind extends Place['kind']> = Extract<Place, { readonly kind: Kind }>;

/**
 * Names the further probe that would tell the places of a group apart: one that at least one of them holds and another does not.
 *
 * @param group - places that share all evidence, or one provider or edge seen from one site only.
 * @returns undefined only for a single place that is no provider and no edge.
 */
export function probeThatWouldSplit(
  sight: Sight,
  group: readonly Place[],
  witnessSites: readonly string[],
): string | undefined {
  const provider = ofKind(group, 'provider');
  const edge = ofKind(group, 'edge');
  const from = witnessSites.length > 0 ? `a site other than ${witnessSites.join(', ')}` : 'a second site';
  const areProvidersOnly = provider && edge && group.every(({ kind }) => kind === 'provider' || kind === 'edge');
  if (provider && edge && (witnessSites.length > 1 || areProvidersOnly)) {
    return `a probe of another edge of provider ${provider.provider}`;
  }
  if (provider) return `a probe of provider ${provider.provider} from ${from}`;
  if (edge) return `a probe of edge ${edge.trunk}.${edge.edge} from ${from}`;
  return group.length < 2 ? undefined : amongOurOwn(sight, group);
}

/** Places on our own side: they differ by who measures whom. */
function amongOurOwn(sight: Sight, group: readonly Place[]): string {
  const site = ofKind(group, 'site');
  const host = ofKind(group, 'host');
  const probe = ofKind(group, 'probe');
  if (site && probe) return `a peer probe from another site to ${probe.pbx}, or a second PBX at site ${site.site}`;
  if (host && probe) return `a peer probe from another PBX to ${probe.pbx}`;
  const silent = silentSplitter(sight, group);
  if (silent !== undefined) return silent;
  const line = ofKind(group, 'line');
  if (line) return `a peer probe between another two PBXs of sites ${line.sites.join(' and ')}`;
  if (site) return `a further path from or to site ${site.site}`;
  const pbx = probe?.pbx ?? host?.pbx;
  return pbx === undefined ? 'a probe of another target from the same PBX' : `a probe of another target from ${pbx}`;
}

/** A declared path without figures that belongs to some of the places and not to all. */
function silentSplitter(sight: Sight, group: readonly Place[]): string | undefined {
  const members = new Set(group.map(placeKey));
  const site = ofKind(group, 'site');
  const silent = sight.space.refs.find((ref, index) => {
    const path = sight.paths[index];
    if (path === undefined || isJudgeable(path.health)) return false;
    const places = sight.space.ofPath[index] ?? [];
    const holding = places.filter((each) =>
      members.has(placeKey(sight.space.hypotheses[each]?.place ?? { kind: 'none' })),
    );
    return (
      (holding.length > 0 && holding.length < members.size) || (site !== undefined && sitesOf(ref).includes(site.site))
    );
  });
  return silent && `fresh figures of path ${silent.pbx} > ${silent.target}`;
}

function ofKind<Kind extends Place['kind']>(group: readonly Place[], kind: Kind): PlaceOf<Kind> | undefined {
  return group.find((place): place is PlaceOf<Kind> => place.kind === kind);
}

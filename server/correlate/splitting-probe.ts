import { sitesOf } from './hypotheses.ts';
import { isJudgeable } from './path-evidence.ts';
import type { Sight } from './sight.ts';
import type { Place } from './verdict.ts';

type PlaceOf<Kind extends Place['kind']> = Extract<Place, { readonly kind: Kind }>;

/**
 * Names the further probe that would tell the places of a group apart, when one would.
 *
 * @param group - places that share all evidence, or one provider or edge seen from one site only.
 */
export function probeThatWouldSplit(
  sight: Sight,
  group: readonly Place[],
  witnessSites: readonly string[],
): string | undefined {
  const provider = ofKind(group, 'provider');
  const edge = ofKind(group, 'edge');
  const from = witnessSites.length > 0 ? `a site other than ${witnessSites.join(', ')}` : 'a second site';
  if (provider && edge && witnessSites.length > 1) return `a probe of another edge of provider ${provider.provider}`;
  if (provider) return `a probe of provider ${provider.provider} from ${from}`;
  if (edge) return `a probe of edge ${edge.trunk}.${edge.edge} from ${from}`;
  if (group.length < 2) return undefined;
  const site = ofKind(group, 'site');
  const host = ofKind(group, 'host');
  const probe = ofKind(group, 'probe');
  if (site && probe) return `a peer probe from another site to ${probe.pbx}, or a second PBX at site ${site.site}`;
  if (host && probe) return `a peer probe from another PBX to ${probe.pbx}`;
  return site ? furtherPath(sight, site) : undefined;
}

function furtherPath(sight: Sight, { site }: PlaceOf<'site'>): string {
  const silent = sight.space.refs.find((ref, index) => sitesOf(ref).includes(site) && isWithoutFigures(sight, index));
  return silent ? `fresh figures of path ${silent.pbx} > ${silent.target}` : `a further path from or to site ${site}`;
}

function isWithoutFigures(sight: Sight, index: number): boolean {
  const path = sight.paths[index];
  return path !== undefined && !isJudgeable(path.health);
}

function ofKind<Kind extends Place['kind']>(group: readonly Place[], kind: Kind): PlaceOf<Kind> | undefined {
  return group.find((place): place is PlaceOf<Kind> => place.kind === kind);
}

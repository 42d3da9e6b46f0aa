import type { Place, Verdict } from '../correlate/verdict.ts';
import type { PbxRouteInput } from './route-input.ts';
import type { TrunkLook } from './trunk-look.ts';

/**
 * True while the PBX's own side is, or may be, what spoils its calls: an open verdict on loss names its site, its host or its probe, alone
 * or among others that share the evidence; or no trunk of two or more providers that are seen at all is clean. Failed calls then
 * accuse no trunk: a site's fault never demotes a provider (safety rule 3), and moving calls would not help.
 */
export function isOwnSideTroubled(
  { pbx, site }: Pick<PbxRouteInput, 'pbx' | 'site'>,
  looks: Iterable<TrunkLook>,
  verdicts: readonly Verdict[],
): boolean {
  const isOwn = (place: Place): boolean => {
    if (place.kind === 'site') return place.site === site;
    return (place.kind === 'host' || place.kind === 'probe') && place.pbx === pbx;
  };
  const isSaid = verdicts.some(({ certainty, group, place, symptom }) => {
    if (certainty === 'suspect' || symptom !== 'loss') return false;
    return certainty === 'named' ? isOwn(place) : group.some(isOwn);
  });
  if (isSaid) return true;
  let provider: string | undefined;
  let isSeenOfTwo = false;
  for (const look of looks) {
    if (look.evidence.kind === 'unknown') continue;
    if (isClean(look)) return false;
    isSeenOfTwo ||= provider !== undefined && provider !== look.of.provider;
    provider ??= look.of.provider;
  }
  return isSeenOfTwo;
}

function isClean({ evidence }: TrunkLook): boolean {
  return evidence.kind === 'good' && evidence.isClean;
}

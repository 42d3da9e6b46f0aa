import { sayKinds } from './kinds/kinds-sentence.ts';
import { percent } from './percent.ts';
import { describePlace, describePlaceFirst } from './places.ts';
import type { DirectedCount, DirectionEvidence, KindEvidence, Place, WeighedPlace } from './verdict.ts';

/** Why a place is suspected only, in figures a person can check. */
export type SpokenDoubt =
  | { readonly kind: 'posterior' }
  | { readonly kind: 'one-site'; readonly sites: readonly string[] }
  | { readonly kind: 'clean-inside'; readonly paths: readonly string[] }
  | { readonly kind: 'loss-outside'; readonly paths: readonly string[] }
  | { readonly kind: 'icmp-alone' }
  | { readonly kind: 'all-red' };

/** The figures of a loss verdict; ratios 0 to 1. */
export type SpokenLoss = {
  readonly certainty: 'named' | 'ambiguous' | 'suspect';
  readonly place: Place;
  readonly group: readonly Place[];
  readonly posterior: number;
  readonly runnerUp: WeighedPlace | undefined;
  readonly sent: number;
  readonly lossInsideRatio: number;
  readonly lossOutsideRatio: number;
  readonly lossyPaths: number;
  readonly pathsInside: number;
  readonly siteCount: number;
  readonly doubts: readonly SpokenDoubt[];
  readonly kinds?: readonly KindEvidence[];
  readonly wouldSplit: string | undefined;
  readonly direction: DirectionEvidence['direction'];
  readonly directionEvidence?: Pick<DirectionEvidence, 'towards' | 'from'>;
};

/** One plain sentence with every number the verdict rests on. */
export function sayLoss(loss: SpokenLoss): string {
  // At a site, its own PBXs alone may see it: no other site stands for it then.
  const seen = loss.siteCount === 0 ? '' : ` seen from ${plural(loss.siteCount, 'site')}`;
  const counts = `${percent(loss.lossInsideRatio)} of ${loss.sent} probes lost on ${loss.lossyPaths} of ${plural(loss.pathsInside, 'path')}${seen}`;
  if (loss.doubts.some(({ kind }) => kind === 'all-red')) {
    return (
      `Every path of every PBX loses probes: ${counts}. Look first at the ` +
      'monitor itself and at what all sites share; nobody is accused.'
    );
  }
  const figures =
    `${counts}, against ${percent(loss.lossOutsideRatio)} elsewhere${sayKinds(loss.kinds)} ` +
    `(posterior ${probability(loss.posterior)}${next(loss.runnerUp)}); ${sayDirection(loss)}`;
  const split = loss.wouldSplit === undefined ? '' : `; ${loss.wouldSplit} would tell`;
  if (loss.certainty === 'named') return `${describePlaceFirst(loss.place)}: ${figures}.`;
  if (loss.certainty === 'ambiguous') {
    const [first, ...others] = loss.group;
    const places = [first ? describePlaceFirst(first) : '', ...others.map(describePlace)].join(' or ');
    return `${places}: ${figures}; the paths probed cannot tell these apart${split}.`;
  }
  const because = loss.doubts.map((doubt) => sayDoubt(doubt, loss.place)).join('; ');
  return `Suspect ${loss.group.map(describePlace).join(' or ')}: ${figures}; not named because ${because}${split}.`;
}

/** Marks a standing verdict whose witnesses give no figures; added after its sentence. */
export function sayStale(paths: readonly string[]): string {
  return ` Stands as it was: no figures now from ${list(paths)}.`;
}

/** The last sentence of a verdict; `ending` says why it is over. */
export function sayCleared(ending: string, lastSentence: string): string {
  return `Cleared: ${ending}. It was: ${lastSentence}`;
}

function sayDoubt(doubt: SpokenDoubt, place: Place): string {
  switch (doubt.kind) {
    case 'posterior':
      return 'the posterior is below 0.95';
    case 'one-site':
      return doubt.sites.length === 0
        ? 'no site has clear evidence of its own'
        : `only site ${doubt.sites.join(', ')} has evidence of its own`;
    case 'clean-inside':
      return `${list(doubt.paths)} belongs to ${describePlace(place)} and is clean`;
    case 'loss-outside':
      return `${list(doubt.paths)} loses probes too and lies elsewhere`;
    case 'icmp-alone':
      return 'only ICMP is lost there, whose rate edges limit by themselves';
    case 'all-red':
      return 'every path is lossy';
    default:
      return doubt satisfies never;
  }
}

/** `lost on the way towards provider telco-a: 9.8 % of 6000 packets, back 0 % of 6000`. */
function sayDirection({ direction, directionEvidence: counts, place }: SpokenLoss): string {
  const towards = counts?.towards;
  const from = counts?.from;
  if (direction === 'unknown' || towards === undefined || from === undefined) return 'direction unknown';
  const end = farEnd(place);
  switch (direction) {
    case 'towards':
      return `lost on the way towards ${end}: ${share(towards)}, against ${share(from)} back`;
    case 'from':
      return `lost on the way from ${end}: ${share(from)}, against ${share(towards)} towards it`;
    case 'both':
      return `lost both ways: ${share(towards)} towards ${end}, ${share(from)} back`;
    default:
      return direction satisfies never;
  }
}

function share({ lost, sent }: DirectedCount): string {
  return `${percent(lost / sent)} of ${sent} packets`;
}

/** Towards what `towards` leads. */
function farEnd(place: Place): string {
  if (place.kind === 'path') return place.target;
  return place.kind === 'line' ? `site ${place.sites[1]}` : describePlace(place);
}

/** `; next: site fra 0.012`, or nothing. */
export function next(runnerUp: WeighedPlace | undefined): string {
  if (runnerUp === undefined) return '';
  const name = runnerUp.place.kind === 'none' ? 'no fault' : describePlace(runnerUp.place);
  return `; next: ${name} ${probability(runnerUp.posterior)}`;
}

/** Rounded down to three places, so that no figure below 1 reads as certainty. */
export function probability(value: number): string {
  return (Math.min(999, Math.floor(value * 1000 + 1e-9)) / 1000).toFixed(3);
}

/** The first three, and how many more there are. */
export function list(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}

/** `3 paths`, `1 site`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

import { describePlace, describePlaceFirst } from '../places.ts';
import { list, next, plural, probability } from '../sentence.ts';
import type { PathShift, Place, Verdict, WeighedPlace } from '../verdict.ts';
import type { Doubt } from '../witnesses.ts';

/** The figures of a verdict on latency or media. */
export type SpokenShift = {
  readonly symptom: 'latency' | 'media';
  readonly certainty: Verdict['certainty'];
  readonly place: Place;
  readonly group: readonly Place[];
  readonly posterior: number;
  readonly runnerUp: WeighedPlace | undefined;
  readonly direction: Verdict['direction'];
  readonly siteCount: number;
  readonly shifts: readonly PathShift[];
  readonly shiftedPaths: number;
  readonly pathsInside: number;
  readonly cleanOutside: number;
  readonly shiftedOutside: number;
  readonly doubts: readonly Doubt[];
  readonly wouldSplit: string | undefined;
  /** A path of the space in words, by its index; and one of the place, by its key. */
  readonly nameOf: (index: number) => string;
  readonly nameOfKey: (key: string) => string;
};

const WHAT = {
  'options-rtt': 'OPTIONS round trip',
  'icmp-rtt': 'ICMP round trip',
  'mesh-rtt': 'RTP round trip',
  jitter: 'jitter',
  'delay-variation': 'delay variation',
  mos: 'MOS',
} as const;

/** One plain sentence with the numbers the verdict rests on. */
export function sayShift(spoken: SpokenShift): string {
  const { certainty, doubts, group, place, wouldSplit } = spoken;
  if (doubts.some(({ kind }) => kind === 'all-red')) {
    return `Every path of every PBX is worse than usual: ${figures(spoken)}. Look first at the monitor itself and at what all sites share; nobody is accused.`;
  }
  const told = `${figures(spoken)}, ${elsewhere(spoken)} (posterior ${probability(spoken.posterior)}${next(spoken.runnerUp)})${icmp(spoken)}${direction(spoken)}`;
  const split = wouldSplit === undefined ? '' : `; ${wouldSplit} would tell`;
  if (certainty === 'named') return `${describePlaceFirst(place)}: ${told}.`;
  if (certainty === 'ambiguous') {
    const [first, ...others] = group;
    const places = [first ? describePlaceFirst(first) : '', ...others.map(describePlace)].join(' or ');
    return `${places}: ${told}; the paths measured cannot tell these apart${split}.`;
  }
  const because = [
    ...(spoken.posterior < 0.95 ? ['the posterior is below 0.95'] : []),
    ...doubts.map((doubt) => sayDoubt(doubt, spoken)),
  ].join('; ');
  return `Suspect ${group.map(describePlace).join(' or ')}: ${told}; not named because ${because}${split}.`;
}

function figures({ nameOfKey, pathsInside, shiftedPaths, shifts, siteCount, symptom }: SpokenShift): string {
  const seen = siteCount === 0 ? '' : ` seen from ${plural(siteCount, 'site')}`;
  const where = `on ${shiftedPaths} of ${plural(pathsInside, 'path')}${seen}`;
  const telling = middle(shifts.filter(({ isShifted, what }) => isShifted && what !== 'icmp-rtt'));
  const what = symptom === 'latency' ? 'slower than usual' : 'media worse than usual';
  if (telling === undefined) return `${what} ${where}`;
  return `${what} ${where}, as at ${nameOfKey(telling.pathKey)}: ${sayFigure(telling)}`;
}

/** `OPTIONS round trip 52.1 ms (95 % 50.3 to 55.0, n = 20), usually 21.0 ms`. */
function sayFigure({ codec, direction: way, high, low, n, now, unit, usual, what }: PathShift): string {
  const which = [
    ...(codec === undefined ? [] : [codec]),
    ...(way === 'round-trip' ? [] : [way === 'forward' ? 'sent' : 'received']),
  ];
  const digits = unit === 'mos' ? 2 : 1;
  const suffix = unit === 'mos' ? '' : ' ms';
  const name = which.length === 0 ? WHAT[what] : `${WHAT[what]} (${which.join(', ')})`;
  const interval = `95 % ${low.toFixed(digits)} to ${high.toFixed(digits)}, n = ${n}`;
  return `${name} ${now.toFixed(digits)}${suffix} (${interval}), usually ${usual.toFixed(digits)}${suffix}`;
}

function elsewhere({ cleanOutside, shiftedOutside }: SpokenShift): string {
  const clean = `${plural(cleanOutside, 'path')} elsewhere ${cleanOutside === 1 ? 'is' : 'are'} as usual`;
  return shiftedOutside === 0 ? clean : `${clean} and ${shiftedOutside} not`;
}

/** Whether the network or the service is late: ICMP is asked beside OPTIONS and is never a ground by itself. */
function icmp({ shifts }: SpokenShift): string {
  const echoes = shifts.filter(({ what }) => what === 'icmp-rtt');
  if (echoes.length === 0) return '';
  const slow = echoes.filter(({ isShifted }) => isShifted).length;
  if (slow === 0)
    return `; ICMP is as usual on ${plural(echoes.length, 'path')}: the service may be late, not the network`;
  return `; ICMP is slower too on ${slow} of ${plural(echoes.length, 'path')}`;
}

function direction({ direction: way, place, symptom }: SpokenShift): string {
  if (way === 'unknown') return symptom === 'latency' ? '; round trips tell no direction' : '; direction unknown';
  const end =
    place.kind === 'path' ? place.target : place.kind === 'line' ? `site ${place.sites[1]}` : describePlace(place);
  return way === 'both' ? '; both ways' : `; on the way ${way} ${end}`;
}

function sayDoubt(doubt: Doubt, { nameOf, place }: SpokenShift): string {
  switch (doubt.kind) {
    case 'one-site':
      return doubt.sites.length === 0
        ? 'no site has clear evidence of its own'
        : `only site ${doubt.sites.join(', ')} has evidence of its own`;
    case 'clean-inside':
      return `${list(doubt.pathIndices.map(nameOf))} belongs to ${describePlace(place)} and is as usual`;
    case 'loss-outside':
      return `${list(doubt.pathIndices.map(nameOf))} is worse too and lies elsewhere`;
    case 'icmp-alone':
      return 'only ICMP is worse';
    case 'all-red':
      return 'every path is worse';
    default:
      return doubt satisfies never;
  }
}

/** The figure in the middle of those that are shifted, by how far they are. */
function middle(shifts: readonly PathShift[]): PathShift | undefined {
  const byFar = shifts.toSorted((one, other) => Math.abs(one.now - one.usual) - Math.abs(other.now - other.usual));
  return byFar[byFar.length >> 1];
}

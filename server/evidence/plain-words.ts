import type { Counted } from './evidence-pack.ts';
import type { AnyPlace } from './place-paths.ts';
import { zoneTime } from './zone-time.ts';

const SYMPTOMS: ReadonlyMap<string, string> = new Map([
  ['loss', 'Packet loss'],
  ['latency', 'Slow answers'],
  ['media', 'Poor speech quality'],
]);

/** What is wrong, in words. */
export function symptomText(symptom: string): string {
  return SYMPTOMS.get(symptom) ?? `Trouble (${symptom})`;
}

/** A place as somebody reads it who does not know this program. */
export function plainPlace(place: AnyPlace): string {
  const name = (member: string): string => {
    const value = place[member];
    return typeof value === 'string' ? value : '';
  };
  switch (place.kind) {
    case 'provider':
      return `the provider ${name('provider')}`;
    case 'edge':
      return `the address ${name('edge')} (trunk ${name('trunk')}) of the provider ${name('provider')}`;
    case 'site':
      return `our own site ${name('site')}`;
    case 'path':
      return `the single way from our server ${name('pbx')} to ${name('target')}`;
    case 'host':
      return `our own server ${name('pbx')}`;
    case 'probe':
      return `our own measuring server on ${name('pbx')}`;
    case 'line':
      return `the line between our sites ${Array.isArray(place['sites']) ? place['sites'].join(' and ') : ''}`;
    case 'none':
      return 'no single place';
    default:
      return Object.values(place).join(' ');
  }
}

/** A time in UTC and, in brackets, in the provider's zone. */
export function bothTimes(epochMs: number, zone: string | undefined): string {
  return zone === undefined ? zoneTime(epochMs) : `${zoneTime(epochMs)} (${zoneTime(epochMs, zone)})`;
}

/** A loss with its interval, as people say it. */
export function share({ highRatio, lossRatio, lowRatio }: Counted): string {
  return `${percent(lossRatio ?? 0)} (with 95 % confidence between ${percent(lowRatio)} and ${percent(highRatio)})`;
}

function percent(ratio: number): string {
  const value = ratio * 100;
  if (value === 0 || value >= 99.95) return `${Math.round(value)} %`;
  return value < 0.01 ? 'under 0.01 %' : `${value.toFixed(value < 1 ? 2 : 1)} %`;
}

/** A probability in percent, rounded down, so that nothing below certainty reads as certain. */
export function probability(value: number): string {
  return `${(Math.min(9999, Math.floor(value * 10_000 + 1e-7)) / 100).toFixed(2)} %`;
}

/** A length of time. */
export function span(windowMs: number): string {
  const minutes = windowMs / 60_000;
  return minutes === 1
    ? 'a minute'
    : Number.isInteger(minutes)
      ? `${minutes} minutes`
      : `${Math.round(windowMs / 1000)} s`;
}

/** `1 way`, `2 ways`. */
export function ways(count: number): string {
  return `${count} ${count === 1 ? 'way' : 'ways'}`;
}

/** Names in a row, the first five of many. */
export function list(names: readonly string[]): string {
  if (names.length === 0) return 'our servers';
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

import type { Place } from './verdict.ts';

/** One text per place, unique among places, safe in a URL segment. */
export function placeKey(place: Place): string {
  switch (place.kind) {
    case 'none':
      return 'none';
    case 'site':
      return `site-${place.site}`;
    case 'provider':
      return `provider-${place.provider}`;
    case 'edge':
      return `edge-${place.trunk}.${place.edge}`;
    case 'path':
      return `path-${place.pbx}-${place.target}`;
    case 'line':
      return `line-${place.sites[0]}~${place.sites[1]}`;
    case 'host':
      return `host-${place.pbx}`;
    case 'probe':
      return `probe-${place.pbx}`;
    default:
      return place satisfies never;
  }
}

/** The place as a person says it: `provider telco-a`, `path fra-1 > a.a1`. */
export function describePlace(place: Place): string {
  switch (place.kind) {
    case 'none':
      return 'no place';
    case 'site':
      return `site ${place.site}`;
    case 'provider':
      return `provider ${place.provider}`;
    case 'edge':
      return `edge ${place.trunk}.${place.edge} of provider ${place.provider}`;
    case 'path':
      return `path ${place.pbx} > ${place.target}`;
    case 'line':
      return `line ${place.sites[0]} - ${place.sites[1]}`;
    case 'host':
      return `host ${place.pbx}`;
    case 'probe':
      return `probe ${place.pbx}`;
    default:
      return place satisfies never;
  }
}

/** The place at the head of a sentence. */
export function describePlaceFirst(place: Place): string {
  const text = describePlace(place);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

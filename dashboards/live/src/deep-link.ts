import type { LivePath } from '../../../wire/live.ts';

/** What the address's fragment opens beside the overview. */
export type DeepLink =
  | { readonly kind: 'none' }
  | { readonly kind: 'verdict'; readonly id: string }
  | { readonly kind: 'path'; readonly key: string }
  | { readonly kind: 'pbx'; readonly name: string }
  /** `PBX>TRUNK`, or `*>TRUNK` for the calls of all PBXs. */
  | { readonly kind: 'trunk'; readonly key: string }
  /** `PBX/CLASS`. */
  | { readonly kind: 'route'; readonly key: string }
  | { readonly kind: 'state'; readonly state: LivePath['state'] };

const STATES: readonly string[] = [
  'unknown',
  'unmeasurable',
  'probe-blocked',
  'healthy',
  'degraded',
  'hard-down',
] satisfies readonly LivePath['state'][];

/**
 * Reads a fragment such as `#/path/fra-1%3Ea.a1`. Anything it does not know, a broken escape included, opens nothing.
 *
 * @param hash - `location.hash`, with its `#`.
 */
export function parseDeepLink(hash: string): DeepLink {
  const [, kind = '', escaped = ''] = /^#\/(verdict|path|pbx|trunk|route|state)\/(.+)$/.exec(hash) ?? [];
  const name = decode(escaped);
  if (name === undefined || name === '') return { kind: 'none' };
  switch (kind) {
    case 'verdict':
      return { kind: 'verdict', id: name };
    case 'path':
      return { kind: 'path', key: name };
    case 'pbx':
      return { kind: 'pbx', name };
    case 'trunk':
    case 'route':
      return { kind, key: name };
    case 'state':
      return STATES.includes(name) ? { kind: 'state', state: name as LivePath['state'] } : { kind: 'none' };
    default:
      return { kind: 'none' };
  }
}

/** Writes the fragment that {@link parseDeepLink} reads back. `none` gives `#/`, which keeps the page where it is. */
export function formatDeepLink(link: DeepLink): string {
  switch (link.kind) {
    case 'none':
      return '#/';
    case 'verdict':
      return `#/verdict/${encodeURIComponent(link.id)}`;
    case 'path':
      return `#/path/${encodeURIComponent(link.key)}`;
    case 'pbx':
      return `#/pbx/${encodeURIComponent(link.name)}`;
    case 'trunk':
    case 'route':
      return `#/${link.kind}/${encodeURIComponent(link.key)}`;
    case 'state':
      return `#/state/${link.state}`;
    default:
      return link satisfies never;
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

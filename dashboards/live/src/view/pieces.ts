import type { LivePath } from '../../../../wire/live.ts';
import { formatDeepLink } from '../deep-link.ts';
import { formatClock, formatDuration, formatUtc } from '../format.ts';
import { stateLook, type Tone } from '../path-look.ts';
import { routeKey } from '../state.ts';
import { type Child, h } from './dom.ts';

/** A word with its sign, coloured by tone; the word carries the meaning. */
export function chip(
  look: { readonly glyph: string; readonly word: string; readonly tone: Tone },
  title?: string,
): HTMLElement {
  return h(
    'span',
    { class: 'chip', 'data-tone': look.tone, title },
    h('span', { class: 'glyph', 'aria-hidden': 'true' }, look.glyph),
    look.word,
  );
}

/** Local time, with UTC in its title. */
export function clock(atEpochMs: number, nowEpochMs: number): HTMLElement {
  return h('time', { title: formatUtc(atEpochMs) }, formatClock(atEpochMs, nowEpochMs));
}

/** How long ago something began; kept going by the page's ticker through `data-since`. */
export function age(sinceEpochMs: number, nowEpochMs: number): HTMLElement {
  return h(
    'time',
    { 'data-since': sinceEpochMs, title: formatUtc(sinceEpochMs) },
    formatDuration(nowEpochMs - sinceEpochMs),
  );
}

/** One figure of a panel: its name, its value, and below it what it stands on. */
export function figure(name: string, value: Child, standsOn?: Child): HTMLElement[] {
  const note = standsOn === undefined ? undefined : h('span', { class: 'stands-on' }, standsOn);
  return [h('dt', {}, name), h('dd', {}, h('span', { class: 'value' }, value), note)];
}

/** Link to a path's panel, with its state's sign. */
export function pathLink(path: LivePath): HTMLElement {
  const look = stateLook(path.state);
  return h(
    'a',
    { href: formatDeepLink({ kind: 'path', key: path.key }), class: 'path-link' },
    h('span', { class: 'glyph', 'data-tone': look.tone, 'aria-hidden': 'true' }, look.glyph),
    `${path.pbx} → ${path.target}`,
  );
}

/** Link to a PBX's panel. */
export function pbxLink(name: string): HTMLElement {
  return h('a', { href: formatDeepLink({ kind: 'pbx', name }) }, name);
}

/** Link to the panel of one route: every trunk with its tier and why, and what may be ordered of it. */
export function routeLink(route: { readonly pbx: string; readonly class: string }): HTMLElement {
  const href = formatDeepLink({ kind: 'route', key: routeKey(route) });
  return h('a', { href, title: `${route.class} on ${route.pbx}: why each trunk stands where it does` }, route.class);
}

/** Stands for all PBXs together in the key of a trunk's calls. */
export const WHOLE_FLEET = '*';

/** Link to what the calls of one PBX, or of the whole fleet, met at a trunk. */
export function trunkLink(pbx: string, trunk: string, text = trunk): HTMLElement {
  return h('a', { href: formatDeepLink({ kind: 'trunk', key: `${pbx}>${trunk}` }) }, text);
}

/** A table with its header cells; `label` names it for screen readers. */
export function table(label: string, heads: readonly string[], rows: readonly Node[]): HTMLElement {
  const head = h('tr', {}, ...heads.map((text) => h('th', { scope: 'col' }, text)));
  return h('table', { class: 'list', 'aria-label': label }, h('thead', {}, head), h('tbody', {}, ...rows));
}

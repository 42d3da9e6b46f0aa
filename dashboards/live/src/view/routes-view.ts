import type { LiveRoute } from '../../../../wire/live.ts';
import { plural } from '../format.ts';
import { routeLines } from '../route-lines.ts';
import { routeCountText, routeStanding, STANDING_LOOKS, type Standing } from '../route-standing.ts';
import { isRoutingStopped, routeKey } from '../state.ts';
import { byId, h, setText } from './dom.ts';
import { patch } from './patch.ts';
import { age, chip, pbxLink, routeLink, table } from './pieces.ts';
import type { Scene } from './scene.ts';

const ROWS_SHOWN = 200;
const SMALL_FLEET_ROUTES = 24;
const HEADS = ['PBX', 'Class', 'State', 'Order of trunks', 'Mode', 'Why', 'For'] as const;

/** Draws the routes, those off their default first; in a large fleet the quiet ones only on demand. */
export function drawRoutes({ state, tally, nowEpochMs }: Scene): void {
  const isStopped = isRoutingStopped(state);
  const all = [...state.routes.values()]
    .map((route) => ({ route, standing: routeStanding(route, isStopped) }))
    .toSorted((a, b) => STANDING_LOOKS[a.standing].rank - STANDING_LOOKS[b.standing].rank || byName(a.route, b.route));
  const quiet = tally.routes.default;
  const toggle = byId('routes-all', HTMLInputElement);
  const isSmall = all.length <= SMALL_FLEET_ROUTES;
  byId('routes-all-label', HTMLElement).hidden = isSmall || quiet === 0;
  setText(byId('routes-all-text', HTMLElement), `show ${plural(quiet, 'route')} on their default`);
  const wanted = isSmall || toggle.checked ? all : all.filter(({ standing }) => standing !== 'default');
  const shown = wanted.slice(0, ROWS_SHOWN);
  const hidden = wanted.length - shown.length;
  const rows = shown.map(({ route, standing }) => row(route, standing, nowEpochMs));
  patch(byId('route-list', HTMLElement), [
    rows.length > 0 ? table('Routes', HEADS, rows) : h('p', { class: 'empty' }, emptyText(all.length)),
    hidden > 0
      ? h('p', { class: 'empty' }, `${plural(hidden, 'more route')} not shown; open a PBX to see all of its routes.`)
      : undefined,
  ]);
  setText(byId('route-count', HTMLElement), routeCountText(tally.routes));
}

function row(route: LiveRoute, standing: Standing, nowEpochMs: number): HTMLElement {
  const look = STANDING_LOOKS[standing];
  return h(
    'tr',
    { 'data-key': routeKey(route), 'data-standing': standing },
    h('th', { scope: 'row' }, pbxLink(route.pbx)),
    h('td', { 'data-label': 'Class' }, routeLink(route)),
    h('td', { 'data-label': 'State' }, chip(look)),
    h('td', { 'data-label': 'Order' }, orderLines(route, standing)),
    h('td', { 'data-label': 'Mode' }, route.mode),
    h('td', { 'data-label': 'Why', class: 'why' }, route.reason),
    h('td', { 'data-label': 'For', class: 'number' }, age(route.changedAtEpochMs, nowEpochMs)),
  );
}

/** The orders of a route, the one calls follow first; the title tells fence, version and AstDB's own text. */
export function orderLines(route: LiveRoute, standing: Standing): HTMLElement {
  const stamp = `plan ${route.fence}.${route.version}; AstDB ${route.readBack ?? 'not read back'}`;
  const lines = routeLines(route, standing).map(({ label, order }, index) =>
    h('span', { class: index === 0 ? 'order' : 'order other' }, h('span', { class: 'label' }, label), order),
  );
  return h('span', { class: 'orders', title: stamp }, ...lines);
}

function emptyText(total: number): string {
  return total === 0 ? 'No route is planned yet.' : `All ${plural(total, 'route')} are on their default.`;
}

function byName(a: LiveRoute, b: LiveRoute): number {
  return routeKey(a).localeCompare(routeKey(b), 'en', { numeric: true });
}

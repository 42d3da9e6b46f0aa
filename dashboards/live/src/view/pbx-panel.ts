import type { LivePath, LivePbx, LiveRoute } from '../../../../wire/live.ts';
import { formatCount, formatMs } from '../format.ts';
import { tierLook } from '../order-look.ts';
import { lossFigure, lossInFull, rttFigure, rttInFull, stateLook } from '../path-look.ts';
import { routeStanding, STANDING_LOOKS } from '../route-standing.ts';
import { isRoutingStopped, routeKey } from '../state.ts';
import { h } from './dom.ts';
import { figuresPlace } from './figures-view.ts';
import { age, chip, figure, pathLink, routeLink, table, trunkLink } from './pieces.ts';
import { instrumentGround, instrumentText, probeLook } from './probes-view.ts';
import { orderLines } from './routes-view.ts';
import type { Scene } from './scene.ts';

/** The panel of one PBX: its probe, each of its routes with why and why not, and its paths, the worst first. */
export function pbxPanel(pbx: LivePbx, { state, nowEpochMs }: Scene): readonly Node[] {
  const routes = [...state.routes.values()].filter((route) => route.pbx === pbx.pbx);
  const paths = [...state.paths.values()].filter((path) => path.pbx === pbx.pbx);
  return [
    h(
      'p',
      { class: 'panel-state' },
      chip(probeLook(pbx)),
      h('span', {}, 'for ', age(pbx.sinceEpochMs, nowEpochMs)),
      h('span', {}, `site ${pbx.site}`),
    ),
    h(
      'dl',
      { class: 'figures' },
      ...figure(
        'Instrument',
        instrumentText(pbx),
        pbx.isSick ? `out of order: its figures abstain; ${instrumentGround(pbx)}` : instrumentGround(pbx),
      ),
      ...figure(
        'Clock offset',
        pbx.clockOffsetMs === undefined ? '–' : formatMs(pbx.clockOffsetMs),
        'n 1: against the hub, by the time in its last frame, the way included; round trips do not depend on it',
      ),
      ...figure(
        'Host clock',
        pbx.hostClock?.isSynchronised === true
          ? `${formatMs(pbx.hostClock.offsetMs)} ± ${formatMs(pbx.hostClock.errorMs)}`
          : '–',
        hostClockNote(pbx),
      ),
      ...figure('Dropped', formatCount(pbx.droppedMeasurements), 'measurements, counted by the probe since it started'),
      ...figure(
        'Versions',
        `Asterisk ${pbx.asteriskVersion ?? pbx.asteriskAway ?? '?'}`,
        `probe ${pbx.softwareVersion ?? '?'}`,
      ),
    ),
    ...(pbx.fileDifferences ?? []).map((text) => h('p', { class: 'say' }, text)),
    h('h3', {}, 'Every figure of its host, and what it stands on'),
    figuresPlace(`${pbx.pbx}>host`),
    h('h3', {}, 'Routes'),
    ...(routes.length === 0
      ? [h('p', { class: 'empty' }, 'No route is planned for this PBX.')]
      : routes.map((route) => routeBox(route, isRoutingStopped(state), nowEpochMs))),
    h('h3', {}, 'Paths'),
    pathTable(paths),
  ];
}

function hostClockNote({ hostClock }: LivePbx): string {
  if (!hostClock) return 'unknown: neither chrony nor the kernel could be read';
  const said = hostClock.source === 'chrony' ? 'chrony says' : 'the kernel says';
  return hostClock.isSynchronised ? `against true time, ${said}` : `nothing disciplines it, ${said}`;
}

function routeBox(route: LiveRoute, isStopped: boolean, nowEpochMs: number): HTMLElement {
  const standing = routeStanding(route, isStopped);
  return h(
    'section',
    { class: 'route-box', 'data-key': routeKey(route) },
    h(
      'h4',
      {},
      routeLink(route),
      ' ',
      chip(STANDING_LOOKS[standing]),
      h('span', { class: 'meta' }, `${route.mode}, for `, age(route.changedAtEpochMs, nowEpochMs)),
    ),
    orderLines(route, standing),
    h('p', { class: 'say' }, route.reason),
    table(
      `Trunks of ${route.class}`,
      ['Trunk', 'Tier', 'Why'],
      route.trunks.map(({ trunk, tier, reason }) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, trunkLink(route.pbx, trunk)),
          h('td', {}, chip(tierLook(tier))),
          h('td', { class: 'why' }, reason),
        ),
      ),
    ),
    h(
      'p',
      { class: 'meta' },
      `plan ${route.fence}.${route.version}; AstDB: `,
      h('code', {}, route.readBack ?? 'not read back'),
    ),
  );
}

/** A table of paths, the most urgent first, with their figures. */
export function pathTable(paths: readonly LivePath[]): HTMLElement {
  const rows = [...paths]
    .toSorted(
      (a, b) =>
        stateLook(a.state).rank - stateLook(b.state).rank || a.key.localeCompare(b.key, 'en', { numeric: true }),
    )
    .slice(0, 300)
    .map((path) =>
      h(
        'tr',
        { 'data-key': path.key },
        h('th', { scope: 'row' }, pathLink(path)),
        h('td', { class: 'number', title: lossInFull(path) }, lossFigure(path)),
        h('td', { class: 'number', title: rttInFull(path) }, rttFigure(path)),
        h('td', { class: 'why' }, path.reason),
      ),
    );
  return rows.length === 0 ? h('p', { class: 'empty' }, 'None.') : table('Paths', ['Path', 'Loss', 'RTT', 'Why'], rows);
}

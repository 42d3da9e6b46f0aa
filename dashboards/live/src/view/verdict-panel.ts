import type { LiveVerdict } from '../../../../wire/live.ts';
import { formatDeepLink } from '../deep-link.ts';
import { formatPercent, formatWindow, plural } from '../format.ts';
import { routeStanding, STANDING_LOOKS } from '../route-standing.ts';
import { isRoutingStopped, routeKey } from '../state.ts';
import { costPlace } from './cost-place.ts';
import { h } from './dom.ts';
import { evidenceFiles } from './evidence-files.ts';
import { kindsPlace } from './kinds-place.ts';
import { age, chip, clock, figure, pathLink, pbxLink, table } from './pieces.ts';
import type { Scene } from './scene.ts';
import { tracesPlace } from './traces-view.ts';
import { began, beganBetween, timesReopened } from './verdict-life.ts';
import { certaintyLook, posteriorBar, posteriorGround } from './verdicts-view.ts';

/** The panel of one verdict: how sure, on what evidence, who saw it, and which routes changed since. */
export function verdictPanel(verdict: LiveVerdict, scene: Scene): readonly Node[] {
  const { nowEpochMs } = scene;
  const rest = 1 - verdict.posterior - (verdict.runnerUp?.posterior ?? 0);
  const ground = posteriorGround(verdict);
  return [
    h(
      'p',
      { class: 'panel-state' },
      chip(certaintyLook(verdict)),
      h('span', {}, 'opened ', age(verdict.openedAtEpochMs, nowEpochMs), ' ago'),
    ),
    h('p', { class: 'say' }, verdict.sentence),
    posteriorBar(verdict.group.length > 1 ? verdict.group.join(' or ') : verdict.place, verdict.posterior, ground),
    verdict.runnerUp === undefined
      ? undefined
      : posteriorBar(verdict.runnerUp.place, verdict.runnerUp.posterior, ground),
    rest > 0 ? posteriorBar('all else', rest, ground) : undefined,
    h('p', { class: 'meta', 'data-ground': 'posterior' }, ground),
    verdict.wouldSplit === undefined
      ? undefined
      : h('p', { class: 'notice', 'data-tone': 'info' }, `i To tell them apart: ${verdict.wouldSplit}`),
    h(
      'dl',
      { class: 'figures' },
      ...figure('Symptom', verdict.symptom),
      ...figure('Direction', verdict.direction),
      ...figure('Began', h('span', {}, ...began(verdict, nowEpochMs)), beganBetween(verdict, nowEpochMs)),
      ...figure('Opened', clock(verdict.openedAtEpochMs, nowEpochMs)),
      ...(verdict.reopenings === undefined
        ? []
        : figure('Reopened within a day', timesReopened(verdict.reopenings), 'counted by the hub in its own verdicts')),
      ...(verdict.clearedAtEpochMs === undefined
        ? figure('Last weighed', clock(verdict.updatedAtEpochMs, nowEpochMs))
        : figure('Cleared', clock(verdict.clearedAtEpochMs, nowEpochMs))),
    ),
    verdict.mergedInto === undefined
      ? undefined
      : h(
          'p',
          { class: 'notice', 'data-tone': 'info' },
          'i It has turned out to be a part of ',
          h('a', { href: formatDeepLink({ kind: 'verdict', id: verdict.mergedInto }) }, 'another verdict'),
          '.',
        ),
    h('h3', {}, 'What it costs'),
    costPlace(verdict.cost),
    h('h3', {}, `Witnesses (${verdict.witnesses.length})`),
    h(
      'ul',
      { class: 'inline' },
      ...verdict.witnesses.map((name) => h('li', {}, scene.state.pbxes.has(name) ? pbxLink(name) : name)),
    ),
    h('h3', {}, 'Evidence'),
    evidence(verdict, scene),
    evidenceFiles(verdict.verdictId),
    h('h3', {}, 'Traces'),
    tracesPlace({ kind: 'verdict', id: verdict.verdictId }),
    h('h3', {}, 'Routes changed since it opened'),
    routesSince(verdict, scene),
  ].filter((node) => node !== undefined);
}

function evidence(verdict: LiveVerdict, { state }: Scene): HTMLElement {
  if (verdict.evidence === undefined) return h('p', { class: 'empty' }, 'The hub sent no counts with this verdict.');
  const over = verdict.windowMs === undefined ? '' : ` over ${formatWindow(verdict.windowMs)}`;
  const ground = `what the probe of the path sent and lost${over}, as it went into the verdict`;
  const rows = [...verdict.evidence]
    .toSorted((a, b) => b.lowRatio - a.lowRatio)
    .map(({ pathKey, sent, lost, lowRatio, highRatio }) => {
      const path = state.paths.get(pathKey);
      return h(
        'tr',
        { 'data-key': pathKey },
        h('th', { scope: 'row' }, path === undefined ? pathKey : pathLink(path)),
        h('td', { class: 'number', title: ground }, `${lost} of ${sent}`),
        h('td', { class: 'number', title: ground }, `${formatPercent(lowRatio)} to ${formatPercent(highRatio)}`),
      );
    });
  return h(
    'div',
    {},
    h('p', { class: 'meta' }, `Counts as they went into the verdict${over}.`),
    table('Evidence', ['Path', 'Lost', 'Interval'], rows),
    kindsPlace(verdict.kinds, over),
  );
}

function routesSince(verdict: LiveVerdict, { state, nowEpochMs }: Scene): HTMLElement {
  const until = verdict.clearedAtEpochMs ?? nowEpochMs;
  const changed = [...state.routes.values()].filter(
    ({ changedAtEpochMs }) => changedAtEpochMs >= verdict.openedAtEpochMs && changedAtEpochMs <= until,
  );
  if (changed.length === 0) return h('p', { class: 'empty' }, 'None.');
  const items = changed.slice(0, 50).map((route) => {
    const standing = routeStanding(route, isRoutingStopped(state));
    return h(
      'li',
      { 'data-key': routeKey(route) },
      chip(STANDING_LOOKS[standing]),
      pbxLink(route.pbx),
      ` ${route.class}: ${route.reason}`,
    );
  });
  const more = changed.length - items.length;
  return h(
    'ul',
    { class: 'plain' },
    ...items,
    more > 0 ? h('li', { class: 'empty' }, `${plural(more, 'more route')} not shown`) : undefined,
  );
}

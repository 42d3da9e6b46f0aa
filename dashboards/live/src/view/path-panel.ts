import type { LivePath } from '../../../../wire/live.ts';
import { formatDeepLink } from '../deep-link.ts';
import { formatPercent, formatWindow } from '../format.ts';
import { lossFigure, lossInFull, rttFigure, rttInFull, stateLook } from '../path-look.ts';
import { placeInWords } from '../sentence.ts';
import { h } from './dom.ts';
import { figuresPlace } from './figures-view.ts';
import { age, chip, clock, figure, pbxLink, trunkLink, WHOLE_FLEET } from './pieces.ts';
import type { Scene } from './scene.ts';
import { tracesPlace } from './traces-view.ts';

/** The panel of one path: state and reason, every figure with what it stands on, verdicts that counted it. */
export function pathPanel(path: LivePath, { state, nowEpochMs }: Scene): readonly Node[] {
  const look = stateLook(path.state);
  const verdicts = [...state.verdicts.values()].filter(({ evidence }) =>
    evidence?.some(({ pathKey }) => pathKey === path.key),
  );
  return [
    h('p', { class: 'panel-state' }, chip(look), h('span', {}, 'for ', age(path.sinceEpochMs, nowEpochMs))),
    h('p', { class: 'say' }, path.reason),
    h(
      'p',
      { class: 'meta' },
      h('span', {}, 'from ', pbxLink(path.pbx), `, site ${path.site}`),
      h('span', {}, ...endOf(path)),
    ),
    path.isAbstaining === true
      ? h(
          'p',
          { class: 'notice', 'data-tone': 'warn' },
          '▲ The probe’s instrument is out of order: this path takes no part in verdicts.',
        )
      : undefined,
    path.inheritedFrom === undefined
      ? undefined
      : h(
          'p',
          { class: 'meta' },
          `Figures inherited from ${path.inheritedFrom.join(', ') || 'nobody'}: the provider allows no more askers.`,
        ),
    h(
      'dl',
      { class: 'figures' },
      ...figure('Loss', lossFigure(path), lossInFull(path)),
      ...figure('Round trip', rttFigure(path), rttInFull(path)),
      ...figure('ICMP loss', icmpFigure(path), icmpInFull(path)),
      ...figure('Newest sample', newest(path, nowEpochMs), `figures cover ${formatWindow(path.windowMs)}`),
    ),
    h('h3', {}, 'Every figure, and what it stands on'),
    figuresPlace(path.key),
    h('h3', {}, 'Traces'),
    tracesPlace({ kind: 'path', key: path.key }),
    h('h3', {}, 'Since this page was opened'),
    h('p', { class: 'meta' }, 'Line: round trip p50; dashed: p95 (left). Area: loss (right). Blank: nobody watched.'),
    h('div', { id: 'chart', 'data-opaque': true, 'data-key': path.key }),
    h('h3', {}, 'Verdicts that counted this path'),
    verdicts.length === 0
      ? h('p', { class: 'empty' }, 'None.')
      : h(
          'ul',
          { class: 'plain' },
          ...verdicts.map((verdict) =>
            h(
              'li',
              {},
              h('a', { href: formatDeepLink({ kind: 'verdict', id: verdict.verdictId }) }, placeInWords(verdict)),
              ` ${verdict.certainty}, ${formatPercent(verdict.posterior)}`,
            ),
          ),
        ),
  ].filter((node) => node !== undefined);
}

function endOf({ edge, peer, provider, target, trunk }: LivePath): readonly (Node | string)[] {
  if (provider === undefined || trunk === undefined) return [`to peer ${peer ?? target}`];
  return ['to trunk ', trunkLink(WHOLE_FLEET, trunk), `, edge ${edge ?? '?'} of ${provider}`];
}

function icmpFigure({ icmpSent, icmpLost }: LivePath): string {
  return icmpSent > 0 ? formatPercent(icmpLost / icmpSent) : '–';
}

function icmpInFull(path: LivePath): string {
  const { icmpHighRatio, icmpLost, icmpLowRatio, icmpSent, icmpWindowMs, windowMs } = path;
  if (icmpSent === 0) return 'not measured on this path';
  const counts = `${icmpLost} of ${icmpSent} ICMP echoes lost in ${formatWindow(icmpWindowMs ?? windowMs)}`;
  if (icmpLowRatio === undefined || icmpHighRatio === undefined) return counts;
  return `${counts}; interval ${formatPercent(icmpLowRatio)} to ${formatPercent(icmpHighRatio)}`;
}

function newest({ lastSampleAtEpochMs }: LivePath, nowEpochMs: number): HTMLElement | string {
  return lastSampleAtEpochMs === undefined ? 'not told' : clock(lastSampleAtEpochMs, nowEpochMs);
}

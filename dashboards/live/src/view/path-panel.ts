import type { LivePath } from '../../../../wire/live.ts';
import { formatDeepLink } from '../deep-link.ts';
import { formatPercent, formatWindow } from '../format.ts';
import { lossFigure, lossInFull, rttFigure, rttInFull, stateLook } from '../path-look.ts';
import { placeInWords } from '../sentence.ts';
import { h } from './dom.ts';
import { age, chip, clock, figure, pbxLink } from './pieces.ts';
import type { Scene } from './scene.ts';

/** The panel of one path: state and reason, every figure with what it stands on, verdicts that counted it. */
export function pathPanel(path: LivePath, { state, nowEpochMs }: Scene): readonly Node[] {
  const look = stateLook(path.state);
  const verdicts = [...state.verdicts.values()].filter(({ evidence }) =>
    evidence?.some(({ pathKey }) => pathKey === path.key),
  );
  const end =
    path.provider === undefined
      ? `peer ${path.peer ?? path.target}`
      : `trunk ${path.trunk ?? '?'}, edge ${path.edge ?? '?'} of ${path.provider}`;
  return [
    h('p', { class: 'panel-state' }, chip(look), h('span', {}, 'for ', age(path.sinceEpochMs, nowEpochMs))),
    h('p', { class: 'say' }, path.reason),
    h(
      'p',
      { class: 'meta' },
      h('span', {}, 'from ', pbxLink(path.pbx), `, site ${path.site}`),
      h('span', {}, `to ${end}`),
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
    h('div', { id: 'figures', class: 'figure-list', 'data-opaque': true, 'data-key': `figures ${path.key}` }),
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

function icmpFigure({ icmpSent, icmpLost }: LivePath): string {
  return icmpSent > 0 ? formatPercent(icmpLost / icmpSent) : '–';
}

function icmpInFull({ icmpSent, icmpLost, icmpWindowMs, windowMs }: LivePath): string {
  return icmpSent > 0
    ? `${icmpLost} of ${icmpSent} lost in ${formatWindow(icmpWindowMs ?? windowMs)}`
    : 'not measured on this path';
}

function newest({ lastSampleAtEpochMs }: LivePath, nowEpochMs: number): HTMLElement | string {
  return lastSampleAtEpochMs === undefined ? 'not told' : clock(lastSampleAtEpochMs, nowEpochMs);
}

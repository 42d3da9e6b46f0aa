import type { Figure, FigureSheet, NoData } from '../../../../wire/figures.ts';
import { figureGround, figureName, figureValue, noDataText } from '../figure-look.ts';
import { formatClock, formatUtc } from '../format.ts';
import { AskingView, openedKeys } from './asking-view.ts';
import { h } from './dom.ts';
import { patch } from './patch.ts';

/** The list of figures in an open panel, by the key of its sheet. */
export function figuresView(token: () => string | undefined): AskingView<FigureSheet> {
  return new AskingView({
    token,
    question: (key) => ({ path: 'api/v1/figures', query: { key } }),
    draw: drawSheet,
    unknown: 'The hub has no figures of it.',
  });
}

/** The place in a panel that {@link figuresView} fills. */
export function figuresPlace(key: string): HTMLElement {
  return h('div', {
    id: 'figures',
    class: 'figure-list',
    'data-opaque': true,
    'data-key': `figures ${key}`,
    'data-subject': key,
  });
}

function drawSheet(host: HTMLElement, { figures, noData = [] }: FigureSheet): void {
  const opened = openedKeys(host);
  const rows = figures.map((figure, at) => {
    const key = `${figureName(figure)} ${figures.slice(0, at).filter((other) => figureName(other) === figureName(figure)).length}`;
    return row(key, figure, opened.has(key));
  });
  const missing = noData.map(missingLine);
  const isNothing = rows.length === 0 && missing.length === 0;
  patch(host, isNothing ? [h('p', { class: 'empty' }, 'Nothing has been measured yet.')] : [...rows, ...missing]);
}

/** What is not there, and why: in words, with no colour of good or bad. */
function missingLine(missing: NoData): HTMLElement {
  const { newestAtEpochMs } = missing;
  const since =
    newestAtEpochMs === undefined
      ? []
      : [
          ' Last said ',
          h('time', { title: formatUtc(newestAtEpochMs) }, formatClock(newestAtEpochMs, newestAtEpochMs)),
          '.',
        ];
  return h('p', { class: 'empty no-data' }, `${noDataText(missing)}.`, ...since);
}

function row(key: string, figure: Figure, isOpen: boolean): HTMLElement {
  const { newestAtEpochMs, unit, value } = figure;
  return h(
    'details',
    { class: 'figure-row', 'data-key': key, open: isOpen },
    h(
      'summary',
      {},
      h('span', { class: 'name' }, figureName(figure)),
      h('span', { class: 'value' }, figureValue(value, unit)),
    ),
    h(
      'ul',
      { class: 'plain' },
      ...figureGround(figure).map((line) => h('li', {}, line)),
      h(
        'li',
        {},
        'Newest: ',
        h('time', { title: formatUtc(newestAtEpochMs) }, formatClock(newestAtEpochMs, newestAtEpochMs)),
        '.',
      ),
    ),
  );
}

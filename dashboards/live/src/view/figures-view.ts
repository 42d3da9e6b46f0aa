import type { Figure, FigureSheet } from '../../../../wire/figures.ts';
import { figureGround, figureName, figureValue } from '../figure-look.ts';
import { fetchSheet } from '../figures-client.ts';
import { formatClock, formatUtc } from '../format.ts';
import { h } from './dom.ts';
import { patch } from './patch.ts';

const REFRESH_MS = 3000;

type OpenSheet = { readonly key: string; readonly host: HTMLElement; readonly stop: AbortController };

/** The list of figures in an open path panel: asks at once and every few seconds while it is open. */
export class FiguresView {
  readonly #token: () => string | undefined;
  #open: OpenSheet | undefined;

  constructor(token: () => string | undefined) {
    this.#token = token;
  }

  /** Shows the figures of a path in this element, or of none. May be called at every drawing. */
  show(host: HTMLElement | null, key: string | undefined): void {
    if (host !== null && this.#open?.key === key && this.#open?.host === host) return;
    this.#open?.stop.abort();
    this.#open = undefined;
    if (host === null || key === undefined) return;
    this.#open = { key, host, stop: new AbortController() };
    void this.#keepAsking(this.#open);
  }

  async #keepAsking({ host, key, stop: { signal } }: OpenSheet): Promise<void> {
    while (!signal.aborted && host.isConnected) {
      const answer = await fetchSheet(key, this.#token(), signal);
      if (signal.aborted) return;
      if (answer.kind === 'sheet') drawSheet(host, answer.sheet);
      else say(host, answer.kind === 'none' ? 'The hub has no figures of this path.' : `Not to be had: ${answer.why}.`);
      await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
    }
  }
}

function drawSheet(host: HTMLElement, { figures }: FigureSheet): void {
  host.removeAttribute('data-stale');
  if (figures.length === 0) {
    say(host, 'Nothing has been measured yet.');
    return;
  }
  const opened = new Set(
    [...host.querySelectorAll('details[open]')].map((element) => element.getAttribute('data-key') ?? ''),
  );
  const rows = figures.map((figure, at) => {
    const key = `${figureName(figure)} ${figures.slice(0, at).filter((other) => figureName(other) === figureName(figure)).length}`;
    return row(key, figure, opened.has(key));
  });
  patch(host, rows);
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

/** Says why there is nothing; figures that are there stay, marked as old. */
function say(host: HTMLElement, text: string): void {
  if (host.querySelector('details') === null) patch(host, [h('p', { class: 'empty' }, text)]);
  else host.setAttribute('data-stale', text);
}

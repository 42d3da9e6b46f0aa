import type { LivePath } from '../../../../wire/live.ts';
import { formatDeepLink } from '../deep-link.ts';
import { plural } from '../format.ts';
import { type GridPlace, moveInGrid } from '../grid-focus.ts';
import { cellId, layMatrix, type MatrixLayout } from '../matrix.ts';
import { describePath, lossFigure, rttFigure, stateLook } from '../path-look.ts';
import type { ViewState } from '../state.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { probeLook } from './probes-view.ts';

/** Up to this many columns a cell shows its figures; above, its sign alone. */
const FIGURE_COLUMNS = 16;

type Cell = {
  readonly link: HTMLElement;
  readonly glyph: HTMLElement;
  readonly loss?: HTMLElement;
  readonly rtt?: HTMLElement;
};

/**
 * The path matrix. It is built once per shape; after that only the cells of changed paths are touched, so that a fleet of
 * 100 × 100 stays smooth under a stream of deltas.
 */
export class MatrixView {
  readonly #table = byId('matrix', HTMLTableElement);
  readonly #filter = byId('matrix-filter', HTMLInputElement);
  #layout: MatrixLayout | undefined;
  #cells = new Map<string, Cell>();
  #probes = new Map<string, HTMLElement>();
  /** Focusable elements by row and column; holes where there is no path. */
  #grid: (HTMLElement | undefined)[][] = [];
  #current: GridPlace = { row: 0, column: 1 };
  #state: ViewState | undefined;

  constructor() {
    setAttribute(this.#table, 'role', 'grid');
    this.#table.addEventListener('keydown', (event) => this.#onKey(event));
    this.#table.addEventListener('focusin', (event) => this.#onFocus(event.target));
    this.#table.addEventListener('pointerover', (event) => this.#onPointer(event.target));
  }

  /** Lays the matrix out anew if its shape or the filter has changed, and draws every cell. */
  drawAll(state: ViewState): void {
    this.#state = state;
    const layout = layMatrix(state.paths.values(), state.pbxes, this.#filter.value);
    if (layout.signature !== this.#layout?.signature) this.#build(layout, state);
    this.drawPaths(state, state.paths.keys());
    this.drawProbes(state, state.pbxes.keys());
  }

  /** Draws the cells of these paths and touches no other. */
  drawPaths(state: ViewState, keys: Iterable<string>): void {
    this.#state = state;
    for (const key of keys) {
      const cell = this.#cells.get(key);
      const path = state.paths.get(key);
      if (cell !== undefined && path !== undefined) drawCell(cell, path);
    }
  }

  /** Draws the probe's sign in the headers of these rows. */
  drawProbes(state: ViewState, names: Iterable<string>): void {
    for (const name of names) {
      const flag = this.#probes.get(name);
      const pbx = state.pbxes.get(name);
      if (flag === undefined || pbx === undefined) continue;
      const look = probeLook(pbx);
      const text = look.tone === 'good' ? '' : `${look.glyph} ${look.word}`;
      setText(flag, text);
      setAttribute(flag, 'data-tone', look.tone);
    }
  }

  #build(layout: MatrixLayout, state: ViewState): void {
    const columns = layout.columnGroups.flatMap((group) => group.items);
    const hasFigures = columns.length <= FIGURE_COLUMNS;
    this.#layout = layout;
    this.#cells = new Map();
    this.#probes = new Map();
    this.#grid = [];
    this.#table.dataset['density'] = hasFigures ? 'figures' : 'signs';
    const bodies = layout.rowGroups.map((group) => this.#body(group, layout, hasFigures, state));
    this.#table.replaceChildren(...headOf(layout), ...bodies);
    const isEmpty = columns.length === 0 || this.#grid.length === 0;
    byId('matrix-box', HTMLElement).hidden = isEmpty;
    byId('matrix-empty', HTMLElement).hidden = !isEmpty;
    const cut = [
      layout.hiddenRows > 0 ? plural(layout.hiddenRows, 'more PBX', 'more PBXs') : undefined,
      layout.hiddenColumns > 0 ? plural(layout.hiddenColumns, 'more target') : undefined,
    ].filter((text) => text !== undefined);
    byId('matrix-cut', HTMLElement).hidden = cut.length === 0;
    setText(byId('matrix-cut', HTMLElement), `${cut.join(' and ')} not shown: narrow by the filter.`);
    this.#moveTo(this.#current, false);
  }

  #body(
    group: MatrixLayout['rowGroups'][number],
    layout: MatrixLayout,
    hasFigures: boolean,
    state: ViewState,
  ): HTMLElement {
    const span = layout.columnGroups.reduce((sum, { items }) => sum + items.length, 1);
    const rows = group.items.map(({ pbx }) => {
      const flag = h('span', { class: 'probe-flag' });
      this.#probes.set(pbx, flag);
      const head = h('a', { href: formatDeepLink({ kind: 'pbx', name: pbx }), tabindex: -1 }, pbx);
      const focusable: (HTMLElement | undefined)[] = [head];
      const cells = layout.columnGroups.flatMap(({ items }) =>
        items.map(({ target }, index) => {
          const path = state.paths.get(layout.keys.get(cellId(pbx, target)) ?? '');
          const edge = index === 0 ? 'group-start' : undefined;
          if (path === undefined) {
            focusable.push(undefined);
            return h('td', { class: edge, role: 'gridcell' });
          }
          const cell = cellOf(path, hasFigures);
          this.#cells.set(path.key, cell);
          focusable.push(cell.link);
          return h('td', { class: edge, role: 'gridcell' }, cell.link);
        }),
      );
      this.#grid.push(focusable);
      return h('tr', { role: 'row' }, h('th', { scope: 'row', role: 'rowheader' }, head, flag), ...cells);
    });
    const title = h(
      'th',
      { scope: 'rowgroup', colspan: span, role: 'rowheader', class: 'site' },
      h('span', {}, `site ${group.name}`),
    );
    return h('tbody', { role: 'rowgroup' }, h('tr', { role: 'row' }, title), ...rows);
  }

  #placeOf(target: EventTarget | null): GridPlace | undefined {
    const link = target instanceof Element ? target.closest('a') : null;
    if (link === null) return undefined;
    for (const [row, links] of this.#grid.entries()) {
      const column = links.indexOf(link);
      if (column >= 0) return { row, column };
    }
    return undefined;
  }

  #onFocus(target: EventTarget | null): void {
    const place = this.#placeOf(target);
    if (place !== undefined) this.#moveTo(place, false);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    const to = moveInGrid(this.#current, event, {
      rows: this.#grid.length,
      columns: this.#grid[0]?.length ?? 0,
      isFilled: ({ row, column }) => this.#grid[row]?.[column] !== undefined,
    });
    if (to === undefined) return;
    event.preventDefault();
    this.#moveTo(to, true);
  }

  /** Keeps exactly one element of the grid in the tab order. */
  #moveTo(place: GridPlace, withFocus: boolean): void {
    const old = this.#grid[this.#current.row]?.[this.#current.column];
    const next = this.#grid[place.row]?.[place.column] ?? this.#grid.flat().find((link) => link !== undefined);
    if (old !== undefined && old !== next) setAttribute(old, 'tabindex', '-1');
    if (next === undefined) return;
    setAttribute(next, 'tabindex', '0');
    this.#current = this.#grid[place.row]?.[place.column] === undefined ? (this.#placeOf(next) ?? place) : place;
    if (withFocus) next.focus();
  }

  #onPointer(target: EventTarget | null): void {
    const link = target instanceof Element ? target.closest<HTMLElement>('a[data-path]') : null;
    const path = this.#state?.paths.get(link?.dataset['path'] ?? '');
    if (link !== null && path !== undefined) setAttribute(link, 'title', describePath(path));
  }
}

function headOf(layout: MatrixLayout): readonly HTMLElement[] {
  const groups = layout.columnGroups.map(({ name, items }) =>
    h(
      'th',
      { scope: 'colgroup', colspan: items.length, role: 'columnheader', class: 'group-start group' },
      h('span', {}, name),
    ),
  );
  const targets = layout.columnGroups.flatMap(({ items }) =>
    items.map(({ label, target }, index) =>
      h(
        'th',
        { scope: 'col', role: 'columnheader', class: index === 0 ? 'group-start' : undefined, title: target },
        h('span', { class: 'target' }, label),
      ),
    ),
  );
  const corner = h('th', { class: 'corner', rowspan: 2, scope: 'col', role: 'columnheader' }, 'PBX');
  return [
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, corner, ...groups), h('tr', { role: 'row' }, ...targets)),
  ];
}

function cellOf(path: LivePath, hasFigures: boolean): Cell {
  const attributes = {
    href: formatDeepLink({ kind: 'path', key: path.key }),
    tabindex: -1,
    class: 'cell',
    'data-path': path.key,
  };
  const glyph = h('span', { class: 'glyph' });
  if (!hasFigures) return { link: h('a', attributes, glyph), glyph };
  const loss = h('span', { class: 'loss' });
  const rtt = h('span', { class: 'rtt' });
  return { link: h('a', attributes, glyph, loss, rtt), glyph, loss, rtt };
}

function drawCell(cell: Cell, path: LivePath): void {
  const look = stateLook(path.state);
  setAttribute(cell.link, 'data-state', path.state);
  setAttribute(cell.link, 'data-tone', look.tone);
  setAttribute(cell.link, 'aria-label', describePath(path));
  setText(cell.glyph, look.glyph);
  if (cell.loss !== undefined) setText(cell.loss, lossFigure(path));
  if (cell.rtt !== undefined) setText(cell.rtt, rttFigure(path));
}

import type { LivePath, LivePbx } from '../../../wire/live.ts';

/** Most rows and columns drawn at once; what is cut is counted and said. */
export const MATRIX_LIMITS = { rows: 200, columns: 120 } as const;

/** One row: a PBX. */
export type MatrixRow = { readonly pbx: string; readonly site: string };

/** One column: a target, under the header of its provider or of the site of the peers. */
export type MatrixColumn = {
  readonly target: string;
  readonly label: string;
  readonly kind: 'trunk' | 'peer';
  readonly group: string;
};

/** A run of rows or columns under one header. */
export type MatrixGroup<T> = { readonly name: string; readonly items: readonly T[] };

/** Shape of the path matrix: rows by site, columns by provider, peers last. Says nothing of states. */
export type MatrixLayout = {
  readonly rowGroups: readonly MatrixGroup<MatrixRow>[];
  readonly columnGroups: readonly MatrixGroup<MatrixColumn>[];
  /** Path keys by {@link cellId}; a pair without a path (a PBX and itself) is absent. */
  readonly keys: ReadonlyMap<string, string>;
  readonly hiddenRows: number;
  readonly hiddenColumns: number;
  /** Equal for equal shapes: tells whether the table has to be drawn anew. */
  readonly signature: string;
};

/** Names the cell of a PBX and a target. */
export function cellId(pbx: string, target: string): string {
  return `${pbx}\n${target}`;
}

/**
 * Lays out the matrix.
 *
 * @param filter - words parted by spaces. One that is found in the name or site of any PBX narrows the rows, any other the
 *   columns, by target or provider.
 */
export function layMatrix(paths: Iterable<LivePath>, pbxes: ReadonlyMap<string, LivePbx>, filter = ''): MatrixLayout {
  const keys = new Map<string, string>();
  const rows = new Map<string, MatrixRow>();
  const columns = new Map<string, MatrixColumn>();
  for (const { pbx, site } of pbxes.values()) rows.set(pbx, { pbx, site });
  for (const path of paths) {
    keys.set(cellId(path.pbx, path.target), path.key);
    if (!rows.has(path.pbx)) rows.set(path.pbx, { pbx: path.pbx, site: path.site });
    if (!columns.has(path.target)) columns.set(path.target, columnOf(path, pbxes));
  }
  const { shownRows, shownColumns } = narrow([...rows.values()], [...columns.values()], filter);
  const keptRows = shownRows.toSorted(byText((row) => `${row.site}\n${row.pbx}`)).slice(0, MATRIX_LIMITS.rows);
  const keptColumns = shownColumns
    .toSorted(byText((column) => `${column.kind === 'peer' ? 1 : 0}\n${column.group}\n${column.target}`))
    .slice(0, MATRIX_LIMITS.columns);
  const rowGroups = grouped(keptRows, (row) => row.site);
  const columnGroups = grouped(keptColumns, (column) => column.group);
  return {
    rowGroups,
    columnGroups,
    keys,
    hiddenRows: shownRows.length - keptRows.length,
    hiddenColumns: shownColumns.length - keptColumns.length,
    signature: JSON.stringify([rowGroups, columnGroups, [...keys.values()].toSorted()]),
  };
}

function columnOf(path: LivePath, pbxes: ReadonlyMap<string, LivePbx>): MatrixColumn {
  const { target, provider, peer } = path;
  if (provider !== undefined) return { target, label: target, kind: 'trunk', group: provider };
  const peerSite = peer === undefined ? undefined : pbxes.get(peer)?.site;
  const group = peerSite === undefined ? 'peers' : `peers in ${peerSite}`;
  return { target, label: peer ?? target, kind: 'peer', group };
}

function narrow(
  rows: readonly MatrixRow[],
  columns: readonly MatrixColumn[],
  filter: string,
): { readonly shownRows: readonly MatrixRow[]; readonly shownColumns: readonly MatrixColumn[] } {
  const isOfRow = (row: MatrixRow, word: string): boolean => `${row.pbx} ${row.site}`.toLowerCase().includes(word);
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const rowWords = words.filter((word) => rows.some((row) => isOfRow(row, word)));
  const columnWords = words.filter((word) => !rowWords.includes(word));
  return {
    shownRows: rows.filter((row) => rowWords.every((word) => isOfRow(row, word))),
    shownColumns: columns.filter((column) =>
      columnWords.every((word) => `${column.target} ${column.group}`.toLowerCase().includes(word)),
    ),
  };
}

function grouped<T>(items: readonly T[], nameOf: (item: T) => string): readonly MatrixGroup<T>[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(nameOf(item));
    if (group === undefined) groups.set(nameOf(item), [item]);
    else group.push(item);
  }
  return [...groups].map(([name, members]) => ({ name, items: members }));
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

function byText<T>(textOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => COLLATOR.compare(textOf(a), textOf(b));
}

/** A place in the grid; row and column count from 0, column 0 is the row's header. */
export type GridPlace = { readonly row: number; readonly column: number };

/** The grid as far as focus needs it; holes are cells without a path. */
export type GridShape = {
  readonly rows: number;
  readonly columns: number;
  readonly isFilled: (place: GridPlace) => boolean;
};

const PAGE_ROWS = 10;

/**
 * Where a key leads from a cell of a grid: clamped at the edges, stepping on over holes. Where only holes follow, focus
 * stays. `undefined` for a key that is not one of the grid's.
 *
 * @see WAI-ARIA Authoring Practices, grid pattern (keyboard interaction).
 */
export function moveInGrid(
  from: GridPlace,
  { key, ctrlKey }: { readonly key: string; readonly ctrlKey: boolean },
  shape: GridShape,
): GridPlace | undefined {
  const { row, column } = from;
  const lastRow = shape.rows - 1;
  switch (key) {
    case 'ArrowUp':
      return seek(from, { row: row - 1, column }, UP, shape);
    case 'ArrowDown':
      return seek(from, { row: row + 1, column }, DOWN, shape);
    case 'ArrowLeft':
      return seek(from, { row, column: column - 1 }, LEFT, shape);
    case 'ArrowRight':
      return seek(from, { row, column: column + 1 }, RIGHT, shape);
    case 'PageUp':
      return seek(from, { row: Math.max(0, row - PAGE_ROWS), column }, UP, shape);
    case 'PageDown':
      return seek(from, { row: Math.min(lastRow, row + PAGE_ROWS), column }, DOWN, shape);
    case 'Home':
      return seek(from, { row: ctrlKey ? 0 : row, column: 0 }, RIGHT, shape);
    case 'End':
      return seek(from, { row: ctrlKey ? lastRow : row, column: shape.columns - 1 }, LEFT, shape);
    default:
      return undefined;
  }
}

const UP: GridPlace = { row: -1, column: 0 };
const DOWN: GridPlace = { row: 1, column: 0 };
const LEFT: GridPlace = { row: 0, column: -1 };
const RIGHT: GridPlace = { row: 0, column: 1 };

function seek(from: GridPlace, to: GridPlace, step: GridPlace, shape: GridShape): GridPlace {
  let place = to;
  while (place.row >= 0 && place.row < shape.rows && place.column >= 0 && place.column < shape.columns) {
    if (shape.isFilled(place)) return place;
    place = { row: place.row + step.row, column: place.column + step.column };
  }
  return from;
}

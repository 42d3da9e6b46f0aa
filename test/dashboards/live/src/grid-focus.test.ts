import { describe, expect, test } from 'vitest';
import { type GridShape, moveInGrid } from '../../../../dashboards/live/src/grid-focus.ts';

/** Five by five with the diagonal empty but for the headers in column 0. */
const shape: GridShape = { rows: 5, columns: 5, isFilled: ({ row, column }) => column === 0 || row !== column };
const press = (row: number, column: number, key: string, ctrlKey = false) =>
  moveInGrid({ row, column }, { key, ctrlKey }, shape);

describe('keys of the grid (WAI-ARIA grid pattern)', () => {
  test.each([
    ['ArrowDown', 0, 1, { row: 2, column: 1 }],
    ['ArrowUp', 2, 1, { row: 0, column: 1 }],
    ['ArrowRight', 2, 1, { row: 2, column: 3 }],
    ['ArrowLeft', 2, 3, { row: 2, column: 1 }],
    ['ArrowLeft', 2, 1, { row: 2, column: 0 }],
    ['ArrowLeft', 2, 0, { row: 2, column: 0 }],
    ['ArrowRight', 4, 3, { row: 4, column: 3 }],
    ['ArrowDown', 4, 1, { row: 4, column: 1 }],
    ['PageDown', 0, 1, { row: 4, column: 1 }],
    ['PageUp', 4, 1, { row: 0, column: 1 }],
    ['PageDown', 0, 4, { row: 0, column: 4 }],
    ['Home', 3, 2, { row: 3, column: 0 }],
    ['End', 4, 0, { row: 4, column: 3 }],
  ])('%s from row %d, column %d', (key, row, column, expected) => {
    expect(press(row, column, key)).toEqual(expected);
  });

  test('Ctrl with Home and End reaches the corners', () => {
    expect(press(3, 2, 'Home', true)).toEqual({ row: 0, column: 0 });
    expect(press(0, 1, 'End', true)).toEqual({ row: 4, column: 3 });
  });

  test('other keys are left to the browser', () => {
    expect(press(1, 2, 'Tab')).toBeUndefined();
    expect(press(1, 2, 'Enter')).toBeUndefined();
  });
});

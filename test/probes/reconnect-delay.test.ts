import { expect, test } from 'vitest';
import { reconnectDelayMs } from '../../probes/reconnect-delay.ts';

const BOUNDS = { firstMs: 200, maxMs: 5_000 };

test('the wait doubles with each failure up to its bound, and keeps at least half of it', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => reconnectDelayMs(failures, 0.999_999, BOUNDS));
  expect(longest.map(Math.round)).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  const shortest = [0, 1, 2, 3, 6].map((failures) => reconnectDelayMs(failures, 0, BOUNDS));
  expect(shortest).toEqual([100, 100, 200, 400, 2_500]);
});

test('a count of failures too large for doubling stays at the bound', () => {
  expect(reconnectDelayMs(1e9, 0.5, BOUNDS)).toBe(3_750);
});

import { expect, test } from 'vitest';
import { reconnectDelayMs } from '../../../probes/uplink/reconnect-delay.ts';

test('doubles from half a second to half a minute and stays there', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 50, 5000].map((failures) => reconnectDelayMs(failures, 0.999_999));
  expect(longest.map(Math.round)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test('jitter takes off at most half, so that a fleet spreads', () => {
  expect(reconnectDelayMs(1, 0)).toBe(250);
  expect(reconnectDelayMs(7, 0.5)).toBe(22_500);
  expect(reconnectDelayMs(0, 0)).toBe(250);
});

import { expect, test } from 'vitest';
import { reconnectDelayMs } from '../../../../dashboards/live/src/reconnect.ts';
import { judgeFreshness, STALE_AFTER_MS } from '../../../../dashboards/live/src/staleness.ts';

const last = { monotonicMs: 1000, epochMs: 50_000 };

test.each([
  ['at once', 0, 0, 'live'],
  ['at the limit', STALE_AFTER_MS, STALE_AFTER_MS, 'live'],
  ['after the limit', STALE_AFTER_MS + 1, STALE_AFTER_MS + 1, 'stale'],
  ['after a sleep in which the monotonic clock stood still', 10, 3_600_000, 'stale'],
  ['after the wall clock was set back', STALE_AFTER_MS + 1, -3_600_000, 'stale'],
  ['just after the wall clock was set back', 10, -3_600_000, 'live'],
] as const)('%s', (_case, monotonicMs, epochMs, kind) => {
  expect(
    judgeFreshness(last, { monotonicMs: last.monotonicMs + monotonicMs, epochMs: last.epochMs + epochMs }).kind,
  ).toBe(kind);
});

test('before any message the page waits; it is neither live nor stale', () => {
  expect(judgeFreshness(undefined, last)).toEqual({ kind: 'waiting' });
});

test('the wait before a new connection doubles from 0.5 s to 15 s, its upper half by chance', () => {
  expect([1, 2, 3, 6, 50].map((failures) => reconnectDelayMs(failures, 0))).toEqual([250, 500, 1000, 7500, 7500]);
  expect([1, 2, 3, 6, 50].map((failures) => reconnectDelayMs(failures, 0.999_999)).map(Math.round)).toEqual([
    500, 1000, 2000, 15_000, 15_000,
  ]);
});

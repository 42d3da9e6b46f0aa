import { expect, test } from 'vitest';
import { addPoint, HISTORY_LIMITS, type History } from '../../../../dashboards/live/src/history.ts';
import { path } from '../../../browser/support/fleet.ts';

const healthy = path('fra-1', 'b.b1', 'telco-b', { sent: 50, lost: 5 });

test('a reading becomes a point with its loss and round trips', () => {
  expect(addPoint([], healthy, 1000)).toEqual([{ atEpochMs: 1000, lossRatio: 0.1, rttP50Ms: 12.4, rttP95Ms: 14.9 }]);
});

test('no answer leaves the round trip blank, and an unknown path leaves all blank (safety rule 2)', () => {
  expect(addPoint([], { ...healthy, rttN: 0 }, 1)[0]).toMatchObject({ lossRatio: 0.1, rttP50Ms: null, rttP95Ms: null });
  expect(addPoint([], { ...healthy, state: 'unknown' }, 1)[0]).toMatchObject({ lossRatio: null, rttP50Ms: null });
  expect(addPoint([], { ...healthy, sent: 0, lost: 0 }, 1)[0]).toMatchObject({ lossRatio: null });
});

test('readings closer than the spacing are left out', () => {
  const one = addPoint([], healthy, 1000);
  expect(addPoint(one, healthy, 1000 + HISTORY_LIMITS.spacingMs - 1)).toBe(one);
  expect(addPoint(one, healthy, 1000 + HISTORY_LIMITS.spacingMs)).toHaveLength(2);
});

test('after a silence the line is broken by a blank point', () => {
  const after = addPoint(addPoint([], healthy, 1000), healthy, 1001 + HISTORY_LIMITS.gapMs);
  expect(after.map(({ lossRatio }) => lossRatio)).toEqual([0.1, null, 0.1]);
});

test('the oldest points go first when there are too many', () => {
  let history: History = [];
  for (let index = 0; index < HISTORY_LIMITS.points + 5; index += 1)
    history = addPoint(history, healthy, index * HISTORY_LIMITS.spacingMs);
  expect(history).toHaveLength(HISTORY_LIMITS.points);
  expect(history[0]?.atEpochMs).toBe(5 * HISTORY_LIMITS.spacingMs);
});

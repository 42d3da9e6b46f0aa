import { expect, test } from 'vitest';
import { ALL_CHANGED, mergeChanged, UNCHANGED } from '../../../../dashboards/live/src/changed.ts';

test('what several messages touched is drawn once, and nothing is forgotten', () => {
  const a = { ...UNCHANGED, paths: new Set(['p', 'q']), isHub: true };
  const b = { ...UNCHANGED, paths: new Set(['q', 'r']), routes: new Set(['x']) };
  expect(mergeChanged(a, b)).toEqual({
    ...UNCHANGED,
    isHub: true,
    paths: new Set(['p', 'q', 'r']),
    routes: new Set(['x']),
  });
  expect(mergeChanged(a, ALL_CHANGED)).toMatchObject({ isAll: true, isShape: true, paths: new Set(['p', 'q']) });
  expect(mergeChanged(UNCHANGED, UNCHANGED)).toEqual(UNCHANGED);
});

import { expect, test } from 'vitest';
import { PairCheck } from '../../../../probes/measure/schedule/pair-check.ts';

test('the second attempt carries the number of its pair only where it left within a millisecond of the first', () => {
  const pairs = new PairCheck();
  expect(pairs.isTrue(1, 1000)).toBe(true);
  expect(pairs.isTrue(1, 1000.9)).toBe(true);
  expect(pairs.isTrue(2, 2000)).toBe(true);
  expect(pairs.isTrue(2, 1998.5)).toBe(false);
});

test('a first attempt whose partner never settles is forgotten in time', () => {
  const pairs = new PairCheck();
  for (let pair = 0; pair < 1000; pair += 1) expect(pairs.isTrue(pair, pair)).toBe(true);
  expect(pairs.isTrue(0, 500)).toBe(true);
});

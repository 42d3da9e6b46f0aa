import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberWindow } from '../../../../probes/measure/rtp/number-window.ts';

const step = fc.record({ by: fc.integer({ min: 0, max: 70_000 }), isForgotten: fc.boolean() });

test('knows the numbers that a set would know, whatever is taken in and forgotten', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), fc.array(step, { maxLength: 40 }), (first, steps) => {
      const window = new NumberWindow(first);
      let known = new Set<number>();
      let from = first;
      for (const { by, isForgotten } of steps) {
        if (isForgotten) {
          from += by % 1000;
          window.forgetBelow(from);
          known = new Set([...known].filter((number) => number >= from));
        } else {
          window.add(from + by);
          known.add(from + by);
        }
        for (const number of [...known, from, from + 1, from + by + 1, from + by + 8]) {
          expect(window.has(number)).toBe(known.has(number));
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('takes in nothing below its lower end, which never goes down', () => {
  const window = new NumberWindow(10);
  window.add(9);
  window.add(10);
  window.forgetBelow(5);
  window.add(8);
  expect([8, 9, 10, 11].map((number) => window.has(number))).toEqual([false, false, true, false]);
  window.forgetBelow(11);
  expect(window.has(10)).toBe(false);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ReplyTimes, ReplyTimesTable } from '../../../../probes/measure/rtp/reply-times.ts';

const timesOf = (number: number): ReplyTimes => ({
  lateMs: number / 7,
  forwardMs: 1e9 + number / 3,
  reverseMs: -1e9 + number,
  apartMs: number % 2 === 0 ? Number.NaN : 5,
  errorMs: number / 11,
  forwardJitterMs: number / 13,
  reverseJitterMs: number / 17,
});

const KEYS = ['lateMs', 'forwardMs', 'reverseMs', 'apartMs', 'errorMs', 'forwardJitterMs', 'reverseJitterMs'] as const;

test('gives each packet once, with its own times, in the order in which the replies came', () => {
  const part = fc.record({
    numbers: fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 400 }),
    below: fc.integer({ min: 0, max: 5000 }),
  });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const table = new ReplyTimesTable(100);
      let open: number[] = [];
      for (const { numbers, below } of parts) {
        for (const number of numbers) table.add(number, timesOf(number));
        open.push(...numbers);
        const wanted = open.filter((number) => number < below).map(timesOf);
        open = open.filter((number) => number >= below);
        const columns = table.takeBelow(below);
        for (const key of KEYS) expect([...columns[key]]).toEqual(wanted.map((each) => each[key]));
      }
    }),
    { numRuns: 50 },
  );
});

import { expect, it } from 'vitest';
import { countRtp, lostBetween } from './rtp-capture.ts';

function packets(numbers: readonly number[], ssrc = '0x1'): readonly (readonly string[])[] {
  return numbers.map((number) => ['10.77.1.2', ssrc, `${number}`]);
}

it('tells copies from packets that come after a later one, also over the wrap of 16 bits', () => {
  expect(countRtp(packets([65_534, 65_535, 1, 0, 2, 2, 65_535]))).toMatchObject({
    distinct: 5,
    duplicates: 2,
    reordered: 1,
  });
});

it('counts each stream by its own numbers', () => {
  expect(countRtp([...packets([5, 6], '0x1'), ...packets([1, 2], '0x2')])).toMatchObject({
    distinct: 4,
    duplicates: 0,
    reordered: 0,
  });
});

it('counts as lost what is missing behind, but not what only one of the two captures could see', () => {
  const left = countRtp(packets([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  const came = countRtp(packets([3, 5, 4, 4, 8, 10, 11]));
  expect(lostBetween(left, came)).toBe(2);
  expect(lostBetween(left, countRtp([]))).toBe(0);
});

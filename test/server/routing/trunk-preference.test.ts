import { describe, expect, it } from 'vitest';
import { diverseFallback, preferredOrder } from '../../../server/routing/trunk-preference.ts';

const ABC = { class: 'national', trunks: ['a', 'b', 'c'] };
const price = (...prices: readonly [string, number][]) => ({
  ...ABC,
  prefer: 'price' as const,
  priceMicros: new Map(prices),
});

describe('order when all is well', () => {
  it.each([
    [
      'the list, where the class does not go by price',
      { ...price(['a', 9], ['b', 1]), prefer: 'configured' as const },
      'a b c',
    ],
    ['the list, where no price is known', { ...ABC, prefer: 'price' as const }, 'a b c'],
    ['the cheapest first', price(['a', 9000], ['b', 5000], ['c', 7000]), 'b c a'],
    ['equal prices as listed', price(['a', 5000], ['b', 5000], ['c', 5000]), 'a b c'],
    ['a trunk of unknown price keeps its place (safety rule 2)', price(['a', 9000], ['c', 7000]), 'c b a'],
  ])('%s', (_name, order, expected) => {
    expect(preferredOrder(order).join(' ')).toBe(expected);
  });
});

describe('fallback of another provider', () => {
  const groundsOf = (trunk: string) => ({ provider: trunk[0], exit: trunk[2] });
  it.each([
    ['goes second', 'a1 a2 b1', ['a1', 'a2', 'b1'], 'a1 b1 a2'],
    ['stays where it may not serve', 'a1 a2 b1', ['a1', 'a2'], 'a1 a2 b1'],
    ['is there already', 'a1 b1 a2', ['a1', 'a2', 'b1'], 'a1 b1 a2'],
    ['by another way out goes before one by the same', 'a1 b1 b1x', ['a1', 'b1', 'b1x'], 'a1 b1x b1'],
    ['goes before the same provider by another way out', 'a1 a1x b1', ['a1', 'a1x', 'b1'], 'a1 b1 a1x'],
    ['of the same provider goes second where it has another way out', 'a1 a2 a3x', ['a1', 'a2', 'a3x'], 'a1 a3x a2'],
    ['is not there', 'a1 a2', ['a1', 'a2'], 'a1 a2'],
  ])('%s', (_name, trunks, serving, expected) => {
    const given = diverseFallback(trunks.split(' '), groundsOf, (trunk) => serving.includes(trunk));
    expect(given.join(' ')).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { fullTrunks, type RoomGround } from '../../../server/routing/trunk-room.ts';

const route = (text: string) =>
  text.split(' ').map((each) => ({ trunk: each.split('/')[0] ?? '', weight: Number(each.split('/')[1]) }));
const loads = (used: Readonly<Record<string, number>>) =>
  new Map(Object.entries(used).map(([trunk, usedChannels]) => [trunk, { channels: 100, usedChannels }]));
const full = (used: Readonly<Record<string, number>>, parts: Partial<RoomGround> = {}) => {
  const ground = { trunks: ['a', 'b'], loads: loads(used), wereFull: [], ordered: undefined, weights: undefined };
  return fullTrunks({ ...ground, ...parts }, ROUTE_POLICY).join(' ');
};
const SHARES = new Map([
  ['a', 60],
  ['b', 40],
]);

describe('room of trunks', () => {
  it.each<[string, number, Partial<RoomGround>, string]>([
    ['full from 90 % on', 90, {}, 'a'],
    ['not full below', 89, {}, ''],
    ['stays full until below 75 %', 75, { wereFull: ['a'] }, 'a'],
    ['has room below 75 %', 74, { wereFull: ['a'] }, ''],
    ['what it gives away would come back', 45, { wereFull: ['a'], ordered: route('a/50 b/50') }, 'a'],
    ['room once all of it would fit', 37, { wereFull: ['a'], ordered: route('a/50 b/50') }, ''],
    ['half of a configured share', 45, { wereFull: ['a'], ordered: route('a/30 b/70'), weights: SHARES }, 'a'],
    ['room for a configured share', 37, { wereFull: ['a'], ordered: route('a/30 b/70'), weights: SHARES }, ''],
    ['a trunk that gives nothing away', 74, { wereFull: ['a'], ordered: route('a/60 b/40'), weights: SHARES }, ''],
    [
      'half of it to one without a share',
      45,
      { wereFull: ['a'], ordered: route('a/30 c/30 b/0'), weights: SHARES },
      'a',
    ],
    ['behind another nothing is given away', 45, { wereFull: ['a'], ordered: route('b/100 a/0') }, ''],
  ])('%s', (_name, usedChannels, parts, expected) => {
    expect(full({ a: usedChannels }, parts)).toBe(expected);
  });

  it('a trunk that was filled by the calls of the first stays full while that one is', () => {
    const parts = { wereFull: ['a', 'b'], ordered: route('a/100 b/0') };
    expect(full({ a: 95, b: 0 }, parts)).toBe('a b');
    expect(full({ a: 60, b: 0 }, parts)).toBe('');
  });

  it('a use that is not known fills nothing', () => {
    expect(full({})).toBe('');
    expect(full({ b: 99 }, { wereFull: ['a'] })).toBe('b');
  });
});

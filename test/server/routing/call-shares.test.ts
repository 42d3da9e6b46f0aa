import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callShares,
  muchShared,
  newlyShared,
  type ShareInput,
  withoutShares,
} from '../../../server/routing/call-shares.ts';
import type { Tier } from '../../../server/routing/trunk-tier.ts';
import { encodeRouteValue, parseRouteValue } from '../../../wire/route-value.ts';

const route = (text: string) =>
  text.split(' ').map((each) => ({ trunk: each.split('/')[0] ?? '', weight: Number(each.split('/')[1]) }));

/** `a:shedding` is trunk a, shedding; those not named are usable. */
function shares(order: string, tiers: string, parts: Partial<ShareInput> = {}): string {
  const held = new Map(tiers.split(' ').map((each) => each.split(':') as [string, Tier]));
  const trunks = order.split(' ');
  const given = callShares({
    trunks,
    current: route('a/100 b/0 c/0'),
    isOwn: true,
    configured: ['a', 'b', 'c'],
    weights: undefined,
    tierOf: (trunk) => held.get(trunk) ?? 'usable',
    guest: undefined,
    isPinned: false,
    ...parts,
  });
  return given.map(({ trunk, weight }) => `${trunk}/${weight}`).join(' ');
}

const WEIGHTS = new Map([
  ['a', 60],
  ['b', 40],
]);

describe('shares of calls', () => {
  it.each<[string, string, string, Partial<ShareInput>, string]>([
    ['all calls to the first', 'a b c', '', {}, 'a/100 b/0 c/0'],
    ['shares as configured', 'a b c', '', { weights: WEIGHTS }, 'a/60 b/40 c/0'],
    ['nothing to a bad trunk', 'a c b', 'b:hard-down', { weights: WEIGHTS }, 'a/60 c/0 b/0'],
    [
      'all to a standby when those with shares are bad',
      'c a b',
      'a:degraded b:hard-down',
      { weights: WEIGHTS },
      'c/100 a/0 b/0',
    ],
    ['half of a shedding leader to the next usable', 'a b c', 'a:shedding b:held', {}, 'a/50 b/0 c/50'],
    [
      'nothing from a shedding leader without a usable one',
      'a b c',
      'a:shedding b:held c:unknown',
      {},
      'a/100 b/0 c/0',
    ],
    ['half of its configured share', 'a b c', 'a:shedding', { weights: WEIGHTS }, 'a/30 b/70 c/0'],
    ['a guest of 5 %', 'b a c', '', { guest: { trunk: 'a', percent: 5 } }, 'b/100 a/5 c/0'],
    ['a guest of 25 %', 'b a c', '', { guest: { trunk: 'a', percent: 25 } }, 'b/100 a/33 c/0'],
    ['a guest of 50 %', 'b a c', '', { guest: { trunk: 'a', percent: 50 } }, 'b/100 a/100 c/0'],
    ['a found route as it was found', 'a b c', '', { isOwn: false, current: route('a/70 b/30 c/0') }, 'a/70 b/30 c/0'],
    ['a held leader keeps the split', 'a b c', 'a:held', { current: route('a/50 b/50 c/0') }, 'a/50 b/50 c/0'],
    [
      'a held leader takes from a bad one',
      'a c b',
      'a:held b:hard-down',
      { current: route('a/50 b/50 c/0') },
      'a/50 c/0 b/0',
    ],
    [
      'no share back for a trunk that is merely held',
      'b c a',
      'a:held',
      { weights: WEIGHTS, current: route('b/40 c/0 a/0') },
      'b/40 c/0 a/0',
    ],
    [
      'no share back for one that is unknown, nor half-open, nor shedding',
      'd a b c',
      'a:unknown b:half-open c:shedding',
      {
        weights: new Map(['a', 'b', 'c', 'd'].map((trunk) => [trunk, 25])),
        current: route('d/25 a/0 b/10 c/0'),
      },
      'd/25 a/0 b/10 c/0',
    ],
    [
      'an unknown trunk keeps the share it has',
      'a b c',
      'b:unknown',
      { weights: WEIGHTS, current: route('a/60 b/40 c/0') },
      'a/60 b/40 c/0',
    ],
    [
      'a guest of 5 % beside a stand-in without a share of its own',
      'b a c',
      '',
      { weights: new Map([['a', 100]]), guest: { trunk: 'a', percent: 5 } },
      'b/100 a/5 c/0',
    ],
    [
      'a guest of 5 % where shares are small numbers',
      'b a c',
      '',
      {
        weights: new Map([
          ['a', 1],
          ['b', 1],
        ]),
        guest: { trunk: 'a', percent: 5 },
      },
      'b/100 a/5 c/0',
    ],
    [
      'a guest of 25 % where shares are small numbers',
      'b a c',
      '',
      {
        weights: new Map([
          ['a', 1],
          ['b', 1],
        ]),
        guest: { trunk: 'a', percent: 25 },
      },
      'b/100 a/33 c/0',
    ],
    [
      'a found route gives nothing to a trunk that is hard-down',
      'a b c',
      'b:hard-down',
      { isOwn: false, current: route('a/70 b/30 c/0') },
      'a/100 b/0 c/0',
    ],
    [
      'configured shares over found ones, once the trunks that have them are usable',
      'a b c',
      'c:unknown',
      { isOwn: false, weights: WEIGHTS },
      'a/60 b/40 c/0',
    ],
    ['found shares until then', 'a b c', 'b:unknown', { isOwn: false, weights: WEIGHTS }, 'a/100 b/0 c/0'],
    ['nothing away from a pinned leader that sheds', 'a b c', 'a:shedding', { isPinned: true }, 'a/100 b/0 c/0'],
  ])('%s', (_name, order, tiers, parts, expected) => {
    expect(shares(order, tiers, parts)).toBe(expected);
  });

  it('names the trunks that get calls they had none of', () => {
    expect(newlyShared(route('a/50 b/50 c/0'), route('a/100 b/0 c/0'))).toEqual(['b']);
    expect(newlyShared(route('a/50 b/50 c/0'), route('b/100 a/0 c/0'))).toEqual([]);
    expect(newlyShared(route('b/100 a/0 c/0'), route('a/100 b/0 c/0'))).toEqual([]);
  });

  it('names the trunks that get over a tenth more of all calls, where another gives them', () => {
    const none = () => false;
    expect(muchShared(route('a/30 b/70'), route('a/60 b/40'), none)).toEqual(['b']);
    expect(muchShared(route('a/50 b/50'), route('a/60 b/40'), none)).toEqual([]);
    expect(muchShared(route('a/100 b/0'), route('a/60 b/40'), none)).toEqual(['a']);
    expect(muchShared(route('a/100 b/0'), route('a/60 b/40'), (trunk) => trunk === 'b')).toEqual([]);
    expect(muchShared(route('a/600 b/400'), route('a/60 b/40'), none)).toEqual([]);
  });

  it('a route without the shares of some trunks still has a trunk that takes calls', () => {
    const without = (text: string, out: string) => withoutShares(route(text), (trunk) => trunk === out);
    expect(without('a/60 b/40', 'b')).toEqual(route('a/60 b/0'));
    expect(without('a/0 b/40', 'b')).toEqual(route('a/100 b/0'));
  });

  it('fit the text of AstDB, and some trunk takes calls, for any tiers and shares', () => {
    const tier = fc.constantFrom<Tier>(
      'usable',
      'shedding',
      'half-open',
      'held',
      'degraded',
      'maintenance',
      'hard-down',
      'unknown',
    );
    const weight = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(
        fc.tuple(tier, tier, tier),
        fc.tuple(weight, weight, weight),
        fc.option(fc.tuple(weight, weight)),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (tiers, had, own, percent, isOwn) => {
          const trunks = ['a', 'b', 'c'];
          const current = trunks.map((trunk, at) => ({ trunk, weight: had[at] ?? 0 }));
          fc.pre(current.some((each) => each.weight > 0));
          const weights =
            own === null
              ? undefined
              : new Map([
                  ['a', own[0]],
                  ['b', own[1]],
                ]);
          const tierOf = (trunk: string): Tier => tiers[trunks.indexOf(trunk)] ?? 'unknown';
          const guest = { trunk: 'b', percent };
          const given = callShares({
            trunks,
            current,
            isOwn,
            configured: trunks,
            weights,
            tierOf,
            guest,
            isPinned: false,
          });
          expect(given.some((each) => each.weight > 0)).toBe(true);
          const text = encodeRouteValue({ fence: 1, version: 1, trunks: given });
          expect(parseRouteValue(text)).toEqual({ ok: true, route: { fence: 1, version: 1, trunks: given } });
        },
      ),
    );
  });
});

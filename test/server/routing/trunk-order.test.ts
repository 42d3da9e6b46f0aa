import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderTrunks } from '../../../server/routing/trunk-order.ts';
import { BAD_TIERS, type Tier } from '../../../server/routing/trunk-tier.ts';

const TIERS: readonly Tier[] = [
  'usable',
  'shedding',
  'half-open',
  'held',
  'degraded',
  'maintenance',
  'hard-down',
  'unknown',
];

/** `a:held` is trunk a, held; those not named are usable. */
function order(current: string, tiers: string, configured = 'a b c') {
  const held = new Map(tiers.split(' ').map((each) => each.split(':') as [string, Tier]));
  const tierOf = (trunk: string): Tier => held.get(trunk) ?? 'usable';
  return orderTrunks({ configured: configured.split(' '), current: current.split(' '), tierOf });
}

describe('order of trunks', () => {
  it.each([
    ['all usable: as configured', 'c a b', '', 'a b c'],
    ['hard-down goes last', 'a b c', 'a:hard-down', 'b c a'],
    ['a standby hard-down goes last, the first stays', 'a b c', 'b:hard-down', 'a c b'],
    ['degraded goes behind the sound, before the hard-down', 'a b c', 'a:degraded b:hard-down', 'c a b'],
    ['held does not come back', 'b c a', 'a:held', 'b c a'],
    ['half-open does not come back', 'b c a', 'a:half-open', 'b c a'],
    ['held does not lose its place either', 'a b c', 'a:held', 'a b c'],
    ['Unknown is not bad (safety rule 2): it keeps the lead', 'a b c', 'a:unknown', 'a b c'],
    ['Unknown is not good (safety rule 2): it does not win the lead back', 'b a c', 'a:unknown', 'b a c'],
    ['usable comes back past the held', 'c b a', 'b:held', 'a c b'],
    ['a hard-down leader gives way to a held trunk: the least bad', 'b a', 'a:held b:hard-down', 'a b'],
    ['a hard-down leader gives way to an unknown trunk', 'a b', 'a:hard-down b:unknown', 'b a'],
    ['a degraded leader does not give way to an unknown trunk', 'a b', 'a:degraded b:unknown', 'a b'],
    ['a degraded leader does not give way to a held trunk', 'a b', 'a:degraded b:held', 'a b'],
    ['shedding keeps its place', 'a b c', 'a:shedding', 'a b c'],
    ['shedding does not come back', 'b a c', 'a:shedding', 'b a c'],
    ['a degraded leader gives way to a shedding trunk', 'a b', 'a:degraded b:shedding', 'b a'],
    [
      'maintenance goes behind the degraded, before the hard-down',
      'a b c',
      'a:maintenance b:hard-down c:degraded',
      'c a b',
    ],
    ['a leader in maintenance gives way to an unknown trunk', 'a b', 'a:maintenance b:unknown', 'b a'],
    ['a leader in maintenance stays if all others are hard-down', 'a b', 'a:maintenance b:hard-down', 'a b'],
    ['a degraded leader passes over a hard-down to a usable', 'a b c', 'a:degraded b:hard-down', 'c a b'],
  ])('%s', (_name, current, tiers, expected) => {
    const configured = current.includes('c') ? 'a b c' : 'a b';
    expect(order(current, tiers, configured).trunks.join(' ')).toBe(expected);
  });

  it('Never an empty route (safety rule 4): with every trunk hard-down the order stays, in panic', () => {
    const { trunks, isPanic } = order('b c a', 'a:hard-down b:hard-down c:hard-down');
    expect(trunks).toEqual(['b', 'c', 'a']);
    expect(isPanic).toBe(true);
  });

  it('Never an empty route (safety rule 4): in panic the least bad trunk leads', () => {
    const { trunks, isPanic } = order('a b c', 'a:hard-down b:hard-down c:degraded');
    expect(trunks[0]).toBe('c');
    expect(isPanic).toBe(true);
  });

  it.each([
    ['clearly better', { a: 0.2, b: 0.5 }, 'b a'],
    ['a little better: no cliff, the order stays', { a: 0.2, b: 0.25 }, 'a b'],
    ['as good', { a: 0.2, b: 0.2 }, 'a b'],
    ['worse', { a: 0.5, b: 0.2 }, 'a b'],
  ] as const)('in panic the second of two degraded trunks, %s', (_name, scores, expected) => {
    const scoreOf = (trunk: string) => scores[trunk as keyof typeof scores];
    const tierOf = (): Tier => 'degraded';
    const input = { configured: ['a', 'b'], current: ['a', 'b'], tierOf, scoreOf, scoreMargin: 0.1 };
    expect(orderTrunks(input).trunks.join(' ')).toBe(expected);
  });

  it('is a permutation of the configured trunks for any tiers and any current order', () => {
    const trunk = fc.record({
      tier: fc.constantFrom(...TIERS),
      rank: fc.nat(),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(trunk, { minLength: 1, maxLength: 8 }), (trunks) => {
        const configured = trunks.map((_, at) => `t${at}`);
        const tierOf = (name: string): Tier => trunks[Number(name.slice(1))]?.tier ?? 'unknown';
        const rankOf = (name: string) => trunks[Number(name.slice(1))]?.rank ?? 0;
        const current = configured.toSorted((x, y) => rankOf(x) - rankOf(y));
        const scoreOf = (name: string) => trunks[Number(name.slice(1))]?.score ?? 0;
        const input = { configured, tierOf, scoreOf, scoreMargin: 0.1 };
        const result = orderTrunks({ ...input, current });
        expect(result.trunks.toSorted()).toEqual(configured.toSorted());
        const settled = orderTrunks({ ...input, current: result.trunks });
        expect(settled.trunks).toEqual(result.trunks);
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing while every trunk is unknown, held or half-open', () => {
    const sticky = fc.constantFrom<Tier>('unknown', 'held', 'half-open');
    const trunk = fc.record({ tier: sticky, rank: fc.nat() });
    fc.assert(
      fc.property(fc.array(trunk, { minLength: 1, maxLength: 8 }), (trunks) => {
        const configured = trunks.map((_, at) => `t${at}`);
        const of = (name: string) => trunks[Number(name.slice(1))];
        const current = configured.toSorted((x, y) => (of(x)?.rank ?? 0) - (of(y)?.rank ?? 0));
        const result = orderTrunks({ configured, current, tierOf: (name) => of(name)?.tier ?? 'unknown' });
        expect(result.trunks).toEqual(current);
      }),
    );
  });

  it('never takes the lead from a trunk that is not bad, but for a usable one configured before it', () => {
    const trunk = fc.record({
      tier: fc.constantFrom(...TIERS),
      rank: fc.nat(),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(trunk, { minLength: 1, maxLength: 8 }), (trunks) => {
        const configured = trunks.map((_, at) => `t${at}`);
        const of = (name: string) => trunks[Number(name.slice(1))];
        const tierOf = (name: string): Tier => of(name)?.tier ?? 'unknown';
        const current = configured.toSorted((x, y) => (of(x)?.rank ?? 0) - (of(y)?.rank ?? 0));
        const before = current[0] ?? '';
        const after = orderTrunks({ configured, current, tierOf }).trunks[0] ?? '';
        fc.pre(before !== after && !BAD_TIERS.has(tierOf(before)));
        expect(tierOf(after)).toBe('usable');
        expect(configured.indexOf(after)).toBeLessThan(configured.indexOf(before));
      }),
    );
  });
});

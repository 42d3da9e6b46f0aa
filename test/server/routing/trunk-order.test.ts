import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderTrunks } from '../../../server/routing/trunk-order.ts';
import type { Tier } from '../../../server/routing/trunk-tier.ts';

const TIERS: readonly Tier[] = ['usable', 'half-open', 'held', 'degraded', 'hard-down', 'unknown'];

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

  it('is a permutation of the configured trunks for any tiers and any current order', () => {
    const trunk = fc.record({ tier: fc.constantFrom(...TIERS), rank: fc.nat() });
    fc.assert(
      fc.property(fc.array(trunk, { minLength: 1, maxLength: 8 }), (trunks) => {
        const configured = trunks.map((_, at) => `t${at}`);
        const tierOf = (name: string): Tier => trunks[Number(name.slice(1))]?.tier ?? 'unknown';
        const rankOf = (name: string) => trunks[Number(name.slice(1))]?.rank ?? 0;
        const current = configured.toSorted((x, y) => rankOf(x) - rankOf(y));
        const result = orderTrunks({ configured, current, tierOf });
        expect(result.trunks.toSorted()).toEqual(configured.toSorted());
        const settled = orderTrunks({ configured, current: result.trunks, tierOf });
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
    const trunk = fc.record({ tier: fc.constantFrom(...TIERS), rank: fc.nat() });
    fc.assert(
      fc.property(fc.array(trunk, { minLength: 1, maxLength: 8 }), (trunks) => {
        const configured = trunks.map((_, at) => `t${at}`);
        const of = (name: string) => trunks[Number(name.slice(1))];
        const tierOf = (name: string): Tier => of(name)?.tier ?? 'unknown';
        const current = configured.toSorted((x, y) => (of(x)?.rank ?? 0) - (of(y)?.rank ?? 0));
        const before = current[0] ?? '';
        const after = orderTrunks({ configured, current, tierOf }).trunks[0] ?? '';
        fc.pre(before !== after && tierOf(before) !== 'hard-down' && tierOf(before) !== 'degraded');
        expect(tierOf(after)).toBe('usable');
        expect(configured.indexOf(after)).toBeLessThan(configured.indexOf(before));
      }),
    );
  });
});

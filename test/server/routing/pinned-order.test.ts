import { describe, expect, it } from 'vitest';
import { pinnedOrder } from '../../../server/routing/pinned-order.ts';
import type { Pin } from '../../../server/routing/route-constraints.ts';
import type { Tier } from '../../../server/routing/trunk-tier.ts';

const PIN: Pin = { scope: {}, trunk: 'c', behind: ['b'], actor: 'night-shift', reason: 'ticket 7' };
const told = (tiers: Readonly<Record<string, Tier>>, pin: Pin = PIN, aside?: string) =>
  pinnedOrder({ pin, trunks: ['a', 'b', 'c'], tierOf: (trunk) => tiers[trunk] ?? 'usable', aside });

describe('the trunks of a pin that hold', () => {
  it.each<[string, Readonly<Record<string, Tier>>, readonly string[], string | undefined]>([
    ['all, where all is well', {}, ['c', 'b'], undefined],
    ['a degraded first one all the same', { c: 'degraded' }, ['c', 'b'], undefined],
    ['an unknown or held first one all the same', { c: 'held', b: 'unknown' }, ['c', 'b'], undefined],
    ['not a hard-down first one: the next leads', { c: 'hard-down' }, ['b'], 'c'],
    ['not one in maintenance', { c: 'maintenance' }, ['b'], undefined],
    ['none that is hard-down', { c: 'hard-down', b: 'hard-down' }, [], 'c'],
    ['no held one to lead in the place of the first', { c: 'hard-down', b: 'held' }, [], 'c'],
  ])('%s', (_name, tiers, trunks, aside) => {
    expect(told(tiers)).toEqual({ trunks, ...(aside !== undefined && { aside }) });
  });

  it('wait, after the first one was hard-down, until its hold is over', () => {
    expect(told({ c: 'held' }, PIN, 'c')).toEqual({ trunks: ['b'], aside: 'c' });
    expect(told({ c: 'unknown' }, PIN, 'c')).toEqual({ trunks: ['b'], aside: 'c' });
    expect(told({ c: 'half-open' }, PIN, 'c')).toEqual({ trunks: ['c', 'b'] });
  });

  it('are all of them where it is forced, whatever they are', () => {
    const forced = { ...PIN, isForced: true } as const;
    expect(told({ c: 'hard-down', b: 'maintenance' }, forced, 'c')).toEqual({ trunks: ['c', 'b'] });
  });

  it('are only trunks of the route, each once', () => {
    expect(told({}, { ...PIN, trunk: 'x', behind: ['b', 'b', 'y'] })).toEqual({ trunks: ['b'] });
    expect(pinnedOrder({ pin: undefined, trunks: ['a'], tierOf: () => 'usable', aside: undefined })).toEqual({
      trunks: [],
    });
  });
});

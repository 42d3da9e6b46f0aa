import { describe, expect, it } from 'vitest';
import { currentRoute, isInAsterisk, type RouteStart } from '../../../server/routing/adopted-route.ts';
import type { RouteMemory } from '../../../server/routing/planner-memory.ts';
import { names } from './judged.ts';

const ORDER = { class: 'national', trunks: ['a', 'b', 'c'] };
const BAC = [
  { trunk: 'b', weight: 100 },
  { trunk: 'a', weight: 0 },
  { trunk: 'c', weight: 0 },
];
const CBA = BAC.toSorted((x, y) => y.trunk.localeCompare(x.trunk)).map((each, at) => ({
  ...each,
  weight: at === 0 ? 100 : 0,
}));
const ORDERED: RouteMemory = { current: CBA, planned: CBA, mode: 'enforce', isOwn: true };
const START: RouteStart = { order: ORDER, mode: 'enforce', memory: undefined, version: 4, readBack: undefined };

function found(trunks: readonly { trunk: string; weight: number }[] | undefined, version = 4): RouteStart['readBack'] {
  return [{ class: 'national', raw: '…', fence: 1, version, ...(trunks ? { trunks: [...trunks] } : {}) }];
}

describe('the route that Asterisk has (safety rule 9)', () => {
  it.each<[string, Partial<RouteStart>, string]>([
    ['never read, nothing known: static order', {}, 'a b c'],
    ['read, class absent: static order', { readBack: [] }, 'a b c'],
    ['read and understood: adopted', { readBack: found(BAC) }, 'b a c'],
    ['read, not understood, nothing known: static order', { readBack: found(undefined) }, 'a b c'],
    ['read, not understood: what was known', { readBack: found(undefined), mode: 'observe', memory: ORDERED }, 'c b a'],
    ['enforcing: what was ordered, the reading may be older', { readBack: found(BAC), memory: ORDERED }, 'c b a'],
    ['enforcing: another hub has ordered since', { readBack: found(BAC, 5), memory: ORDERED }, 'b a c'],
    ['observing: always what is read', { readBack: found(BAC), mode: 'observe', memory: ORDERED }, 'b a c'],
    [
      'from observe to enforce: what is read',
      { readBack: found(BAC), memory: { ...ORDERED, mode: 'observe' } },
      'b a c',
    ],
    ['unread since: what was known', { memory: { ...ORDERED, mode: 'observe' } }, 'c b a'],
    ['trunks no longer configured are left out', { readBack: found([{ trunk: 'x', weight: 100 }, ...BAC]) }, 'b a c'],
    ['trunks missing stand by at the end', { readBack: found(BAC.slice(0, 1)) }, 'b a c'],
    ['a repeated trunk counts once', { readBack: found([...BAC, { trunk: 'b', weight: 1 }]) }, 'b a c'],
  ])('%s', (_name, parts, expected) => {
    expect(names(currentRoute({ ...START, ...parts }))).toBe(expected);
  });

  it('keeps weights that it finds, and gives them where none would take a call', () => {
    const shared = BAC.map((each) => ({ ...each, weight: 50 }));
    expect(currentRoute({ ...START, readBack: found(shared) })).toEqual(shared);
    const idle = BAC.map((each) => ({ ...each, weight: 0 }));
    expect(currentRoute({ ...START, readBack: found(idle) })).toEqual(BAC);
  });

  it('is in Asterisk only as it was read back; unread is unknown', () => {
    expect(isInAsterisk(BAC, 'national', found(BAC))).toBe(true);
    expect(isInAsterisk(BAC, 'national', found(CBA))).toBe(false);
    expect(isInAsterisk(BAC, 'national', [])).toBe(false);
    expect(isInAsterisk(BAC, 'national', undefined)).toBeUndefined();
  });
});

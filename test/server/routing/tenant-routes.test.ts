import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import { tenantRoutes } from '../../../server/routing/tenant-routes.ts';
import { NOW, pbxInput, routeInput } from './judged.ts';

function planned(states: Parameters<typeof routeInput>[1]) {
  const [route] = plan(EMPTY_PLANNER, routeInput([pbxInput('fra-1')], states), NOW).routes;
  if (!route) throw new Error('nothing was planned');
  return route;
}

function told(states: Parameters<typeof routeInput>[1], ...trunks: readonly string[]) {
  const [own] = tenantRoutes(planned(states), [{ tenant: 'acme', trunks }]);
  return { ...own, text: own?.trunks.map(({ trunk, weight }) => `${trunk}/${weight}`).join(' ') };
}

describe('the route of a tenant', () => {
  it.each([
    [
      'all trunks: the route of the class',
      { a: 'healthy', b: 'healthy', c: 'healthy' },
      ['a', 'b', 'c'],
      'a/100 b/0 c/0',
    ],
    [
      'without the first: the next one takes all',
      { a: 'healthy', b: 'healthy', c: 'healthy' },
      ['c', 'b'],
      'b/100 c/0',
    ],
    ['it moves when the class does', { a: 'hard-down', b: 'healthy', c: 'healthy' }, ['a', 'c'], 'c/100 a/0'],
  ] as const)('%s', (_name, states, trunks, text) => {
    expect(told(states, ...trunks)).toMatchObject({ text, isPanic: false });
  });

  it('with nothing but bad trunks it is in panic although the class is not, keeps its calls and says so (rule 4)', () => {
    const own = told({ a: 'hard-down', b: 'healthy', c: 'healthy' }, 'a');
    expect(own).toMatchObject({ text: 'a/100', isPanic: true });
    expect(own.reason).toBe('PANIC: no trunk that acme may use is left that is not bad; a leads.');
  });

  it('unknown trunks are no panic (rule 2)', () => {
    expect(told({ a: 'unknown', b: 'healthy', c: 'healthy' }, 'a')).toMatchObject({ text: 'a/100', isPanic: false });
  });

  it('of a class whose trunks it may not use it has none, and says so', () => {
    const [own] = tenantRoutes(planned({ a: 'healthy', b: 'healthy', c: 'healthy' }), [
      { tenant: 'acme', trunks: ['x'] },
    ]);
    expect(own).toMatchObject({ trunks: [], isPanic: false, reason: 'acme may use no trunk of national.' });
  });

  it('never holds a trunk that is not allowed, keeps the order of the class, and some trunk takes calls', () => {
    const state = fc.constantFrom('healthy', 'unknown', 'degraded', 'hard-down');
    fc.assert(
      fc.property(
        fc.record({ a: state, b: state, c: state }),
        fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
        (states, allowed) => {
          const route = planned(states);
          const [own] = tenantRoutes(route, [{ tenant: 'acme', trunks: allowed }]);
          const order = route.trunks.map(({ trunk }) => trunk).filter((trunk) => allowed.includes(trunk));
          expect(own?.trunks.map(({ trunk }) => trunk)).toEqual(order);
          expect(own?.trunks.some(({ weight }) => weight > 0)).toBe(true);
        },
      ),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { orderDueTraces } from '../../../server/orders/due-traces.ts';
import { FLEET_PER_MINUTE, PATH_EVERY_MS } from '../../../server/orders/trace-limits.ts';
import { NO_TRACES, orderTraces, type TraceOrderState, unsent } from '../../../server/orders/trace-orders.ts';
import type { HealthState, PathHealth } from '../../../server/paths/path-health.ts';
import { health, NOW, verdict } from '../routing/judged.ts';

const LATELY = { sinceMs: NOW - 1000 };

function paths(state: HealthState, names: readonly string[], parts: Partial<PathHealth> = LATELY): PathHealth[] {
  return names.map((name) => {
    const [pbx = '', target = ''] = name.split('>');
    return health(pbx, target, state, parts);
  });
}

function due(healths: readonly PathHealth[], state = NO_TRACES, nowMs = NOW, able?: readonly string[]) {
  return orderDueTraces(state, { healths, able: new Set(able ?? healths.map(({ ref }) => ref.pbx)) }, nowMs);
}

const said = ({ orders }: ReturnType<typeof due>) => orders.map(({ pbx, role, target }) => `${role} ${pbx}>${target}`);

describe('a path that went hard-down', () => {
  test('is traced, from two sites where several PBXs lost the same provider, and not again within five minutes', () => {
    const fallen = paths('hard-down', ['fra-1>a.a1', 'fra-2>a.a1', 'ams-1>a.a1', 'par-1>a.a1']);
    const step = due(fallen);
    expect(said(step)).toEqual(['down fra-1>a.a1', 'down ams-1>a.a1']);
    expect(said(due(fallen, step.state, NOW + 59_000))).toEqual([]);
    const later = fallen.map((each) => ({ ...each, sinceMs: NOW + PATH_EVERY_MS }));
    expect(said(due(later, step.state, NOW + PATH_EVERY_MS - 1))).toEqual([]);
    expect(said(due(later, step.state, NOW + PATH_EVERY_MS))).toEqual(['down fra-1>a.a1', 'down ams-1>a.a1']);
  });

  test('waits for its PBX, which makes one trace at a time, as long as its fall is no older than a minute', () => {
    const fallen = paths('hard-down', ['fra-1>a.a1', 'fra-1>b.b1']);
    const first = due(fallen);
    expect(said(first)).toEqual(['down fra-1>a.a1']);
    expect(said(due(fallen, first.state, NOW + 30_000))).toEqual([]);
    const second = fallen.map((each) => ({ ...each, sinceMs: NOW + 10_000 }));
    expect(said(due(second, first.state, NOW + 60_000))).toEqual(['down fra-1>b.b1']);
    expect(said(due(second, first.state, NOW + 70_001))).toEqual([]);
  });

  test.each<[string, PathHealth[], (readonly string[])?]>([
    ['that is only degraded', paths('degraded', ['fra-1>a.a1'])],
    ['whose probe is sick', paths('hard-down', ['fra-1>a.a1'], { ...LATELY, isAbstaining: true })],
    ['whose figures are of another PBX', paths('hard-down', ['fra-1>a.a1'], { ...LATELY, inheritedFrom: ['fra-2'] })],
    ['that has long been down', paths('hard-down', ['fra-1>a.a1'], { sinceMs: NOW - 60_001 })],
    ['whose probe cannot trace', paths('hard-down', ['fra-1>a.a1']), []],
  ])('is not traced: one %s', (_name, healths, able) => {
    expect(said(due(healths, NO_TRACES, NOW, able))).toEqual([]);
  });

  test('takes no more than the fleet may trace in a minute, whatever falls', () => {
    const names = Array.from({ length: 40 }, (_, at) => [`p${at}-1>t${at}.e1`, `q${at}-1>t${at}.e1`]).flat();
    let state: TraceOrderState = NO_TRACES;
    let total = 0;
    for (const afterMs of [0, 1000, 59_999]) {
      const step = due(paths('hard-down', names, { sinceMs: NOW }), state, NOW + afterMs);
      ({ state } = step);
      total += step.orders.length;
    }
    expect(total).toBe(FLEET_PER_MINUTE);
  });
});

describe('an order that could not be sent', () => {
  const evidence = [{ pathKey: 'fra-1>a.a1', sent: 60, lost: 30, lowRatio: 0.4, highRatio: 0.6 }];
  const effect = { kind: 'verdict-opened', verdict: verdict({ witnesses: ['fra-1'], evidence }) } as const;
  const lossy = paths('degraded', ['fra-1>a.a1']);
  const sight = { healths: lossy, able: new Set(['fra-1']) };

  function failed(): TraceOrderState {
    const { orders, state } = orderTraces(NO_TRACES, effect, sight, NOW);
    expect(orders).toHaveLength(1);
    return orders.reduce(unsent, state);
  }

  test('blocks nothing, and is given as soon as the probe is back', () => {
    const state = failed();
    expect(said(due(lossy, state, NOW + 1000, []))).toEqual([]);
    const back = due(lossy, state, NOW + 2000);
    expect(back.orders).toMatchObject([{ pbx: 'fra-1', target: 'a.a1', verdictId: 'v-1', role: 'witness' }]);
    expect(said(due(lossy, back.state, NOW + 3000))).toEqual([]);
    const failedAgain = back.orders.reduce(unsent, back.state);
    expect(said(due(lossy, failedAgain, NOW + 3000))).toEqual(['witness fra-1>a.a1']);
  });

  test('is owed no longer than its verdict is open', () => {
    const cleared = orderTraces(failed(), { ...effect, kind: 'verdict-cleared' }, sight, NOW + 1000);
    expect(said(due(lossy, cleared.state, NOW + 2000))).toEqual([]);
  });

  test('for a path that fell is simply decided on anew', () => {
    const fallen = paths('hard-down', ['fra-1>a.a1']);
    const { orders, state } = due(fallen);
    expect(said(due(fallen, orders.reduce(unsent, state), NOW + 1000))).toEqual(['down fra-1>a.a1']);
  });
});

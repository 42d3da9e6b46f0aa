import { describe, expect, test } from 'vitest';
import type { PathShift, Verdict } from '../../../server/correlate/verdict.ts';
import type { VerdictEffect } from '../../../server/correlate/verdict-effect.ts';
import { FLEET_PER_MINUTE, PATH_EVERY_MS, type TraceSight } from '../../../server/orders/trace-limits.ts';
import { NO_TRACES, orderTraces, type TraceOrderState } from '../../../server/orders/trace-orders.ts';
import { health, NOW, verdict } from '../routing/judged.ts';

const PBXES = ['fra-1', 'fra-2', 'ams-1', 'par-1'];
const LOST = { sent: 60, highRatio: 0.5 };

function count(pathKey: string, lost: number) {
  return { ...LOST, pathKey, lost, lowRatio: lost / 100 };
}

const OPENED: VerdictEffect = {
  kind: 'verdict-opened',
  verdict: verdict({
    witnesses: ['fra-1', 'fra-2', 'ams-1'],
    evidence: [count('fra-1>a.a1', 30), count('fra-2>a.a1', 28), count('ams-1>a.a1', 20), count('par-1>a.a1', 0)],
  }),
};

function sight(able: readonly string[] = PBXES): TraceSight {
  const healths = PBXES.flatMap((pbx) => [
    health(pbx, 'a.a1', pbx === 'par-1' ? 'healthy' : 'degraded'),
    health(pbx, 'b.b1', 'healthy'),
  ]);
  return { healths, able: new Set(able) };
}

const said = (orders: ReturnType<typeof orderTraces>['orders']) =>
  orders.map(({ pbx, role, target }) => `${role} ${pbx}>${target}`);
const ordered = (effect: VerdictEffect, seen = sight(), state = NO_TRACES, nowMs = NOW) =>
  said(orderTraces(state, effect, seen, nowMs).orders);
const changed = (effect: VerdictEffect, parts: Partial<Verdict>, kind = effect.kind): VerdictEffect => ({
  kind,
  verdict: { ...effect.verdict, ...parts },
});

describe('orderTraces', () => {
  test('asks the worst path of two witnesses of different sites, and a healthy path to the same target', () => {
    expect(ordered(OPENED)).toEqual(['witness fra-1>a.a1', 'witness ams-1>a.a1', 'healthy par-1>a.a1']);
  });

  test.each([
    ['latency', 'options-rtt', 'milliseconds', 20, 60],
    ['media', 'mos', 'mos', 4.3, 3.1],
  ] as const)(
    'of %s asks the paths that are furthest off their baseline, and one that is on it',
    (symptom, what, unit, usual, now) => {
      const shift = (pathKey: string, parts: Partial<PathShift> = {}): PathShift => {
        const figure = { what, unit, usual, now, low: now, high: now, spread: 1, n: 40 };
        return { pathKey, direction: 'round-trip', isShifted: true, ...figure, ...parts };
      };
      const further = now + (now - usual) / 2;
      const slow = changed(OPENED, {
        symptom,
        evidence: PBXES.map((pbx) => count(`${pbx}>a.a1`, 0)),
        shifts: [
          shift('fra-1>a.a1'),
          shift('fra-2>a.a1', { now: further }),
          shift('ams-1>a.a1', { spread: 2 }),
          shift('par-1>a.a1', { now: usual, isShifted: false }),
        ],
      });
      expect(ordered(slow)).toEqual(['witness fra-2>a.a1', 'witness ams-1>a.a1', 'healthy par-1>a.a1']);
      const everywhere = changed(slow, {
        shifts: PBXES.map((pbx) => shift(`${pbx}>a.a1`)),
        witnesses: ['fra-1', 'ams-1'],
      });
      expect(ordered(everywhere)).toEqual(['witness fra-1>a.a1', 'witness ams-1>a.a1']);
    },
  );

  test('never asks one PBX twice at once: a probe makes one trace at a time', () => {
    const seen = sight(['fra-1', 'ams-1']);
    const lone = changed(OPENED, { witnesses: ['fra-1'], evidence: [count('fra-1>a.a1', 30), count('fra-1>a.a2', 0)] });
    const healths = [...seen.healths, health('fra-1', 'a.a2', 'healthy'), health('ams-1', 'a.a2', 'healthy')];
    expect(ordered(lone, { ...seen, healths })).toEqual(['witness fra-1>a.a1', 'healthy ams-1>a.a2']);
    const first = orderTraces(NO_TRACES, lone, { ...seen, healths }, NOW);
    const second = changed(lone, { verdictId: 'v-2', evidence: [count('fra-1>b.b1', 30)] });
    expect(ordered(second, seen, first.state, NOW + 30_000)).toEqual([]);
    expect(ordered(second, seen, first.state, NOW + 60_000)).toEqual(['witness fra-1>b.b1', 'healthy ams-1>b.b1']);
  });

  test('asks only probes that can trace; a second witness of the same site where there is no other', () => {
    expect(ordered(OPENED, sight(['fra-1', 'fra-2']))).toEqual(['witness fra-1>a.a1', 'witness fra-2>a.a1']);
    expect(ordered(OPENED, sight([]))).toEqual([]);
  });

  test('takes no path for healthy that lost something in the evidence, nor one to another provider', () => {
    const evidence = [...OPENED.verdict.evidence.slice(0, 3), count('par-1>a.a1', 1)];
    expect(ordered(changed(OPENED, { evidence }))).toEqual(['witness fra-1>a.a1', 'witness ams-1>a.a1']);
  });

  test.each<[string, VerdictEffect]>([
    ['an update of a suspicion', changed(OPENED, { certainty: 'suspect' }, 'verdict-updated')],
    ['an end', changed(OPENED, {}, 'verdict-cleared')],
    ['a blocked probe', changed(OPENED, { symptom: 'probe-blocked' })],
    ['a sick probe', changed(OPENED, { place: { kind: 'probe', pbx: 'fra-1' } })],
    ['loss that nobody saw', changed(OPENED, { witnesses: [] })],
  ])('asks nothing for %s', (_name, effect) => {
    expect(ordered(effect)).toEqual([]);
  });

  test('asks again when a suspicion becomes named, once, other paths than those just traced', () => {
    const opened = orderTraces(NO_TRACES, changed(OPENED, { certainty: 'suspect' }), sight(), NOW);
    expect(said(opened.orders)).toHaveLength(3);
    const named = changed(OPENED, {}, 'verdict-updated');
    const again = orderTraces(opened.state, named, sight(), NOW + 20_000);
    expect(said(again.orders)).toEqual(['witness fra-2>a.a1']);
    expect(ordered(named, sight(), again.state, NOW + 2 * PATH_EVERY_MS)).toEqual([]);
  });

  test('asks for a suspicion too, and again when its place becomes another', () => {
    const place = { kind: 'path', pbx: 'fra-1', target: 'a.a1' } as const;
    const suspected = changed(OPENED, { certainty: 'suspect', place });
    const opened = orderTraces(NO_TRACES, suspected, sight(['fra-1', 'fra-2']), NOW);
    expect(said(opened.orders)).toEqual(['witness fra-1>a.a1', 'witness fra-2>a.a1']);
    const moved = changed(OPENED, { certainty: 'suspect' }, 'verdict-updated');
    const again = orderTraces(opened.state, moved, sight(), NOW + 20_000);
    expect(said(again.orders)).toEqual(['witness ams-1>a.a1', 'healthy par-1>a.a1']);
    expect(ordered(moved, sight(), again.state, NOW + 2 * PATH_EVERY_MS)).toEqual([]);
  });

  test('traces a path at most once in five minutes', () => {
    const { state } = orderTraces(NO_TRACES, OPENED, sight(['fra-1']), NOW);
    expect(ordered(OPENED, sight(['fra-1']), state, NOW + PATH_EVERY_MS - 1)).toEqual([]);
    expect(ordered(OPENED, sight(['fra-1']), state, NOW + PATH_EVERY_MS)).toEqual(['witness fra-1>a.a1']);
  });

  test('orders at most ten in a minute over the fleet, and goes on after it', () => {
    let state: TraceOrderState = NO_TRACES;
    let total = 0;
    const storm = (nowMs: number) => {
      for (let at = 0; at < 30; at += 1) {
        const pbxes = [`p${at}-1`, `q${at}-1`];
        const evidence = pbxes.map((pbx) => count(`${pbx}>a.a1`, 20));
        const effect = changed(OPENED, { verdictId: `v-${nowMs}-${at}`, witnesses: pbxes, evidence });
        const healths = pbxes.map((pbx) => health(pbx, 'a.a1', 'degraded'));
        const step = orderTraces(state, effect, { healths, able: new Set(pbxes) }, nowMs);
        ({ state } = step);
        total += step.orders.length;
      }
    };
    storm(NOW);
    expect(total).toBe(FLEET_PER_MINUTE);
    storm(NOW + 59_999);
    expect(total).toBe(FLEET_PER_MINUTE);
    storm(NOW + 60_000);
    expect(total).toBe(2 * FLEET_PER_MINUTE);
  });
});

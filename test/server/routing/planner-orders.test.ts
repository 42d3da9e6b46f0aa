import { describe, expect, it } from 'vitest';
import { maintenanceEffect, pinEffect } from '../../../server/routing/order-effect.ts';
import { type PlanResult, plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import type { Maintenance, MaintenancePlace, Pin } from '../../../server/routing/route-constraints.ts';
import { modes, NOW, pbxInput, routeInput, verdict } from './judged.ts';
import { reader, series } from './made-calls.ts';

const S = 1000;
const WELL = { a: 'healthy', b: 'healthy', c: 'healthy' } as const;
const A_DOWN = { ...WELL, a: 'hard-down' } as const;
const FRA = pbxInput('fra-1');
const FLEET = Array.from({ length: 40 }, (_, at) => pbxInput(`s${at}-1`));
const PIN: Pin = { scope: {}, trunk: 'c', actor: 'night-shift', reason: 'ticket 7' };
const maintenance = (of: MaintenancePlace, forMs = 3_600_000): Maintenance => ({
  of,
  fromMs: NOW + S,
  untilMs: NOW + S + forMs,
  actor: 'owner',
  reason: 'new router',
});

function shown(result: PlanResult, pbx = 'fra-1'): string {
  const trunks = result.routes.find((route) => route.pbx === pbx)?.trunks ?? [];
  return trunks.map(({ trunk, weight }) => `${trunk}/${weight}`).join(' ');
}

describe('planner: pins', () => {
  it('order all the trunks they name, and take all calls of a class that has shares of its own', () => {
    const weights = new Map([
      ['a', 60],
      ['b', 40],
    ]);
    const shared = pbxInput('fra-1', { classes: [{ class: 'national', trunks: ['a', 'b', 'c'], weights }] });
    const before = plan(EMPTY_PLANNER, routeInput([shared], WELL), NOW);
    expect(shown(before)).toBe('a/60 b/40 c/0');
    const pins = [{ ...PIN, behind: ['b'] }];
    expect(shown(plan(before.memory, routeInput([shared], WELL, { constraints: { pins } }), NOW + S))).toBe(
      'c/100 b/0 a/0',
    );
    const onLeader = [{ ...PIN, trunk: 'a' }];
    const all = plan(before.memory, routeInput([shared], WELL, { constraints: { pins: onLeader } }), NOW + S);
    expect(shown(all)).toBe('a/100 b/0 c/0');
  });

  it('give way where the trunk is hard-down or in maintenance, and hold there where they are forced', () => {
    const down = { ...WELL, c: 'hard-down' } as const;
    const next = { ...PIN, behind: ['b'] };
    const told = (pin: Pin, orders: readonly Maintenance[] = [], states: Parameters<typeof routeInput>[1] = down) =>
      shown(
        plan(EMPTY_PLANNER, routeInput([FRA], states, { constraints: { pins: [pin], maintenance: orders } }), NOW + S),
      );
    expect(told(next)).toBe('b/100 a/0 c/0');
    expect(told({ ...next, isForced: true })).toBe('c/100 b/0 a/0');
    expect(told(PIN, [maintenance({ provider: 'telco-c' })], WELL)).toBe('a/100 b/0 c/0');
    expect(told({ ...PIN, isForced: true }, [maintenance({ provider: 'telco-c' })], WELL)).toBe('c/100 a/0 b/0');
  });

  it('say in the flip who ordered it and why (rule 7)', () => {
    const before = plan(EMPTY_PLANNER, routeInput([FRA], WELL), NOW);
    const [flip] = plan(before.memory, routeInput([FRA], WELL, { constraints: { pins: [PIN] } }), NOW + S).flips;
    expect(flip?.orderedBy).toBe('night-shift');
    expect(flip?.sentence).toContain('moves from a to c, ordered by night-shift');
    expect(flip?.sentence).toContain('c leads: pinned by night-shift, ticket 7.');
  });

  it('are a person: a whole fleet moves at once, and what comes back after them goes by the blast radius', () => {
    const before = plan(EMPTY_PLANNER, routeInput(FLEET, WELL), NOW);
    const pinned = plan(before.memory, routeInput(FLEET, WELL, { constraints: { pins: [PIN] } }), NOW + S);
    expect(pinned.flips).toHaveLength(40);
    const after = plan(pinned.memory, routeInput(FLEET, WELL, { policy: { isCanaryOn: false } }), NOW + 120 * S);
    expect(after.flips).toHaveLength(4);
    expect(after.flips[0]?.orderedBy).toBe('planner');
    expect(after.routes.filter(({ heldBack }) => heldBack === 'blast-radius')).toHaveLength(36);
  });

  it('never touch the emergency class (rule 4)', () => {
    const classes = [{ class: 'emergency', trunks: ['a', 'b', 'c'] }];
    const result = plan(
      EMPTY_PLANNER,
      routeInput([pbxInput('fra-1', { classes })], WELL, { constraints: { pins: [{ ...PIN, isForced: true }] } }),
      NOW,
    );
    expect([result.routes, result.flips]).toEqual([[], []]);
  });
});

describe('planner: maintenance', () => {
  it('of a provider is a person: the whole fleet leaves it at once, in the name of who ordered it', () => {
    const orders = { constraints: { maintenance: [maintenance({ provider: 'telco-a' })] } };
    const before = plan(EMPTY_PLANNER, routeInput(FLEET, WELL, orders), NOW);
    expect(before.flips).toEqual([]);
    const begun = plan(before.memory, routeInput(FLEET, WELL, orders), NOW + S);
    expect(begun.flips).toHaveLength(40);
    expect(new Set(begun.flips.map(({ orderedBy }) => orderedBy))).toEqual(new Set(['owner']));
    expect(begun.flips[0]?.sentence).toContain('in maintenance by owner: new router');
  });

  it('that overlaps another lasts until the later one ends', () => {
    const two = [maintenance({ trunk: 'a' }, 10 * S), maintenance({ provider: 'telco-a' }, 60 * S)];
    const input = routeInput([FRA], WELL, { constraints: { maintenance: two }, policy: { isCanaryOn: false } });
    let memory = plan(EMPTY_PLANNER, input, NOW).memory;
    const leaders = [1, 12, 40, 62].map((atS) => {
      const result = plan(memory, input, NOW + atS * S);
      memory = result.memory;
      return result.routes[0]?.trunks[0]?.trunk;
    });
    expect(leaders).toEqual(['b', 'b', 'b', 'a']);
  });

  it.each<MaintenancePlace>([{ pbx: 'fra-1' }, { site: 'fra' }])(
    'of %j lets its routes rest: a verdict moves nothing there, a hard-down trunk and a pin do',
    (of) => {
      const told = [verdict({ place: { kind: 'path', pbx: 'fra-1', target: 'a.a1' } as never })];
      const lossy = { ...WELL, a: 'degraded' } as const;
      const orders = { maintenance: [maintenance(of)] };
      const rested = plan(EMPTY_PLANNER, routeInput([FRA], lossy, { verdicts: told, constraints: orders }), NOW + S);
      const { memory } = rested;
      expect(shown(rested)).toBe('a/100 b/0 c/0');
      const dead = plan(memory, routeInput([FRA], A_DOWN, { constraints: orders }), NOW + 2 * S);
      expect(shown(dead)).toBe('b/100 c/0 a/0');
      const back = plan(
        dead.memory,
        routeInput([FRA], WELL, { constraints: orders, policy: { isCanaryOn: false } }),
        NOW + 900 * S,
      );
      expect(shown(back)).toBe('b/100 c/0 a/0');
      expect(back.routes[0]).toMatchObject({ isWaiting: true, heldBack: 'maintenance' });
      expect(back.routes[0]?.reason).toContain('is in maintenance by owner, new router');
      const pinned = plan(
        back.memory,
        routeInput([FRA], WELL, { constraints: { ...orders, pins: [PIN] } }),
        NOW + 901 * S,
      );
      expect(shown(pinned)).toBe('c/100 a/0 b/0');
      const elsewhere = plan(EMPTY_PLANNER, routeInput([pbxInput('ams-1')], lossy, { constraints: orders }), NOW + S);
      expect(elsewhere.routes[0]?.heldBack).toBeUndefined();
    },
  );

  it('of a PBX: calls that fail there meanwhile accuse no trunk, then or later', () => {
    const failing = { calls: reader({ a: series(8, NOW + 5 * S, () => true) }) };
    const orders = { constraints: { maintenance: [maintenance({ pbx: 'fra-1' }, 60 * S)] } };
    const resting = plan(EMPTY_PLANNER, routeInput([FRA], WELL, { ...failing, ...orders }), NOW + 6 * S);
    expect(shown(resting)).toBe('a/100 b/0 c/0');
    const after = plan(resting.memory, routeInput([FRA], WELL, { ...failing, ...orders }), NOW + 70 * S);
    expect(shown(after)).toBe('a/100 b/0 c/0');
    const without = plan(EMPTY_PLANNER, routeInput([FRA], WELL, failing), NOW + 6 * S);
    expect(shown(without)).toBe('b/100 c/0 a/0');
  });
});

describe('planner: what is held back', () => {
  it('is told by its reason: the switch, and the time since the last change', () => {
    const stopped = pbxInput('fra-1', { modes: modes('enforce', { stopped: true }) });
    const before = plan(EMPTY_PLANNER, routeInput([FRA], WELL), NOW);
    expect(plan(before.memory, routeInput([stopped], A_DOWN), NOW + S).routes[0]?.heldBack).toBe('stopped');
    expect(plan(before.memory, routeInput([stopped], WELL), NOW + S).routes[0]?.heldBack).toBeUndefined();
  });
});

describe('the effect of an order, told before it acts', () => {
  const { routes } = plan(EMPTY_PLANNER, routeInput(FLEET.slice(0, 3), WELL), NOW);
  const ground = {
    routes,
    siteOf: new Map(FLEET.map(({ pbx, site }) => [pbx, site])),
    providerOf: new Map(['a', 'b', 'c'].map((trunk) => [trunk, `telco-${trunk}`])),
  };

  it('counts the routes that move at once, that give way, and that only observe', () => {
    expect(pinEffect(PIN, ground)).toBe('3 routes move at once, for a person ordered it.');
    expect(pinEffect({ ...PIN, trunk: 'a' }, ground)).toBe('a leads there already.');
    expect(pinEffect({ ...PIN, scope: { pbx: 'nobody' } }, ground)).toBe('It bears on no route that is planned now.');
    const down = plan(EMPTY_PLANNER, routeInput(FLEET.slice(0, 1), { ...WELL, c: 'hard-down' }), NOW).routes;
    expect(pinEffect(PIN, { ...ground, routes: down })).toBe(
      'It gives way on 1 route on 1 PBX, where c is hard-down or in maintenance.',
    );
    const observing = pbxInput('s0-1', { modes: modes('observe') });
    const observed = plan(EMPTY_PLANNER, routeInput([observing], WELL), NOW).routes;
    expect(pinEffect(PIN, { ...ground, routes: observed })).toBe(
      '1 route is in observe mode: there it is only proposed.',
    );
  });

  it('says that a maintenance moves a fleet at once, and where nothing else is left', () => {
    expect(maintenanceEffect({ provider: 'telco-a' }, ground)).toBe(
      'When it begins 3 routes on 3 PBXs leave at once, all together, for a person ordered it.',
    );
    expect(maintenanceEffect({ trunk: 'b' }, ground)).toBe('No route leads with it now.');
    expect(maintenanceEffect({ pbx: 's0-1' }, ground)).toContain('1 route on 1 PBX rest');
    const alone = plan(
      EMPTY_PLANNER,
      routeInput([FLEET[0] ?? FRA], { a: 'healthy', b: 'hard-down', c: 'hard-down' }),
      NOW,
    );
    expect(maintenanceEffect({ trunk: 'a' }, { ...ground, routes: alone.routes })).toBe(
      '1 route on 1 PBX have nothing else that is not hard-down, and stay.',
    );
  });
});

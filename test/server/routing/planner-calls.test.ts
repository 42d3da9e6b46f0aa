import { describe, expect, it } from 'vitest';
import type { PathHealth } from '../../../server/paths/path-health.ts';
import type { LedgerCall } from '../../../server/routing/call-ledger.ts';
import { type PlanResult, plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER, type PlannerMemory, readPlannerMemory } from '../../../server/routing/planner-memory.ts';
import type { RouteInput } from '../../../server/routing/route-input.ts';
import { modes, NOW, pbxInput, routeInput, verdict } from './judged.ts';
import { reader, series } from './made-calls.ts';

const S = 1000;
const WELL = { a: 'healthy', b: 'healthy', c: 'healthy' } as const;
const A_DOWN = { ...WELL, a: 'hard-down' } as const;
const FRA = pbxInput('fra-1');
const LONG_WELL: Partial<PathHealth> = { sinceMs: NOW - 3_600_000 };

/** Plans at each second what `inputAt` gives, and tells each change of the route with its second. */
function changes(
  untilS: number,
  inputAt: (atS: number) => RouteInput,
  memory: PlannerMemory = EMPTY_PLANNER,
): { readonly told: readonly string[]; readonly last: PlanResult } {
  const told: string[] = [];
  let held = memory;
  let last = plan(held, inputAt(0), NOW);
  for (let atS = 0; atS <= untilS; atS += 1) {
    last = plan(held, inputAt(atS), NOW + atS * S);
    held = last.memory;
    const text = shown(last);
    if (told.at(-1)?.split(': ')[1] !== text) told.push(`${atS}: ${text}`);
  }
  return { told, last };
}

function shown(result: PlanResult, pbx = 'fra-1'): string {
  const trunks = result.routes.find((route) => route.pbx === pbx)?.trunks ?? [];
  return trunks.map(({ trunk, weight }) => `${trunk}/${weight}`).join(' ');
}

/** Calls at a trunk, one a second, up to a second of the story. */
function calls(atS: number, isFailed: (callS: number) => boolean = () => false): readonly LedgerCall[] {
  const from = atS - 63;
  return series(64, NOW + atS * S, (at) => isFailed(from + at));
}

describe('planner and calls', () => {
  it('moves a class off a trunk whose calls fail while its probes are well, and brings it back by a canary and a ramp', () => {
    const failing = calls(3, (callS) => callS >= 0);
    const { told } = changes(200, (atS) => {
      // Calls at a fail from second 0 to 3, none come until second 40, and from then on one a second goes through.
      const early = failing.filter(({ atMs }) => atMs <= NOW + atS * S);
      const atA = atS <= 40 ? early : series(Math.min(60, atS - 40), NOW + atS * S);
      return routeInput([FRA], WELL, { health: LONG_WELL, calls: reader({ a: atA, b: calls(atS) }) });
    });
    expect(told).toEqual([
      '0: a/100 b/0 c/0',
      '3: b/100 c/0 a/0',
      '33: b/100 c/0 a/5',
      '45: b/100 a/5 c/0',
      '75: b/100 a/33 c/0',
      '105: b/100 a/100 c/0',
      '135: a/100 b/0 c/0',
    ]);
  });

  it('a site verdict never demotes the provider: failed calls of that site accuse no trunk (safety rule 3)', () => {
    const site = verdict({ place: { kind: 'site', site: 'fra' }, witnesses: ['fra-1'], siteCount: 1 });
    const ams = pbxInput('ams-1');
    const { last, told } = changes(30, (atS) =>
      routeInput([FRA, ams], WELL, {
        health: LONG_WELL,
        verdicts: [site],
        calls: reader({ a: calls(atS, () => true), b: calls(atS) }),
      }),
    );
    expect(told).toEqual(['0: a/100 b/0 c/0']);
    expect(shown(last, 'ams-1')).toBe('b/100 c/0 a/0');
  });

  it('when the site verdict clears, calls from before accuse nobody either', () => {
    const site = verdict({ place: { kind: 'site', site: 'fra' } });
    const { told } = changes(60, (atS) =>
      routeInput([FRA], WELL, {
        health: LONG_WELL,
        verdicts: atS < 30 ? [site] : [],
        calls: reader({ a: calls(atS, (callS) => callS < 30) }),
      }),
    );
    expect(told).toEqual(['0: a/100 b/0 c/0']);
  });

  it('sheds half of the calls for poor ones, and not all', () => {
    const { told, last } = changes(90, (atS) =>
      routeInput([FRA], WELL, {
        health: LONG_WELL,
        calls: reader({ a: calls(atS, (callS) => callS > 0 && callS % 4 === 0) }),
      }),
    );
    expect(told).toHaveLength(2);
    expect(told[1]).toMatch(/: a\/50 b\/50 c\/0$/);
    expect(last.flips).toEqual([]);
    expect(last.routes[0]?.reason).toContain('It is shedding: 50 % of its calls go elsewhere.');
    expect(last.routes[0]?.perTrunk[0]).toMatchObject({ trunk: 'a', tier: 'shedding' });
  });

  it('in panic, with failing calls everywhere, the least bad trunk leads, loudly (safety rule 4)', () => {
    const { last } = changes(20, (atS) =>
      routeInput(
        [FRA],
        { a: 'healthy', b: 'healthy', c: 'hard-down' },
        {
          health: LONG_WELL,
          calls: reader({ a: calls(atS, () => true), b: calls(atS, (callS) => callS % 2 === 0) }),
        },
      ),
    );
    expect(last.routes[0]).toMatchObject({ isPanic: false });
    const both = changes(20, (atS) =>
      routeInput(
        [FRA],
        { a: 'healthy', b: 'healthy', c: 'hard-down' },
        {
          health: LONG_WELL,
          calls: reader({ a: calls(atS, () => true), b: calls(atS, (callS) => callS % 8 !== 0) }),
        },
      ),
    ).last.routes[0];
    expect(both).toMatchObject({ isPanic: true });
    expect(both?.reason).toContain('PANIC');
    expect(both?.trunks.at(-1)?.trunk).toBe('c');
  });
});

describe('planner: canary and ramp', () => {
  const recovered = { sinceMs: NOW + 10 * S };

  it('a trunk that was hard-down comes back by 5, 25 and 50 %, and leads again once', () => {
    const { told } = changes(250, (atS) => {
      const parts = { health: recovered, calls: reader({ a: calls(atS), b: calls(atS) }) };
      return atS < 10 ? routeInput([FRA], A_DOWN, parts) : routeInput([FRA], WELL, parts);
    });
    expect(told).toEqual([
      '0: b/100 c/0 a/0',
      '59: b/100 a/5 c/0',
      '89: b/100 a/33 c/0',
      '119: b/100 a/100 c/0',
      '149: a/100 b/0 c/0',
    ]);
  });

  it('goes on probes alone where nobody calls: back in the same second as without a canary', () => {
    const story = (isCanaryOn: boolean) =>
      changes(100, (atS) => routeInput([FRA], atS < 10 ? A_DOWN : WELL, { health: recovered, policy: { isCanaryOn } }));
    expect(story(true).told).toEqual(['0: b/100 c/0 a/0', '59: a/100 b/0 c/0']);
    expect(story(true).told).toEqual(story(false).told);
  });

  it('a leader that goes bad while another ramps hands over to it at once', () => {
    const { told } = changes(100, (atS) => {
      const states = atS < 10 ? A_DOWN : { ...WELL, b: atS < 70 ? ('healthy' as const) : ('hard-down' as const) };
      return routeInput([FRA], states, { health: recovered, calls: reader({ a: calls(atS), b: calls(atS) }) });
    });
    expect(told).toEqual(['0: b/100 c/0 a/0', '59: b/100 a/5 c/0', '70: a/100 c/0 b/0']);
  });

  it('a ramp goes on over a restart of the hub (safety rule 9)', () => {
    const at = (atS: number) =>
      routeInput([FRA], atS < 10 ? A_DOWN : WELL, {
        health: recovered,
        calls: reader({ a: calls(atS), b: calls(atS) }),
      });
    const { last } = changes(100, at);
    const read = readPlannerMemory(JSON.parse(JSON.stringify(last.memory)));
    if (!read.ok) throw new Error(read.place);
    const after = plan(read.memory, at(119), NOW + 119 * S);
    expect(shown(after)).toBe('b/100 a/100 c/0');
  });

  it('a new trunk at the head of the list is first tried by a share', () => {
    const two = pbxInput('fra-1', { classes: [{ class: 'national', trunks: ['b', 'c'] }] });
    const before = plan(EMPTY_PLANNER, routeInput([two], WELL), NOW).memory;
    const parts = { health: LONG_WELL, calls: reader({ b: calls(0) }) };
    const { told } = changes(5, () => routeInput([FRA], WELL, parts), before);
    expect(told).toEqual(['0: b/100 a/5 c/0']);
  });

  it('a trunk that never answers a probe and was never in trouble is known by its calls', () => {
    const before = plan(
      EMPTY_PLANNER,
      routeInput([pbxInput('fra-1', { classes: [{ class: 'national', trunks: ['b', 'c'] }] })], WELL),
      NOW,
    ).memory;
    const states = { ...WELL, a: 'unmeasurable' } as const;
    const at = (atA: readonly LedgerCall[]) =>
      plan(before, routeInput([FRA], states, { health: LONG_WELL, calls: reader({ a: atA, b: calls(0) }) }), NOW);
    expect(shown(at([]))).toBe('b/100 c/0 a/5');
    expect(at([]).routes[0]?.perTrunk.at(-1)).toMatchObject({ trunk: 'a', tier: 'half-open' });
    expect(shown(at(series(5, NOW)))).toBe('b/100 a/5 c/0');
    expect(shown(at(series(5, NOW, () => true)))).toBe('b/100 c/0 a/0');
  });

  it('starts no more ramps within a minute than the blast radius allows', () => {
    const fleet = Array.from({ length: 20 }, (_, at) => pbxInput(`s${at}-1`));
    const at = (atS: number) =>
      routeInput(fleet, atS < 70 ? A_DOWN : WELL, {
        health: recovered,
        calls: reader({ a: calls(atS), b: calls(atS) }),
      });
    let memory = EMPTY_PLANNER;
    const begun = new Map<number, number>();
    for (let atS = 0; atS <= 300; atS += 1) {
      const result = plan(memory, at(atS), NOW + atS * S);
      memory = result.memory;
      begun.set(
        atS,
        result.routes.filter(({ trunks }) => trunks.some(({ trunk, weight }) => trunk === 'a' && weight > 0)).length,
      );
    }
    const steps = [...begun].flatMap(([atS, count]) => (count === begun.get(atS - 1) ? [] : [[atS, count]]));
    // Each step of a ramp and the flip at its end take up room too, so the next two wait for a minute after the first two lead.
    expect(steps).toEqual([
      [0, 0],
      [119, 2],
      [269, 4],
    ]);
  });
});

describe('planner: staged shedding', () => {
  it.each([
    [0.03, 'a/50 b/50 c/0'],
    [0.3, 'b/100 c/0 a/0'],
  ])('a verdict on %f of loss', (lossInsideRatio, expected) => {
    const input = routeInput([FRA], { ...WELL, a: 'degraded' }, { verdicts: [verdict({ lossInsideRatio })] });
    expect(shown(plan(EMPTY_PLANNER, input, NOW))).toBe(expected);
  });

  it('goes on until hold and half-open evidence are over', () => {
    const mild = [verdict({ lossInsideRatio: 0.03 })];
    const { told } = changes(100, (atS) =>
      atS < 10
        ? routeInput([FRA], { ...WELL, a: 'degraded' }, { verdicts: mild })
        : routeInput([FRA], WELL, { health: { sinceMs: NOW + 10 * S } }),
    );
    expect(told).toEqual(['0: a/50 b/50 c/0', '59: a/100 b/0 c/0']);
  });

  it('a trunk that is nearly full sheds, and has room again only when all of its calls would fit well', () => {
    const at = (usedChannels: number) =>
      routeInput([FRA], WELL, { constraints: { loads: new Map([['a', { channels: 100, usedChannels }]]) } });
    const { told } = changes(50, (atS) => at([50, 89, 90, 45, 38, 37][Math.floor(atS / 10)] ?? 37));
    expect(told).toEqual(['0: a/100 b/0 c/0', '20: a/50 b/50 c/0', '50: a/100 b/0 c/0']);
  });

  it('does not swing to and fro while the demand stays: what is shed is what fills it', () => {
    const swing = (capacity: Readonly<Record<string, number>>) => {
      let weights = 'a/100 b/0 c/0';
      let memory = EMPTY_PLANNER;
      const told = [weights];
      for (let atS = 0; atS <= 100; atS += 1) {
        const loads = weights.split(' ').map((each) => {
          const [trunk = '', weight] = each.split('/');
          return [
            trunk,
            { channels: capacity[trunk] ?? 1000, usedChannels: Math.round(0.95 * Number(weight)) },
          ] as const;
        });
        const result = plan(memory, routeInput([FRA], WELL, { constraints: { loads: new Map(loads) } }), NOW + atS * S);
        memory = result.memory;
        weights = shown(result);
        if (told.at(-1) !== weights) told.push(weights);
      }
      return told;
    };
    expect(swing({ a: 100 })).toEqual(['a/100 b/0 c/0', 'a/50 b/50 c/0']);
    expect(swing({ a: 100, b: 40 })).toEqual(['a/100 b/0 c/0', 'a/50 b/50 c/0', 'a/50 b/0 c/50']);
    expect(swing({ a: 100, b: 40, c: 40 })).toEqual([
      'a/100 b/0 c/0',
      'a/50 b/50 c/0',
      'a/50 b/0 c/50',
      'a/100 b/0 c/0',
    ]);
  });

  it('a trunk that went poor while another leads is tried again once its calls are too old to tell', () => {
    const since = { sinceMs: NOW + 10 * S };
    const isPoorCall = (callS: number) => callS % 4 === 0;
    let tryFromS: number | undefined;
    const { told } = changes(1200, (atS) => {
      // Calls at a are poor until second 100; from its second trial on they all go through.
      const early = series(64, NOW + Math.min(atS, 100) * S, (nth) => isPoorCall(Math.min(atS, 100) - 63 + nth));
      const again = tryFromS === undefined ? [] : series(atS - tryFromS, NOW + atS * S);
      if (atS >= 1000) tryFromS ??= atS;
      const parts = { health: since, calls: reader({ a: [...early, ...again].slice(-64), b: calls(atS) }) };
      return routeInput([FRA], atS < 10 ? A_DOWN : WELL, parts);
    });
    expect(told[0]).toBe('0: b/100 c/0 a/0');
    expect(told).toContain('1000: b/100 c/0 a/5');
    expect(told.at(-1)).toMatch(/: a\/100 b\/0 c\/0$/);
  });
});

describe('planner: what people order', () => {
  const pin = { scope: {}, trunk: 'c', actor: 'night-shift', reason: 'ticket 7' };

  it('a pin leads at once, against dwell and blast radius, and says who wants it', () => {
    const fleet = Array.from({ length: 20 }, (_, at) => pbxInput(`s${at}-1`));
    const result = plan(EMPTY_PLANNER, routeInput(fleet, WELL, { constraints: { pins: [pin] } }), NOW);
    expect(result.flips).toHaveLength(20);
    expect(result.routes[0]?.reason).toBe('c leads: pinned by night-shift, ticket 7.');
  });

  it('a pin holds against a verdict, and not against a hard-down trunk', () => {
    const told = verdict({ place: { kind: 'provider', provider: 'telco-c' } });
    const input = (c: 'degraded' | 'hard-down') =>
      routeInput([FRA], { ...WELL, c }, { constraints: { pins: [pin] }, verdicts: [told] });
    expect(shown(plan(EMPTY_PLANNER, input('degraded'), NOW))).toBe('c/100 a/0 b/0');
    expect(shown(plan(EMPTY_PLANNER, input('hard-down'), NOW))).toBe('a/100 b/0 c/0');
  });

  it('a pin does not flap with its trunk: once that was hard-down it waits for the end of the hold', () => {
    const pins = { constraints: { pins: [pin] } };
    const answers = { sinceMs: NOW + 2 * S };
    const { told } = changes(60, (atS) => {
      if (atS === 1) return routeInput([FRA], { ...WELL, c: 'hard-down' }, pins);
      if (atS === 2) return routeInput([FRA], { ...WELL, c: 'unknown' }, pins);
      return routeInput([FRA], WELL, { ...pins, health: atS === 0 ? LONG_WELL : answers });
    });
    expect(told).toEqual(['0: c/100 a/0 b/0', '1: a/100 b/0 c/0', '31: c/100 a/0 b/0']);
  });

  it('a pin given while its trunk is held for anything else holds at once', () => {
    const told = [verdict({ place: { kind: 'provider', provider: 'telco-c' } })];
    const { memory } = plan(EMPTY_PLANNER, routeInput([FRA], { ...WELL, c: 'degraded' }, { verdicts: told }), NOW);
    const input = routeInput([FRA], WELL, { health: { sinceMs: NOW + S }, constraints: { pins: [pin] } });
    const held = plan(memory, input, NOW + S);
    expect(held.routes[0]?.perTrunk[0]).toMatchObject({ trunk: 'c', tier: 'held' });
    expect(shown(held)).toBe('c/100 a/0 b/0');
  });

  it('a pinned trunk gives no calls away, neither to shed nor to try another', () => {
    const pins = [{ ...pin, trunk: 'b' }];
    const mild = [verdict({ place: { kind: 'provider', provider: 'telco-b' }, lossInsideRatio: 0.03 })];
    const states = { a: 'unmeasurable', b: 'degraded', c: 'healthy' } as const;
    const input = routeInput([FRA], states, { verdicts: mild, constraints: { pins }, calls: reader({ b: calls(0) }) });
    const first = plan(EMPTY_PLANNER, input, NOW);
    expect(first.routes[0]?.perTrunk[0]).toMatchObject({ trunk: 'b', tier: 'shedding' });
    expect([shown(first), shown(plan(first.memory, input, NOW + S))]).toEqual(['b/100 a/0 c/0', 'b/100 a/0 c/0']);
  });

  it('a pin in observe mode is proposed only', () => {
    const observing = pbxInput('fra-1', { modes: modes('observe') });
    const [route] = plan(EMPTY_PLANNER, routeInput([observing], WELL, { constraints: { pins: [pin] } }), NOW).routes;
    expect([route?.trunks[0]?.trunk, route?.current[0]?.trunk]).toEqual(['c', 'a']);
  });

  it('a maintenance moves calls away from all trunks of a provider while it lasts, and they come back after it', () => {
    const maintenance = [
      { of: { provider: 'telco-a' }, fromMs: NOW + 10 * S, untilMs: NOW + 20 * S, actor: 'owner', reason: 'router' },
    ];
    const { told, last } = changes(25, () => routeInput([FRA], WELL, { constraints: { maintenance } }));
    expect(told).toEqual(['0: a/100 b/0 c/0', '10: b/100 c/0 a/0']);
    expect(last.routes[0]?.isWaiting).toBe(true);
    expect(shown(changes(45, () => routeInput([FRA], WELL, { constraints: { maintenance } })).last)).toBe(
      'a/100 b/0 c/0',
    );
  });

  it('a maintenance of all trunks empties no route (safety rule 4)', () => {
    const maintenance = ['a', 'b', 'c'].map((trunk) => ({
      of: { trunk },
      fromMs: NOW,
      untilMs: NOW + S,
      actor: 'owner',
      reason: 'all at once',
    }));
    const [route] = plan(EMPTY_PLANNER, routeInput([FRA], WELL, { constraints: { maintenance } }), NOW).routes;
    expect(route?.trunks.map(({ trunk }) => trunk)).toEqual(['a', 'b', 'c']);
    expect(route).toMatchObject({ isPanic: true });
  });

  it('shares and fallback as the class has them', () => {
    const trunks = ['a', 'b', 'c'];
    const shared = pbxInput('fra-1', {
      classes: [
        {
          class: 'national',
          trunks,
          weights: new Map([
            ['a', 60],
            ['b', 40],
          ]),
        },
      ],
      readBack: undefined,
    });
    const after = plan(EMPTY_PLANNER, routeInput([shared], A_DOWN), NOW);
    expect(shown(after)).toBe('b/40 c/0 a/0');
    const twoOfA = pbxInput('fra-1', {
      trunks: trunks.map((trunk) => ({
        trunk,
        provider: trunk === 'c' ? 'telco-c' : 'telco-a',
        pathKeys: [`fra-1>${trunk}.${trunk}1`],
      })),
      classes: [{ class: 'national', trunks, isFallbackDiverse: true }],
    });
    expect(shown(plan(EMPTY_PLANNER, routeInput([twoOfA], WELL), NOW))).toBe('a/100 c/0 b/0');
  });
});

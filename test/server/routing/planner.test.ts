import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthState } from '../../../server/paths/path-health.ts';
import { type PlanResult, plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER, type PlannerMemory, readPlannerMemory } from '../../../server/routing/planner-memory.ts';
import type { RouteInput } from '../../../server/routing/route-input.ts';
import { modes, NOW, names, pbxInput, routeInput, verdict } from './judged.ts';

const S = 1000;
const WELL = { a: 'healthy', b: 'healthy', c: 'healthy' } as const;
const A_DOWN = { ...WELL, a: 'hard-down' } as const;
const A_LOSSY = { ...WELL, a: 'degraded' } as const;
const UNKNOWN = { a: 'unknown', b: 'unknown', c: 'unknown' } as const;

/** Plans each input at its second, one after the other. */
function planAll(
  steps: readonly (readonly [number, RouteInput])[],
  memory: PlannerMemory = EMPTY_PLANNER,
): readonly PlanResult[] {
  const results: PlanResult[] = [];
  let held = memory;
  for (const [atS, input] of steps) {
    const result = plan(held, input, NOW + atS * S);
    held = result.memory;
    results.push(result);
  }
  return results;
}

function route(result: PlanResult | undefined, pbx = 'fra-1') {
  const found = result?.routes.find((each) => each.pbx === pbx);
  if (!found) throw new Error(`no route of ${pbx}`);
  return found;
}

const FRA = pbxInput('fra-1');
const found = (order: string, version = 7) => [
  {
    class: 'national',
    raw: `2:1.${version}:…`,
    fence: 1,
    version,
    trunks: order.split(' ').map((trunk, at) => ({ trunk, weight: at === 0 ? 100 : 0 })),
  },
];

describe('planner', () => {
  it('keeps the configured order while all is well, and changes nothing', () => {
    const [result] = planAll([[0, routeInput([FRA], WELL)]]);
    expect(route(result)).toMatchObject({
      version: 0,
      isChanged: false,
      isPanic: false,
      reason: 'a leads, as configured.',
    });
    expect(route(result).trunks).toEqual([
      { trunk: 'a', weight: 100 },
      { trunk: 'b', weight: 0 },
      { trunk: 'c', weight: 0 },
    ]);
    expect(result?.flips).toEqual([]);
  });

  it('leaves a hard-down trunk at once, and says why (safety rule 7)', () => {
    const [, result] = planAll([
      [0, routeInput([FRA], WELL)],
      [1, routeInput([FRA], A_DOWN)],
    ]);
    expect(route(result)).toMatchObject({ version: 1, isChanged: true, reason: 'b leads: a is hard-down.' });
    expect(names(route(result).trunks)).toBe('b c a');
    expect(result?.flips).toHaveLength(1);
    expect(result?.flips[0]).toMatchObject({
      fromTrunk: 'a',
      toTrunk: 'b',
      direction: 'away',
      version: 1,
      orderedBy: 'planner',
    });
    expect(result?.flips[0]?.sentence).toContain('figures of a.a1');
  });

  it.each<[string, Readonly<Record<string, HealthState>>, string]>([
    ['a standby out of place', { ...WELL, b: 'hard-down' }, 'a leads, as configured; others stand in another order.'],
    [
      'nothing sound to give way to',
      { a: 'degraded', b: 'unknown', c: 'unknown' },
      'a leads: degraded trunks keep their place, for no trunk with good evidence would lead instead.',
    ],
  ])('says why a route is as it is: %s', (_name, states, reason) => {
    const [result] = planAll([[0, routeInput([FRA], states, { verdicts: [verdict()] })]]);
    expect(route(result).reason).toBe(reason);
    expect(result?.flips).toEqual([]);
  });

  it('leaves a lossy trunk only with a verdict, and tells posterior and runner-up (safety rule 7)', () => {
    const [without, withVerdict] = planAll([
      [0, routeInput([FRA], A_LOSSY)],
      [1, routeInput([FRA], A_LOSSY, { verdicts: [verdict()] })],
    ]);
    expect(without?.flips).toEqual([]);
    expect(withVerdict?.flips[0]).toMatchObject({ fromTrunk: 'a', toTrunk: 'b', verdictId: 'v-1' });
    expect(withVerdict?.flips[0]?.sentence).toContain('posterior 0.987, runner-up site fra at 0.009');
  });

  it('costs one flip away and one back: back only after hold and half-open evidence', () => {
    const since = NOW + 101 * S;
    const recovered = routeInput([FRA], WELL, { health: { sinceMs: since } });
    const steps: [number, RouteInput][] = [[0, routeInput([FRA], WELL)]];
    for (let at = 1; at <= 100; at += 1) steps.push([at, routeInput([FRA], A_DOWN)]);
    for (let at = 101; at <= 300; at += 1) steps.push([at, recovered]);
    const results = planAll(steps);
    const flips = results.flatMap((result) => result.flips);
    expect(
      flips.map(({ fromTrunk, toTrunk, direction, atMs }) => [fromTrunk, toTrunk, direction, (atMs - NOW) / S]),
    ).toEqual([
      ['a', 'b', 'away', 1],
      ['b', 'a', 'back', 150],
    ]);
    expect(route(results[120]).perTrunk.find(({ trunk }) => trunk === 'a')?.tier).toBe('held');
    expect(route(results[135]).perTrunk.find(({ trunk }) => trunk === 'a')?.tier).toBe('half-open');
    expect(route(results.at(-1))).toMatchObject({ version: 2, reason: 'a leads, as configured.' });
  });

  it('Unknown is not bad, nor good (safety rule 2): it neither demotes nor restores', () => {
    const results = planAll([
      [0, routeInput([FRA], WELL)],
      [1, routeInput([FRA], UNKNOWN)],
      [2, routeInput([FRA], A_DOWN)],
      [3, routeInput([FRA], UNKNOWN)],
      [9999, routeInput([FRA], UNKNOWN)],
      [99_999, routeInput([FRA], { ...UNKNOWN, b: 'healthy' })],
    ]);
    expect(results.map((result) => names(route(result).trunks))).toEqual([
      'a b c',
      'a b c',
      'b c a',
      'b c a',
      'b c a',
      'b c a',
    ]);
  });

  it.each<HealthState>(['probe-blocked', 'unmeasurable'])('%s never demotes', (state) => {
    const [, result] = planAll([
      [0, routeInput([FRA], WELL)],
      [1, routeInput([FRA], { ...WELL, a: state })],
    ]);
    expect(result?.flips).toEqual([]);
  });

  it('One site never condemns a provider for the others (safety rule 3)', () => {
    const input = routeInput(
      [FRA, pbxInput('ams-1')],
      { ...WELL, a: 'probe-blocked' },
      {
        verdicts: [verdict({ witnesses: ['fra-1'], siteCount: 1 })],
      },
    );
    const [result] = planAll([[0, input]]);
    expect(result?.flips).toEqual([]);
    expect(names(route(result, 'ams-1').trunks)).toBe('a b c');
  });

  it.each<[string, Readonly<Record<string, HealthState>>, string]>([
    ['all hard-down', { a: 'hard-down', b: 'hard-down', c: 'hard-down' }, 'a b c'],
    ['one merely lossy by verdict', { a: 'degraded', b: 'hard-down', c: 'hard-down' }, 'a b c'],
  ])('Never an empty route (safety rule 4): %s keeps the least bad, in panic', (_name, states, order) => {
    const [result] = planAll([[0, routeInput([FRA], states, { verdicts: [verdict()] })]]);
    expect(names(route(result).trunks)).toBe(order);
    expect(route(result).isPanic).toBe(true);
    expect(route(result).reason).toContain('PANIC');
    expect(result?.flips).toEqual([]);
  });

  it('Reload and restart (safety rule 9): adopts the plan read back and changes nothing before fresh evidence', () => {
    const pbx = pbxInput('fra-1', { readBack: found('b a c') });
    const fresh = { health: { sinceMs: NOW + 10 * S } };
    const results = planAll([
      [0, routeInput([pbx], UNKNOWN)],
      [10, routeInput([pbx], WELL, fresh)],
      [29, routeInput([pbx], WELL, fresh)],
      [30, routeInput([pbx], WELL, fresh)],
    ]);
    expect(results.map((result) => names(route(result).trunks))).toEqual(['b a c', 'b a c', 'b a c', 'a b c']);
    expect(results.map((result) => route(result).version)).toEqual([7, 7, 7, 8]);
    expect(route(results[0]).isInAsterisk).toBe(true);
  });

  it('Reload and restart (safety rule 9): memory goes over JSON with its holds', () => {
    const [, down] = planAll([
      [0, routeInput([FRA], WELL)],
      [1, routeInput([FRA], A_DOWN)],
    ]);
    const read = readPlannerMemory(JSON.parse(JSON.stringify(down?.memory)));
    expect(read).toEqual({ ok: true, memory: down?.memory });
    if (!read.ok) return;
    const recovered = routeInput([FRA], WELL, { health: { sinceMs: NOW + 2 * S } });
    const [held] = planAll([[20, recovered]], read.memory);
    expect(names(route(held).trunks)).toBe('b c a');
    expect(route(held).perTrunk.at(-1)).toMatchObject({ trunk: 'a', tier: 'held' });
  });

  it.each([[null], [{}], [{ format: 'trunkward-planner-1', pbxes: { 'fra-1': {} }, recentFlips: [] }]])(
    'refuses memory that is none: %j',
    (value) => {
      expect(readPlannerMemory(value)).toMatchObject({ ok: false, fault: 'bad-memory' });
    },
  );

  it('plans for trunks and PBXs named like things every object has', () => {
    const odd = pbxInput('constructor', {
      trunks: [{ trunk: 'constructor', provider: 'telco-a', pathKeys: [] }],
      classes: [{ class: 'constructor', trunks: ['constructor'] }],
    });
    const [, result] = planAll([
      [0, routeInput([odd], {})],
      [1, routeInput([odd], {})],
    ]);
    expect(route(result, 'constructor')).toMatchObject({ version: 0, isChanged: false });
  });
});

describe('modes (safety rule 7)', () => {
  const OBSERVING = pbxInput('fra-1', { modes: modes('observe') });

  it('observe proposes once, and does not take the proposal for done', () => {
    const results = planAll([
      [0, routeInput([OBSERVING], WELL)],
      [1, routeInput([OBSERVING], A_DOWN)],
      [2, routeInput([OBSERVING], A_DOWN)],
      [3, routeInput([OBSERVING], A_DOWN)],
    ]);
    expect(results.flatMap(({ flips }) => flips)).toMatchObject([{ mode: 'observe', fromTrunk: 'a', toTrunk: 'b' }]);
    expect(names(route(results[3]).trunks)).toBe('b c a');
    expect(names(route(results[3]).current)).toBe('a b c');
    expect(results[3]?.memory.recentFlips).toEqual([]);
  });

  it('observe lets a trunk that never lost its place keep it, without a hold', () => {
    const recovered = routeInput([OBSERVING], WELL, { health: { sinceMs: NOW + 2 * S } });
    const results = planAll([
      [0, routeInput([OBSERVING], WELL)],
      [1, routeInput([OBSERVING], A_DOWN)],
      [2, recovered],
    ]);
    expect(route(results[2])).toMatchObject({ isChanged: true });
    expect(names(route(results[2]).trunks)).toBe('a b c');
  });

  it('from observe to enforce the proposal becomes a flip', () => {
    const results = planAll([
      [0, routeInput([OBSERVING], A_DOWN)],
      [1, routeInput([FRA], A_DOWN)],
    ]);
    expect(results[1]?.flips).toMatchObject([{ mode: 'enforce', fromTrunk: 'a', toTrunk: 'b' }]);
    expect(route(results[1])).toMatchObject({ isChanged: true, version: 2 });
    expect(names(route(results[1]).current)).toBe('b c a');
  });

  it('the global stop changes nothing, not even off a hard-down trunk', () => {
    const stopped = pbxInput('fra-1', { modes: modes('enforce', { stopped: true }) });
    const results = planAll([
      [0, routeInput([FRA], WELL)],
      [1, routeInput([stopped], A_DOWN)],
      [2, routeInput([FRA], A_DOWN)],
    ]);
    expect(results[1]?.flips).toEqual([]);
    expect(route(results[1])).toMatchObject({ isChanged: false, version: 0 });
    expect(names(route(results[1]).trunks)).toBe('a b c');
    expect(results[2]?.flips).toHaveLength(1);
  });

  it('a class may have a mode of its own', () => {
    const mixed = pbxInput('fra-1', {
      modes: modes('enforce', { classes: [{ class: 'mobile', routing: 'observe' }] }),
      classes: [
        { class: 'national', trunks: ['a', 'b'] },
        { class: 'mobile', trunks: ['a', 'c'] },
      ],
    });
    const [, result] = planAll([
      [0, routeInput([mixed], WELL)],
      [1, routeInput([mixed], A_DOWN)],
    ]);
    expect(result?.routes.map(({ class: name, mode, current }) => [name, mode, names(current)])).toEqual([
      ['national', 'enforce', 'b a'],
      ['mobile', 'observe', 'a c'],
    ]);
  });
});

describe('bounds on change', () => {
  const fleet = Array.from({ length: 20 }, (_, at) => pbxInput(`s${at}-1`));
  const witnesses = fleet.map(({ pbx }) => pbx);

  it('moves at most a tenth of the PBXs off a degraded trunk within a minute', () => {
    const lossy = routeInput(fleet, A_LOSSY, { verdicts: [verdict({ witnesses })] });
    const results = planAll([0, 1, 59, 60, 61, 120].map((at): [number, RouteInput] => [at, lossy]));
    expect(results.map(({ flips }) => flips.length)).toEqual([2, 0, 0, 2, 0, 2]);
    const waiting = route(results[0], 's9-1');
    expect(waiting).toMatchObject({ isChanged: false, version: 0 });
    expect(waiting.reason).toContain('Waits: b should lead instead of a, but 2 PBXs changed');
  });

  it('moves every PBX off a trunk that it sees hard-down itself, at once', () => {
    const [result] = planAll([[0, routeInput(fleet, A_DOWN)]]);
    expect(result?.flips).toHaveLength(20);
  });

  it('lets at least one PBX change in a small fleet', () => {
    const two = [FRA, pbxInput('ams-1')];
    const lossy = routeInput(two, A_LOSSY, { verdicts: [verdict()] });
    const results = planAll([0, 1, 60].map((at): [number, RouteInput] => [at, lossy]));
    expect(results.map(({ flips }) => flips.length)).toEqual([1, 0, 1]);
  });

  it('waits 30 s between two changes of a first trunk, but not on a hard-down one', () => {
    const lossyThen = (b: HealthState) =>
      routeInput(
        [FRA],
        { a: 'degraded', b, c: 'healthy' },
        {
          verdicts: [verdict(), verdict({ verdictId: 'v-2', place: { kind: 'provider', provider: 'telco-b' } })],
        },
      );
    const first = routeInput([FRA], A_LOSSY, { verdicts: [verdict()] });
    const degraded = planAll([
      [0, first],
      [10, lossyThen('degraded')],
      [30, lossyThen('degraded')],
    ]);
    expect(degraded.map((result) => names(route(result).trunks))).toEqual(['b c a', 'b c a', 'c b a']);
    const down = planAll([
      [0, first],
      [10, lossyThen('hard-down')],
    ]);
    expect(names(route(down[1]).trunks)).toBe('c a b');
  });
});

describe('for any healths, verdicts and modes', () => {
  const state = fc.constantFrom<HealthState>(
    'unknown',
    'unmeasurable',
    'probe-blocked',
    'healthy',
    'degraded',
    'hard-down',
  );
  const moment = fc.record({
    states: fc.record({ a: state, b: state, c: state }),
    gapS: fc.integer({ min: 0, max: 120 }),
    condemned: fc.subarray(['telco-a', 'telco-b', 'telco-c']),
    mode: fc.constantFrom('observe' as const, 'enforce' as const),
    stopped: fc.boolean(),
    readBack: fc.constantFrom(undefined, [], found('b a c'), found('c b a', 3), found('x y', 9)),
  });

  it('a route is a permutation of the configured trunks, some trunk takes calls, and versions never step back', () => {
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 12 }), (moments) => {
        let memory = EMPTY_PLANNER;
        let atS = 0;
        let version = 0;
        let planned = '';
        for (const { states, gapS, condemned, mode, stopped, readBack } of moments) {
          atS += gapS;
          const verdicts = condemned.map((provider) =>
            verdict({ verdictId: provider, place: { kind: 'provider', provider } }),
          );
          const pbx = pbxInput('fra-1', { modes: modes(mode, { stopped }), readBack });
          const result = plan(memory, routeInput([pbx], states, { verdicts }), NOW + atS * S);
          const next = route(result);
          expect(next.trunks.map(({ trunk }) => trunk).toSorted()).toEqual(['a', 'b', 'c']);
          expect(next.current.map(({ trunk }) => trunk).toSorted()).toEqual(['a', 'b', 'c']);
          expect(next.trunks.some(({ weight }) => weight > 0)).toBe(true);
          expect(next.version).toBeGreaterThanOrEqual(version);
          expect(result.flips.length).toBeLessThanOrEqual(stopped ? 0 : 1);
          const isSame = JSON.stringify([next.trunks, mode]) === planned;
          expect(next.isChanged && (stopped || isSame)).toBe(false);
          expect(next.isChanged && next.version === version).toBe(false);
          expect(readPlannerMemory(JSON.parse(JSON.stringify(result.memory)))).toEqual({
            ok: true,
            memory: result.memory,
          });
          planned = stopped ? '' : JSON.stringify([next.trunks, mode]);
          version = next.version;
          memory = result.memory;
        }
      }),
      { numRuns: 500 },
    );
  });
});

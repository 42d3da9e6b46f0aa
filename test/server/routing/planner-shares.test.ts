import { describe, expect, it } from 'vitest';
import type { HealthState } from '../../../server/paths/path-health.ts';
import { type PlanResult, plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER, type PlannerMemory } from '../../../server/routing/planner-memory.ts';
import type { PbxRouteInput, RouteInput } from '../../../server/routing/route-input.ts';
import { modes, NOW, pbxInput, routeInput, verdict } from './judged.ts';
import { reader, series } from './made-calls.ts';

const S = 1000;
const WELL = { a: 'healthy', b: 'healthy', c: 'healthy' } as const;
const A_DOWN = { ...WELL, a: 'hard-down' } as const;
const B_DOWN = { ...WELL, b: 'hard-down' } as const;
const TRUNKS = ['a', 'b', 'c'];
const WEIGHTS = new Map([
  ['a', 60],
  ['b', 40],
]);

type States = Readonly<Record<string, HealthState>>;

const found = (text: string) => [
  {
    class: 'national',
    raw: '2:1.7:…',
    fence: 1,
    version: 7,
    trunks: text.split(' ').map((each) => ({ trunk: each.split('/')[0] ?? '', weight: Number(each.split('/')[1]) })),
  },
];

/** A PBX whose class has shares, and AstDB with what it holds. */
function sharing(
  pbx: string,
  readBack: string | undefined,
  weights: ReadonlyMap<string, number> | undefined = WEIGHTS,
) {
  const classes = [{ class: 'national', trunks: TRUNKS, ...(weights && { weights }) }];
  return pbxInput(pbx, { classes, readBack: readBack === undefined ? [] : found(readBack) });
}

/** Plans each input at its second; tells each change of the route of a PBX with its second. */
function changes(
  steps: readonly (readonly [number, RouteInput])[],
  pbx = 'fra-1',
  memory: PlannerMemory = EMPTY_PLANNER,
): readonly string[] {
  let held = memory;
  const told: string[] = [];
  for (const [atS, input] of steps) {
    const result = plan(held, input, NOW + atS * S);
    held = result.memory;
    const text = shown(result, pbx);
    if (told.at(-1)?.split(': ')[1] !== text) told.push(`${atS}: ${text}`);
  }
  return told;
}

function shown(result: PlanResult, pbx = 'fra-1'): string {
  const trunks = result.routes.find((route) => route.pbx === pbx)?.trunks ?? [];
  return trunks.map(({ trunk, weight }) => `${trunk}/${weight}`).join(' ');
}

const FRA = sharing('fra-1', 'a/60 b/40 c/0');
const at = (states: States, sinceS = -3600, pbxes: readonly PbxRouteInput[] = [FRA]) =>
  routeInput(pbxes, states, { health: { sinceMs: NOW + sinceS * S } });
const seconds = (fromS: number, toS: number, input: RouteInput) =>
  Array.from({ length: toS - fromS }, (_, step) => [fromS + step, input] as const);

describe('planner: classes with shares', () => {
  it('a trunk that went hard-down gets its share back after hold and half-open evidence, not with its first answer', () => {
    const told = changes([[0, at(WELL)], [1, at(A_DOWN)], ...seconds(2, 100, at(WELL, 2))]);
    expect(told).toEqual(['0: a/60 b/40 c/0', '1: b/40 c/0 a/0', '51: a/60 b/40 c/0']);
  });

  it('nor does it when its probe abstains: unknown never restores a share (safety rule 2)', () => {
    const told = changes([[0, at(WELL)], [1, at(A_DOWN)], ...seconds(2, 200, at({ ...WELL, a: 'unknown' }))]);
    expect(told).toEqual(['0: a/60 b/40 c/0', '1: b/40 c/0 a/0']);
  });

  it('the same holds behind a leader that stays', () => {
    const told = changes([[0, at(WELL)], [1, at(B_DOWN)], ...seconds(2, 100, at(WELL, 2))]);
    expect(told).toEqual(['0: a/60 b/40 c/0', '1: a/60 c/0 b/0', '51: a/60 b/40 c/0']);
  });

  it('a share that no probe can vouch for is tried with 5 % of the calls, and given once five went through', () => {
    const states = { ...WELL, b: 'unmeasurable' } as const;
    const fresh = sharing('fra-1', undefined);
    const story = (atB: number) =>
      routeInput([fresh], states, {
        health: { sinceMs: NOW - 3600 * S },
        calls: reader({ a: series(20, NOW), b: series(atB, NOW) }),
      });
    const told = changes([
      [0, story(0)],
      [1, story(4)],
      [2, story(5)],
    ]);
    expect(told).toEqual(['0: a/100 b/5 c/0', '2: a/60 b/40 c/0']);
  });

  it('are applied to a route that was found, once their trunks are usable, within the blast radius', () => {
    const two = [sharing('fra-1', undefined), sharing('ams-1', undefined)];
    expect(
      changes([
        [0, at({ ...WELL, b: 'unknown' }, -3600, two)],
        [1, at(WELL, -3600, two)],
      ]),
    ).toEqual(['0: a/100 b/0 c/0', '1: a/60 b/40 c/0']);
    const steps = [0, 59, 60].map((atS) => [atS, at(WELL, -3600, two)] as const);
    expect(changes(steps, 'ams-1')).toEqual(['0: a/100 b/0 c/0', '60: a/60 b/40 c/0']);
  });

  it('a found route keeps no share on a trunk that is hard-down, with shares of its own or without', () => {
    const plain = sharing('fra-1', 'a/70 b/30 c/0', new Map());
    expect(changes([[0, at(B_DOWN, -3600, [plain])]])).toEqual(['0: a/100 c/0 b/0']);
    const last = sharing('fra-1', 'a/70 b/0 c/30');
    expect(changes([[0, at({ ...WELL, c: 'hard-down' }, -3600, [last])]])).toEqual(['0: a/60 b/40 c/0']);
  });
});

describe('planner: shares and the blast radius', () => {
  const lossy = (place: string) => [
    verdict({ place: { kind: 'provider', provider: `telco-${place}` }, witnesses: ['fra-1', 'ams-1'] }),
  ];

  it('a share on a trunk that is hard-down now does not wait: only what another would take does', () => {
    const pbxes = [sharing('ams-1', 'a/60 b/40 c/0'), sharing('fra-1', 'a/60 b/40 c/0')];
    // Trunk a sheds at both: ams-1 uses up the room of this minute, and fra-1 waits to give b a share of a's calls.
    const mild = { verdicts: [verdict({ lossInsideRatio: 0.03, witnesses: ['fra-1', 'ams-1'] })] };
    const aMild = { ...WELL, a: 'degraded' } as const;
    const first = plan(EMPTY_PLANNER, routeInput(pbxes, aMild, mild), NOW);
    expect([shown(first, 'ams-1'), shown(first, 'fra-1')]).toEqual(['a/30 b/70 c/0', 'a/60 b/40 c/0']);
    const then = plan(first.memory, routeInput(pbxes, { ...aMild, b: 'hard-down' }, mild), NOW + S);
    const fra = then.routes.find(({ pbx }) => pbx === 'fra-1');
    expect(shown(then, 'fra-1')).toBe('a/60 b/0 c/0');
    expect(fra).toMatchObject({ isWaiting: true, isChanged: true });
    expect(fra?.reason).toContain('Waits: c should take a share');
  });

  it('a class with shares moves a large part of its calls on a tenth of the PBXs a minute, and no more', () => {
    const fleet = Array.from({ length: 20 }, (_, nth) => sharing(`s${nth}-1`, 'a/60 b/40 c/0'));
    const witnesses = fleet.map(({ pbx }) => pbx);
    const input = routeInput(
      fleet,
      { ...WELL, b: 'degraded' },
      { verdicts: [{ ...verdict({ place: { kind: 'provider', provider: 'telco-b' } }), witnesses }] },
    );
    let memory = EMPTY_PLANNER;
    const moved = [0, 1, 59, 60, 61].map((atS) => {
      const result = plan(memory, input, NOW + atS * S);
      memory = result.memory;
      return result.routes.filter(({ trunks }) => trunks.every(({ trunk, weight }) => trunk !== 'b' || weight === 0))
        .length;
    });
    expect(moved).toEqual([2, 2, 2, 4, 4]);
  });

  it('in observe mode they are a proposal that binds nothing', () => {
    const observing = { ...sharing('fra-1', 'a/100 b/0 c/0'), modes: modes('observe') };
    const { memory, routes } = plan(EMPTY_PLANNER, routeInput([observing], WELL, { verdicts: lossy('c') }), NOW);
    expect(routes[0]?.trunks.map(({ weight }) => weight)).toEqual([60, 40, 0]);
    expect(routes[0]?.current.map(({ weight }) => weight)).toEqual([100, 0, 0]);
    expect(memory.recentFlips).toEqual([]);
  });
});

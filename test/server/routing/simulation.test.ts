import { describe, expect, it } from 'vitest';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import {
  type Simulation,
  type SimulationGround,
  type Supposition,
  simulateSteps,
} from '../../../server/routing/simulation.ts';
import { finish } from '../../../server/steps.ts';
import { modes, NOW, pbxInput, routeInput } from './judged.ts';

const S = 1000;
const FRA = pbxInput('fra-1');
const WELL = routeInput([FRA], { a: 'healthy', b: 'healthy', c: 'healthy' });
const { healths, pbxes: _pbxes, ...ground } = WELL;
const MEMORY = plan(EMPTY_PLANNER, WELL, NOW - S).memory;
const FROM: SimulationGround = { memory: MEMORY, input: FRA, ground, healths, fleetSize: 1 };

function simulate(supposed: Partial<Supposition>, from: SimulationGround = FROM): Simulation {
  return finish(simulateSteps(from, { trunks: [], forMs: 0, ...supposed }, NOW));
}

function told({ changes }: Simulation): readonly string[] {
  return changes.map(({ atMs, isFlip, trunks }) => {
    const text = trunks.map(({ trunk, weight }) => `${trunk}/${weight}`).join(' ');
    return `${(atMs - NOW) / S}: ${text}${isFlip ? ' flip' : ''}`;
  });
}

describe('what-if', () => {
  it('nothing supposed, nothing follows', () => {
    const { after, before, changes } = simulate({ forMs: 60 * S });
    expect(changes).toEqual([]);
    expect(after[0]?.trunks.map(({ trunk }) => trunk)).toEqual(['a', 'b', 'c']);
    expect(before).toHaveLength(1);
  });

  it.each<[string, Partial<Supposition>, readonly string[]]>([
    ['a trunk hard-down', { trunks: [{ trunk: 'a', state: 'hard-down' }] }, ['0: b/100 c/0 a/0 flip']],
    ['a trunk lossy without a verdict', { trunks: [{ trunk: 'a', state: 'degraded', lossRatio: 0.3 }] }, []],
    [
      'a trunk lossy with a verdict on its provider',
      {
        trunks: [{ trunk: 'a', state: 'degraded', lossRatio: 0.3 }],
        verdict: { of: { provider: 'telco-a' }, lossRatio: 0.3 },
      },
      ['0: b/100 c/0 a/0 flip'],
    ],
    [
      'the same with a verdict on the site: moving would not help',
      { trunks: [{ trunk: 'a', state: 'degraded', lossRatio: 0.3 }], verdict: { of: { site: 'fra' }, lossRatio: 0.3 } },
      [],
    ],
    ['a pin', { pins: [{ scope: {}, trunk: 'c', actor: 'owner', reason: 'drill' }] }, ['0: c/100 a/0 b/0 flip']],
    [
      'a maintenance of twenty seconds',
      {
        forMs: 60 * S,
        maintenance: [{ of: { trunk: 'a' }, fromMs: NOW, untilMs: NOW + 20 * S, actor: 'owner', reason: 'drill' }],
      },
      ['0: b/100 c/0 a/0 flip', '30: a/100 b/0 c/0 flip'],
    ],
  ])('%s', (_name, supposed, expected) => {
    expect(told(simulate(supposed))).toEqual(expected);
  });

  it('plays an incident in hand forward, under the settings in force and under others', () => {
    const down = routeInput([FRA], { a: 'hard-down', b: 'healthy', c: 'healthy' });
    const from = { ...FROM, memory: plan(FROM.memory, down, NOW - S).memory, healths: down.healths };
    const well: Partial<Supposition> = { trunks: [{ trunk: 'a', state: 'healthy' }], forMs: 120 * S };
    expect(told(simulate(well, from))).toEqual(['50: a/100 b/0 c/0 flip']);
    const policy = { ...ROUTE_POLICY, halfOpenMs: 5 * S, halfOpenSamples: 5 };
    expect(told(simulate({ ...well, policy }, from))).toEqual(['35: a/100 b/0 c/0 flip']);
  });

  it('waits for the blast radius as the fleet would, and says so', () => {
    const supposed: Partial<Supposition> = {
      trunks: [{ trunk: 'a', state: 'degraded', lossRatio: 0.3 }],
      verdict: { of: { provider: 'telco-a' }, lossRatio: 0.3 },
    };
    const recentFlips = ['ams-1', 'ber-1'].map((pbx) => ({ pbx, atMs: NOW - 20 * S }));
    const from = { ...FROM, memory: { ...MEMORY, recentFlips }, fleetSize: 20 };
    const [route] = simulate(supposed, from).after;
    expect(route).toMatchObject({
      isWaiting: true,
      reason: expect.stringContaining('2 PBXs changed within the last minute'),
    });
    expect(told(simulate({ ...supposed, forMs: 60 * S }, from))).toEqual(['40: b/100 c/0 a/0 flip']);
    expect(told(simulate(supposed, { ...from, fleetSize: 30 }))).toEqual(['0: b/100 c/0 a/0 flip']);
  });

  it('shows under enforce what is only proposed now', () => {
    const input = pbxInput('fra-1', { modes: modes('observe') });
    const from = { ...FROM, input };
    const supposed: Partial<Supposition> = { trunks: [{ trunk: 'a', state: 'hard-down' }] };
    expect(simulate(supposed, from).after[0]?.mode).toBe('observe');
    expect(simulate({ ...supposed, mode: 'enforce' }, from).after[0]?.mode).toBe('enforce');
  });

  it('changes nothing of what it starts from', () => {
    const before = structuredClone({ memory: FROM.memory, healths: FROM.healths });
    simulate({ trunks: [{ trunk: 'a', state: 'hard-down' }], forMs: 60 * S });
    expect({ memory: FROM.memory, healths: FROM.healths }).toEqual(before);
  });
});

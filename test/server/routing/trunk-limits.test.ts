import { describe, expect, it } from 'vitest';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER, type PlannerMemory } from '../../../server/routing/planner-memory.ts';
import { NO_CONSTRAINTS, type TrunkLimit } from '../../../server/routing/route-constraints.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { limitStage, pressureGround } from '../../../server/routing/trunk-limits.ts';
import { NOW, pbxInput, routeInput } from './judged.ts';

const WELL = { a: 'healthy', b: 'healthy', c: 'healthy' } as const;
const name = 'daily limit of telco-a';

function planned(used: Readonly<Record<string, number>>, memory: PlannerMemory = EMPTY_PLANNER, atMs = NOW) {
  const limits = new Map(
    Object.entries(used).map(([trunk, usedRatio]): [string, TrunkLimit] => [trunk, { usedRatio, name }]),
  );
  const result = plan(memory, routeInput([pbxInput('fra-1')], WELL, { constraints: { limits } }), atMs);
  const [route] = result.routes;
  return {
    memory: result.memory,
    route,
    text: route?.trunks.map(({ trunk, weight }) => `${trunk}/${weight}`).join(' '),
  };
}

describe('the headroom of a limit', () => {
  it.each([
    [undefined, false, 'room'],
    [0.89, false, 'room'],
    [0.9, false, 'near'],
    [0.8, true, 'near'],
    [0.74, true, 'room'],
    [1, false, 'used-up'],
    [1.2, true, 'used-up'],
  ])('%s used, short until now %s: %s', (usedRatio, wasShort, stage) => {
    const limit = usedRatio === undefined ? undefined : { usedRatio, name };
    expect(limitStage(limit, wasShort, ROUTE_POLICY)).toBe(stage);
  });

  it('no limit known changes nothing, and neither does one with room', () => {
    expect(planned({}).text).toBe('a/100 b/0 c/0');
    expect(planned({ a: 0.5 }).text).toBe('a/100 b/0 c/0');
  });

  it('nearly used it sheds half of the calls, and says why (rule 7)', () => {
    const { route, text } = planned({ a: 0.93 });
    expect(text).toBe('a/50 b/50 c/0');
    expect(route?.perTrunk[0]?.reason).toContain('93 % of daily limit of telco-a is used');
  });

  it('used up the calls go to the next trunk', () => {
    const { route, text } = planned({ a: 1 });
    expect(text).toBe('b/100 c/0 a/0');
    expect(route?.perTrunk.at(-1)).toMatchObject({ trunk: 'a', tier: 'degraded' });
    expect(route?.perTrunk.at(-1)?.reason).toContain('daily limit of telco-a is used up');
  });

  it('used up everywhere the least bad trunk leads, loudly: never an empty route (rule 4)', () => {
    const { route, text } = planned({ a: 1, b: 1, c: 1 });
    expect(route?.isPanic).toBe(true);
    expect(text).toBe('a/100 b/0 c/0');
  });

  it('a new day gives the trunk its calls back', () => {
    const before = planned({ a: 1 });
    const after = planned({ a: 0 }, before.memory, NOW + 3_600_000);
    expect(after.text).toBe('a/100 b/0 c/0');
  });
});

describe('the ground to shed for', () => {
  it('is the same text until a trunk becomes full, or a limit near or used up', () => {
    const text = (used: number, usedRatio: number) => {
      const loads = new Map([['a', { channels: 100, usedChannels: used }]]);
      return pressureGround({ ...NO_CONSTRAINTS, loads, limits: new Map([['b', { usedRatio, name }]]) }, ROUTE_POLICY);
    };
    expect(text(10, 0.1)).toBe(text(89, 0.89));
    expect(new Set([text(10, 0.1), text(90, 0.1), text(10, 0.9), text(10, 1)]).size).toBe(4);
  });
});

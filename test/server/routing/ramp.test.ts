import { describe, expect, it } from 'vitest';
import { type Ramp, type RampStep, stepRamp } from '../../../server/routing/ramp.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { NOW } from './judged.ts';
import { series } from './made-calls.ts';

const S = 1000;

/** One look: so many calls at the trunk since `sinceMs`, the class in use until `latestAtMs`. */
function look(ramp: Ramp | undefined, calls: number, atMs: number, latestAtMs: number | undefined = atMs): RampStep {
  return stepRamp({ ramp, trunk: 'a', calls: series(calls, atMs), latestAtMs }, ROUTE_POLICY, atMs);
}

const FIRST: Ramp = { trunk: 'a', step: 0, sinceMs: NOW };

describe('ramp of a trunk that comes back', () => {
  it('begins with a canary of 5 %', () => {
    expect(look(undefined, 0, NOW)).toEqual({
      kind: 'share',
      ramp: FIRST,
      percent: 5,
      clause: 'a takes 5 % of the calls, 0 of the 5 that the step needs',
    });
  });

  it.each([
    ['time without calls', 4, 60, 5],
    ['calls without time', 5, 29, 5],
    ['time and calls', 5, 30, 25],
    ['ten minutes on probes alone', 0, 600, 25],
    ['not quite ten minutes', 0, 599, 5],
  ])('%s: %i calls after %i s give it %i %%', (_name, calls, afterS, percent) => {
    expect(look(FIRST, calls, NOW + afterS * S)).toMatchObject({ percent });
  });

  it('needs each step, 5, 25 and 50 %, before it leads', () => {
    const seen: (number | 'lead')[] = [];
    let ramp: Ramp | undefined;
    for (let at = 0; at <= 200; at += 1) {
      const step = look(ramp, 6, NOW + at * S);
      seen.push(step.kind === 'lead' ? 'lead' : step.percent);
      if (step.kind === 'lead') break;
      ramp = step.ramp;
    }
    const changes = seen.flatMap((each, at) => (each === seen[at - 1] ? [] : [[each, at]]));
    expect(changes).toEqual([
      [5, 0],
      [25, 30],
      [50, 60],
      ['lead', 90],
    ]);
  });

  it('leads at once where the class had no call for ten minutes: there is nobody to protect', () => {
    expect(look(undefined, 0, NOW, NOW - 600 * S).kind).toBe('lead');
    expect(stepRamp({ ramp: undefined, trunk: 'a', calls: [], latestAtMs: undefined }, ROUTE_POLICY, NOW).kind).toBe(
      'lead',
    );
    expect(look(undefined, 0, NOW, NOW - 599 * S).kind).toBe('share');
  });

  it('counts no call that failed: one that only fails never gets past its first share on calls', () => {
    const atMs = NOW + 60 * S;
    const failed = series(5, atMs, (at) => at < 3);
    const step = stepRamp({ ramp: FIRST, trunk: 'a', calls: failed, latestAtMs: atMs }, ROUTE_POLICY, atMs);
    expect(step).toMatchObject({ percent: 5, clause: 'a takes 5 % of the calls, 2 of the 5 that the step needs' });
  });

  it('begins anew for another trunk', () => {
    const other: Ramp = { trunk: 'b', step: 2, sinceMs: NOW - 900 * S };
    expect(look(other, 9, NOW)).toMatchObject({ percent: 5, ramp: FIRST });
  });
});

import { describe, expect, it } from 'vitest';
import { decidePlan, isOlder, reasonNotToAct } from '../../../probes/control/plan-decision.ts';
import type { PlanFrame } from '../../../wire/hub-frames.ts';
import type { PbxModes } from '../../../wire/plan.ts';

const limits = { trunks: new Set(['a', 'b']), classes: new Set(['national', 'mobile']) };
const enforce: PbxModes = {
  stopped: false,
  routing: 'enforce',
  spend: 'observe',
  security: 'observe',
  survival: 'observe',
  classes: [],
};
const held = { fence: 3, version: 10 };

function plan(changes: Partial<PlanFrame> = {}): PlanFrame {
  return {
    v: 1,
    type: 'plan',
    fence: 3,
    version: 11,
    issuedAtEpochMs: 0,
    validUntilEpochMs: 1,
    routes: [
      {
        class: 'national',
        mode: 'enforce',
        reason: 'a is hard-down',
        trunks: [
          { trunk: 'b', weight: 100 },
          { trunk: 'a', weight: 0 },
        ],
      },
    ],
    ...changes,
  };
}

const oneRoute = (className: string, trunks: readonly string[]) => [
  { class: className, mode: 'enforce' as const, reason: '', trunks: trunks.map((trunk) => ({ trunk, weight: 1 })) },
];

describe('a plan on the PBX', () => {
  it('is written with its fence and version', () => {
    expect(decidePlan(plan(), limits, held, enforce)).toEqual({
      kind: 'apply',
      classes: [{ kind: 'write', class: 'national', text: '2:3.11:b/100,a/0' }],
    });
  });

  it.each([
    ['an older version', { version: 9 }, 'plan 3.9 is older than 3.10'],
    ['an older fence with a higher version', { fence: 2, version: 99 }, 'plan 2.99 is older than 3.10'],
    [
      'a trunk outside the list',
      { routes: oneRoute('national', ['b', 'evil']) },
      "trunk evil is not in the probe's own list",
    ],
    [
      'a class outside the list',
      { routes: oneRoute('premium', ['b']) },
      "class premium is not in the probe's own list",
    ],
    ['a trunk named twice', { routes: oneRoute('national', ['b', 'b']) }, 'class national names a trunk twice'],
    [
      'a class named twice',
      { routes: [...oneRoute('national', ['b']), ...oneRoute('national', ['a'])] },
      'class national is named twice',
    ],
  ])('rule 10: with %s changes nothing and says so', (_name, changes, reason) => {
    expect(decidePlan(plan(changes), limits, held, enforce)).toMatchObject({ kind: 'refuse', reason });
  });

  it.each([
    ['no modes known', undefined, 'no modes are known yet'],
    ['the stop switch on', { ...enforce, stopped: true }, 'the global stop switch is on'],
    ['routing in observe', { ...enforce, routing: 'observe' as const }, 'routing is in observe mode'],
    [
      'the class in observe',
      { ...enforce, classes: [{ class: 'national', routing: 'observe' as const }] },
      'routing is in observe mode',
    ],
  ])('rule 7: is only observed with %s', (_name, modes, reason) => {
    expect(decidePlan(plan(), limits, held, modes)).toEqual({
      kind: 'apply',
      classes: [{ kind: 'skip', result: { class: 'national', outcome: 'observed', reason } }],
    });
  });

  it('rule 7: lets one class act while the PBX observes', () => {
    const modes: PbxModes = { ...enforce, routing: 'observe', classes: [{ class: 'national', routing: 'enforce' }] };
    expect(reasonNotToAct('national', 'enforce', modes)).toBeUndefined();
    expect(reasonNotToAct('mobile', 'enforce', modes)).toBe('routing is in observe mode');
    expect(reasonNotToAct(undefined, 'enforce', modes)).toBe('routing is in observe mode');
  });

  it('orders plans by fence, then version', () => {
    expect(isOlder({ fence: 4, version: 0 }, held)).toBe(false);
    expect(isOlder(held, held)).toBe(false);
  });
});

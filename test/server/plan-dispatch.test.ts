import { describe, expect, it } from 'vitest';
import { dispatchStep, NOTHING_SENT, planFrame, RESEND_MS } from '../../server/plan-dispatch.ts';
import type { PlannedRoute } from '../../server/routing/route-plan.ts';
import { parseHubFrame } from '../../wire/codec.ts';

function route(changes: Partial<PlannedRoute> = {}): PlannedRoute {
  const trunks = [
    { trunk: 'b', weight: 100 },
    { trunk: 'a', weight: 0 },
  ];
  return {
    pbx: 'fra-1',
    class: 'national',
    mode: 'enforce',
    trunks,
    current: trunks,
    configured: ['a', 'b'],
    version: 4,
    reason: 'a is hard-down',
    perTrunk: [],
    isChanged: false,
    isInAsterisk: true,
    isPanic: false,
    isWaiting: false,
    ...changes,
  };
}
const observed = route({ class: 'mobile', mode: 'observe', isChanged: true, isInAsterisk: false });
const issued = { ...NOTHING_SENT, issuedVersion: 4, issuedFence: 2 };
const sent = { ...issued, sentAtMs: 1000 };
const missing = route({ isInAsterisk: false });
const partly = { ...sent, isPartial: true, issuedTrunks: new Map([['national', route().trunks]]) };

describe('what is done about the plan of a PBX', () => {
  it.each([
    ['nothing where nothing is planned', NOTHING_SENT, [], 'nothing'],
    ['nothing for routes that are only observed (rule 7)', NOTHING_SENT, [observed], 'nothing'],
    ['nothing where no plan was made yet', NOTHING_SENT, [route({ version: 0, isChanged: true })], 'nothing'],
    ['nothing where Asterisk holds the adopted route (rule 9)', NOTHING_SENT, [route()], 'nothing'],
    [
      'nothing where it is not known what Asterisk holds (rule 2)',
      NOTHING_SENT,
      [route({ isInAsterisk: undefined })],
      'nothing',
    ],
    ['issue for a change', NOTHING_SENT, [route({ isChanged: true })], 'issue'],
    ['issue where Asterisk holds another route', NOTHING_SENT, [missing], 'issue'],
    ['issue a new version', issued, [route({ version: 5, isChanged: true })], 'issue'],
    ['nothing while the journal is being written', { ...NOTHING_SENT, issuingVersion: 4 }, [missing], 'nothing'],
    [
      'issue the classes that had to wait for the journal (rule 8)',
      partly,
      [route(), route({ class: 'mobile' })],
      'issue',
    ],
    ['nothing more once none is left that had to wait', partly, [route()], 'nothing'],
    ['send what is in the journal', issued, [missing], 'send'],
    ['nothing while the answer may still come', sent, [missing], 'nothing'],
    ['nothing once it is answered and Asterisk holds it', { ...sent, isAnswered: true }, [route()], 'nothing'],
  ] as const)('%s', (_name, state, routes, step) => {
    expect(dispatchStep(state, routes, 2, 1000 + RESEND_MS - 1)).toBe(step);
  });

  it.each([
    ['without an answer', sent, [route()], 'send'],
    ['answered, but with AstDB still different', { ...sent, isAnswered: true }, [missing], 'send'],
    ['answered, with AstDB unknown', { ...sent, isAnswered: true }, [route({ isInAsterisk: undefined })], 'nothing'],
  ] as const)('after a while, %s: %s', (_name, state, routes, step) => {
    expect(dispatchStep(state, routes, 2, 1000 + RESEND_MS)).toBe(step);
  });

  it('a hub with a new fence issues anew before it sends', () => {
    expect(dispatchStep(sent, [missing], 3, 99_999)).toBe('issue');
  });
});

describe('the frame of a plan', () => {
  const stamp = { fence: 2, issuedAtMs: 1_800_000_000_000, validForMs: 60_000 };

  it('carries the enforced routes only, and is what the contract wants', () => {
    const frame = planFrame([route(), observed], stamp);
    expect(frame).toEqual({
      v: 1,
      type: 'plan',
      fence: 2,
      version: 4,
      issuedAtEpochMs: 1_800_000_000_000,
      validUntilEpochMs: 1_800_000_060_000,
      routes: [
        {
          class: 'national',
          trunks: [
            { trunk: 'b', weight: 100 },
            { trunk: 'a', weight: 0 },
          ],
          mode: 'enforce',
          reason: 'a is hard-down',
        },
      ],
    });
    expect(parseHubFrame(JSON.stringify(frame)).ok).toBe(true);
  });

  it('cuts a reason that the contract has no room for', () => {
    const frame = planFrame([route({ reason: 'x'.repeat(2000) })], stamp);
    expect(parseHubFrame(JSON.stringify(frame)).ok).toBe(true);
  });
});

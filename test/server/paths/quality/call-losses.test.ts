import { describe, expect, it } from 'vitest';
import { CallLosses } from '../../../../server/paths/quality/call-losses.ts';
import type { CountedCall } from '../../../../server/paths/quality/call-window.ts';

const CALL: CountedCall = {
  isAnswered: false,
  statusCode: undefined,
  causeCode: undefined,
  hasRung: false,
  missedEvents: false,
  pddMs: undefined,
  talkMs: undefined,
};
const ANSWERED = { ...CALL, isAnswered: true, hasRung: true };

/** Calls one second apart. */
function counted(calls: readonly (Partial<CountedCall> & { readonly edge?: string })[]) {
  const losses = new CallLosses();
  calls.forEach(({ edge, ...call }, second) => {
    losses.add(edge, { ...CALL, ...call }, 1_000_000 + second * 1000);
  });
  return losses.since(1_000_000);
}

describe('calls as evidence', () => {
  it.each([408, 500, 503, 504])('a %i is a call that the trunk failed (RFC 6076 §4.8)', (statusCode) => {
    expect(counted([ANSWERED, { statusCode }])).toEqual([
      { edge: undefined, counts: { sent: 2, lost: 1, lossRuns: 1 } },
    ]);
  });

  it.each([
    ['busy', { statusCode: 486 }],
    ['turned down', { statusCode: 603 }],
    ['unavailable', { statusCode: 480 }],
    ['rung without an answer', { causeCode: 16, hasRung: true }],
  ])('%s is the called side: the trunk carried the call', (_, call) => {
    expect(counted([call])[0]?.counts).toEqual({ sent: 1, lost: 0, lossRuns: 0 });
  });

  it.each([
    ['a number that does not exist', { statusCode: 404 }],
    ['a call that is forbidden', { statusCode: 403 }],
    ['given up before it rang', { causeCode: 16 }],
    ['redirected', { statusCode: 302 }],
    ['answered elsewhere', { causeCode: 26 }],
    ['hidden by a gap', { statusCode: 503, missedEvents: true }],
  ])('%s says nothing of the trunk', (_, call) => {
    expect(counted([call])).toEqual([]);
  });

  it('is told by edge, in runs; what ended before is left out', () => {
    const failed = { statusCode: 503, edge: 'e1' };
    const found = counted([failed, failed, { ...ANSWERED, edge: 'e1' }, failed, { ...ANSWERED, edge: 'e2' }]);
    expect(found).toEqual([
      { edge: 'e1', counts: { sent: 4, lost: 3, lossRuns: 2 } },
      { edge: 'e2', counts: { sent: 1, lost: 0, lossRuns: 0 } },
    ]);
  });

  it('keeps room: calls at more edges than a trunk has are of an unknown one', () => {
    const found = counted(Array.from({ length: 40 }, (_, index) => ({ ...ANSWERED, edge: `e${index}` })));
    expect(found).toHaveLength(33);
    expect(found.find(({ edge }) => edge === undefined)?.counts.sent).toBe(8);
  });
});

import { describe, expect, test } from 'vitest';
import { beginLeg } from '../../../../probes/asterisk/calls/call-leg.ts';
import {
  answeredInvite,
  MIN_UNANSWERED_WAIT_MS,
  meaningOfRemoteEnd,
  unansweredInvite,
} from '../../../../probes/asterisk/calls/invite-evidence.ts';

const LEG = {
  ...beginLeg({
    number: 0,
    channel: 'PJSIP/a-00000001',
    uniqueId: '1795500210.2',
    linkedId: '1795500210.0',
    trunk: { trunk: 'acme', endpoint: 'acme', edges: [] },
    isOutbound: true,
    startedAtEpochMs: 1_795_500_210_000,
    startedAtMs: 1_000,
    hasGap: false,
  }),
  edge: 'east',
};

test.each([
  [404, 'edge-answered'],
  [407, 'edge-answered'],
  [408, 'no-answer'],
  [409, 'edge-answered'],
  [486, 'edge-answered'],
  [500, 'edge-answered'],
  [502, 'edge-answered'],
  [503, 'inconclusive'],
  [504, 'edge-answered'],
  [603, 'edge-answered'],
])('a final %i is %s: 408 and 503 may be Asterisk’s own (RFC 3261 8.1.3.1)', (statusCode, meaning) => {
  expect(meaningOfRemoteEnd(statusCode, '34')).toBe(meaning);
});

test.each([
  ['18', 'no-answer'],
  ['17', 'inconclusive'],
  ['34', 'inconclusive'],
  [undefined, 'inconclusive'],
])('without a status, as on an older Asterisk, cause %s is %s', (cause, meaning) => {
  expect(meaningOfRemoteEnd(undefined, cause)).toBe(meaning);
});

describe('silence', () => {
  test('counts from the shortest wait on, not a millisecond sooner', () => {
    const endMs = 1_000 + MIN_UNANSWERED_WAIT_MS;
    expect(unansweredInvite(LEG, endMs - 1)).toBeUndefined();
    expect(unansweredInvite(LEG, endMs)).toEqual({
      kind: 'invite',
      trunk: 'acme',
      edge: 'east',
      observedAtMs: endMs,
      outcome: 'unanswered',
    });
  });

  test.each([
    ['a reply was seen', { hasReply: true }],
    ['the final status may be our own', { isInconclusive: true }],
    ['events may be missing', { hasGap: true }],
    ['the beginning was not seen', { startedAtMs: undefined }],
  ])('proves nothing where %s', (_, change) => {
    expect(unansweredInvite({ ...LEG, ...change }, 60_000)).toBeUndefined();
  });
});

test('an unknown edge and an unknown status are left out, not made up', () => {
  expect(answeredInvite({ ...LEG, edge: undefined }, 5)).toEqual({
    kind: 'invite',
    trunk: 'acme',
    observedAtMs: 5,
    outcome: 'answered',
  });
  expect(answeredInvite(LEG, 5, 486)).toMatchObject({ edge: 'east', statusCode: 486 });
});

import { describe, expect, it } from 'vitest';
import { FRESH_LOSS_TEST } from '../../../server/paths/loss-test.ts';
import { judgePath, type PathFacts } from '../../../server/paths/path-judgement.ts';
import { PATH_POLICY } from '../../../server/paths/path-policy.ts';
import { pathSentence } from '../../../server/paths/path-sentence.ts';
import { type PathState, UNSEEN_PATH } from '../../../server/paths/path-state.ts';
import { lossEstimate } from '../../../server/paths/wilson.ts';
import { trunkPath } from './measured.ts';

const NOW = 1_000_000;
const HEALTHY: PathState = {
  ...UNSEEN_PATH,
  run: { hasAnswered: true, misses: 0, firstMissSentAtMs: undefined },
  asked: 60,
  isFresh: true,
  lastAnsweredAtMs: NOW - 500,
  lastSampleAtMs: NOW - 500,
};
const RAISED = { ...FRESH_LOSS_TEST, isRaised: true, raising: 9.2 };
const NOTED = { atMs: NOW - 100, reason: 'no-route' };

function facts(path: Partial<PathState>, other: Partial<PathFacts> = {}): PathFacts {
  const heard = { otherAnsweredSentAtMs: 9000, lastHeardAtMs: NOW - 100, backlogMs: 0, sickness: undefined };
  return { ...heard, ...other, path: { ...HEALTHY, ...path } };
}

function run(misses: number, hasAnswered = true): Partial<PathState> {
  return { run: { hasAnswered, misses, firstMissSentAtMs: 5000 }, runLossRatio: 0.009 };
}

describe('judgement of one path', () => {
  it.each<[string, PathFacts, string, string]>([
    ['probe never heard', facts({}, { lastHeardAtMs: undefined }), 'unknown', 'never-heard'],
    ['probe silent for 10 s', facts({}, { lastHeardAtMs: NOW - 10_000 }), 'unknown', 'probe-silent'],
    ['probe silent in an outage', facts(run(20), { lastHeardAtMs: NOW - 10_000 }), 'unknown', 'probe-silent'],
    ['queue being worked off', facts(run(20), { backlogMs: 60_000 }), 'unknown', 'catching-up'],
    ['probe sick', facts(run(20), { sickness: 'self-probe lost' }), 'unknown', 'probe-sick'],
    ['nothing settled yet', facts({ ...UNSEEN_PATH }), 'unknown', 'no-sample'],
    ['never measurable', facts({ ...UNSEEN_PATH, lastNotMeasured: NOTED }), 'unknown', 'not-measured'],
    ['no sample for 60 s', facts({ lastSampleAtMs: NOW - 60_000 }), 'unknown', 'no-sample'],
    ['no sample for 59 s', facts({ lastSampleAtMs: NOW - 59_000 }), 'healthy', 'answering'],
    ['unmeasured for 10 s', facts({ lastSampleAtMs: NOW - 10_000, lastNotMeasured: NOTED }), 'unknown', 'not-measured'],
    ['unmeasured for 9 s', facts({ lastSampleAtMs: NOW - 9000, lastNotMeasured: NOTED }), 'healthy', 'answering'],
    ['not answered since a restart', facts({ isFresh: false }), 'unknown', 'not-fresh'],
    ['missing since a restart', facts({ ...run(3), isFresh: false }), 'unknown', 'not-fresh'],
    ['never answered, asked twice', facts({ ...run(2, false), asked: 2 }), 'unknown', 'few-asked'],
    ['never answered, asked 3 times', facts({ ...run(3, false), asked: 3 }), 'unmeasurable', 'never-answered'],
    ['never answered, asked 300 times', facts({ ...run(300, false), asked: 300 }), 'unmeasurable', 'never-answered'],
    ['answering', facts({}), 'healthy', 'answering'],
    ['3 misses of 4 needed at 0.9 %', facts(run(3)), 'healthy', 'answering'],
    ['4 misses of 4 needed at 0.9 %', facts(run(4)), 'hard-down', 'run-of-misses'],
    ['hard-down after a restart too', facts({ ...run(4), isFresh: false }), 'hard-down', 'run-of-misses'],
    ['hard-down beats a raised loss test', facts({ ...run(4), lossTest: RAISED }), 'hard-down', 'run-of-misses'],
    [
      'no other target ever answered',
      facts(run(9), { otherAnsweredSentAtMs: undefined }),
      'degraded',
      'all-targets-silent',
    ],
    [
      'another answered before the run only',
      facts(run(9), { otherAnsweredSentAtMs: 4999 }),
      'degraded',
      'all-targets-silent',
    ],
    [
      'an INVITE answered in the run',
      facts({ ...run(9), probeInviteAnsweredAtMs: 5000 }),
      'probe-blocked',
      'invite-answered',
    ],
    ['an INVITE answered before it', facts({ ...run(9), probeInviteAnsweredAtMs: 4999 }), 'hard-down', 'run-of-misses'],
    ['an INVITE answered, few misses', facts({ ...run(2), probeInviteAnsweredAtMs: 6000 }), 'healthy', 'answering'],
    [
      'never answered but takes calls',
      facts({ ...run(9, false), probeInviteAnsweredAtMs: 6000 }),
      'probe-blocked',
      'invite-answered',
    ],
    ['lossy', facts({ lossTest: RAISED }), 'degraded', 'loss-test-raised'],
  ])('%s', (_name, given, state, because) => {
    expect(judgePath(given, PATH_POLICY, NOW)).toMatchObject({ state, because });
  });

  it.each<[string, PathFacts, string]>([
    ['never heard', facts({}, { lastHeardAtMs: undefined }), 'The probe of fra-1 has not spoken since the hub began.'],
    [
      'catching up',
      facts({}, { backlogMs: 61_000 }),
      'The probe of fra-1 works off its queue; the newest measurement was 61 s old.',
    ],
    [
      'sick',
      facts({}, { sickness: 'self-probe lost 1 of 1 on loopback' }),
      'The probe of fra-1 abstains: self-probe lost 1 of 1 on loopback.',
    ],
    ['nothing yet', facts({ ...UNSEEN_PATH }), 'No OPTIONS has settled yet.'],
    ['nothing lately', facts({ lastSampleAtMs: NOW - 75_000 }), 'No OPTIONS has settled for 75 s.'],
    [
      'unmeasured',
      facts({ ...UNSEEN_PATH, lastNotMeasured: NOTED }),
      'Could not be measured (no-route); never a sample.',
    ],
    [
      'not fresh',
      facts({ ...run(2), isFresh: false }),
      'No answer yet since the probe or the hub began anew (2 missed, 4 would be hard-down).',
    ],
    ['few asked', facts({ ...run(2, false), asked: 2 }), 'Never answered; only 2 OPTIONS asked so far.'],
    [
      'blocked',
      facts({ ...run(9), probeInviteAnsweredAtMs: 6000 }),
      '9 OPTIONS in a row missed (4 needed), but an INVITE was answered since the first: the probe is blocked, the edge is not down.',
    ],
    [
      'all silent',
      facts(run(9), { otherAnsweredSentAtMs: undefined }),
      '9 OPTIONS in a row missed (4 needed) and no other target of fra-1 answered meanwhile: path and uplink cannot be told apart.',
    ],
    [
      'answering with misses',
      facts(run(2)),
      '3 of 60 OPTIONS lost in 60 s (5.0 %, 95 % interval 1.7-13.7 %); 2 missed in a row, 4 would be hard-down.',
    ],
    ['answering', facts({}), '3 of 60 OPTIONS lost in 60 s (5.0 %, 95 % interval 1.7-13.7 %).'],
    [
      'hard-down',
      facts({ ...run(4), runRefusals: 1 }),
      '4 OPTIONS in a row missed (1 of them refused), 4 needed at a loss of at most 0.9 % before; another target of fra-1 answered meanwhile.',
    ],
    [
      'silent',
      facts({}, { lastHeardAtMs: NOW - 12_000 }),
      'The probe of fra-1 has been silent for 12 s: nothing is known.',
    ],
    [
      'unmeasurable',
      facts({ ...run(7, false), asked: 7 }),
      'None of 7 OPTIONS was ever answered: cannot be measured by OPTIONS.',
    ],
    [
      'lossy',
      facts({ lossTest: RAISED }),
      'Sequential loss test raised: 3 of 60 OPTIONS lost in 60 s (5.0 %, 95 % interval 1.7-13.7 %).',
    ],
  ])('says why with its figures: %s', (_name, given, sentence) => {
    const options = lossEstimate({ sent: 60, lost: 3 }, 60_000);
    const judgement = judgePath(given, PATH_POLICY, NOW);
    expect(pathSentence(trunkPath('fra-1', 'telco-a', 'a.a1'), judgement, given, { options, nowMs: NOW })).toBe(
      sentence,
    );
  });

  it('says so when nothing was sent in the window', () => {
    const options = lossEstimate({ sent: 0, lost: 0 }, 60_000);
    const judgement = judgePath(facts({}), PATH_POLICY, NOW);
    const sentence = pathSentence(trunkPath('fra-1', 'telco-a', 'a.a1'), judgement, facts({}), { options, nowMs: NOW });
    expect(sentence).toBe('no OPTIONS in 60 s.');
  });
});

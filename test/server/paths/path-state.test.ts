import { describe, expect, it } from 'vitest';
import { LOSS_TEST_POLICY } from '../../../server/paths/loss-test.ts';
import {
  foldInvite,
  foldOptions,
  type PathState,
  startInstance,
  UNSEEN_PATH,
} from '../../../server/paths/path-state.ts';
import type { SipOptionsMeasurement } from '../../../wire/measurement.ts';
import { answered, attempted, missed } from './measured.ts';

function fold(state: PathState, measurements: readonly SipOptionsMeasurement[], lossBeforeRatio = 0.01): PathState {
  return measurements.reduce(
    (held, measurement) =>
      foldOptions(held, measurement, {
        atMs: measurement.sentAtMs,
        lossBeforeRatio: () => lossBeforeRatio,
        lossTest: LOSS_TEST_POLICY,
      }),
    state,
  );
}

const ANSWERING = fold(UNSEEN_PATH, [answered('a.a1', 0)]);

describe('state of one path', () => {
  it('counts any final status as an answer: judging it is not measuring', () => {
    const outcome = { kind: 'answered' as const, rttMs: 20, statusCode: 503 };
    const state = fold(UNSEEN_PATH, [attempted('a.a1', 5, outcome)]);
    expect(state).toMatchObject({ isFresh: true, lastStatusCode: 503, run: { hasAnswered: true, misses: 0 } });
  });

  it.each(['confirm', 'control'] as const)('takes a %s miss for the run, but not as a loss sample', (schedule) => {
    const state = fold(ANSWERING, [missed('a.a1', 1000, schedule)]);
    expect(state.run.misses).toBe(1);
    expect(state.lossTest.raising).toBe(0);
  });

  it.each(['liveness', 'loss'] as const)('takes a %s miss for both', (schedule) => {
    const state = fold(ANSWERING, [missed('a.a1', 1000, schedule)]);
    expect(state.run.misses).toBe(1);
    expect(state.lossTest.raising).toBeCloseTo(Math.log(0.1 / 0.01), 6);
  });

  it('counts a refusal as a miss and remembers that it was one', () => {
    const refused = attempted('a.a1', 1000, { kind: 'refused', reason: 'port-unreachable' });
    const state = fold(ANSWERING, [refused, missed('a.a1', 2000)]);
    expect(state).toMatchObject({ run: { misses: 2 }, runRefusals: 1 });
  });

  it('Unknown is not bad (safety rule 2): not-measured is no evidence at all', () => {
    const unmeasured = attempted('a.a1', 1000, { kind: 'not-measured', reason: 'no-route' });
    const state = fold(ANSWERING, [unmeasured]);
    expect(state).toEqual({ ...ANSWERING, lastNotMeasured: { atMs: 1000, reason: 'no-route' } });
  });

  it('takes the loss before a run once, when it begins', () => {
    const first = fold(ANSWERING, [missed('a.a1', 1000)], 0.05);
    const second = fold(first, [missed('a.a1', 2000)], 0.9);
    expect(second).toMatchObject({ runLossRatio: 0.05, run: { misses: 2, firstMissSentAtMs: 1000 } });
  });

  it('keeps a miss out of the run that was sent before the latest answer', () => {
    const state = fold(ANSWERING, [answered('a.a1', 2000), missed('a.a1', 1000)]);
    expect(state.run.misses).toBe(0);
    expect(state.lossTest.raising).toBeGreaterThan(0);
  });

  it('tests for loss anew after an outage, for the outage is explained', () => {
    const dark = Array.from({ length: 30 }, (_, at) => missed('a.a1', 1000 + at * 1000));
    const during = fold(ANSWERING, dark);
    expect(during.lossTest.isRaised).toBe(true);
    expect(fold(during, [answered('a.a1', 40_000)]).lossTest).toEqual({ isRaised: false, raising: 0, clearing: 0 });
  });

  it('takes for a part of the outage what was sent in it and timed out only after the answer that ended it', () => {
    const dark = Array.from({ length: 8 }, (_, at) => missed('a.a1', 1000 + at * 500));
    const ended = fold(fold(ANSWERING, dark), [answered('a.a1', 7000)]);
    const late = [4500, 5000, 5500, 6000, 6500].map((sentAtMs) => missed('a.a1', sentAtMs));
    const after = fold(ended, late);
    expect(after.lossTest).toEqual(ANSWERING.lossTest);
    expect(after.lossBeforeRun).toEqual(ended.lossBeforeRun);
    expect(after).toMatchObject({ run: { misses: 0 }, asked: ended.asked + 5, lastSampleAtMs: 7000 });
  });

  it('still takes for loss what was sent before the outage or since, and what a short run left behind', () => {
    const dark = Array.from({ length: 8 }, (_, at) => missed('a.a1', 1000 + at * 500));
    const ended = fold(fold(ANSWERING, dark), [answered('a.a1', 7000), answered('a.a1', 9000)]);
    const lossNats = Math.log(0.1 / 0.01);
    expect(fold(ended, [missed('a.a1', 900)]).lossTest.raising).toBeCloseTo(lossNats, 6);
    expect(fold(ended, [missed('a.a1', 8000)]).lossTest.raising).toBeCloseTo(lossNats, 6);
    expect(fold(ended, [missed('a.a1', 9500)]).lossTest.raising).toBeCloseTo(lossNats, 6);
    const short = fold(ANSWERING, [missed('a.a1', 1000), answered('a.a1', 3000), missed('a.a1', 2000)]);
    expect(short.lossTest.raising).toBeGreaterThan(lossNats);
    expect(fold(startInstance(ended), [missed('a.a1', 4500)]).lossTest.raising).toBeCloseTo(lossNats, 6);
  });

  it('keeps the losses of a run too short for an outage', () => {
    const state = fold(ANSWERING, [missed('a.a1', 1000), missed('a.a1', 2000), answered('a.a1', 3000)]);
    expect(state.lossTest.raising).toBeCloseTo(2 * Math.log(0.1 / 0.01) + Math.log(0.9 / 0.99), 6);
  });

  it('Reload and restart (safety rule 9): another instance starts the run over and keeps what is known', () => {
    const invite = { kind: 'invite', trunk: 'a', observedAtMs: 1500, outcome: 'answered' } as const;
    const before = foldInvite(fold(ANSWERING, [missed('a.a1', 1000)]), invite, { atMs: 1500 });
    const after = startInstance(before);
    expect(after.run).toEqual({ hasAnswered: true, misses: 0, firstMissSentAtMs: undefined });
    expect(after).toMatchObject({ isFresh: false, lossTest: before.lossTest, asked: 2 });
    expect(after.probeInviteAnsweredAtMs).toBeUndefined();
  });

  it('takes no evidence from an unanswered INVITE', () => {
    const invite = { kind: 'invite', trunk: 'a', observedAtMs: 9, outcome: 'unanswered' } as const;
    expect(foldInvite(ANSWERING, invite, { atMs: 9 })).toBe(ANSWERING);
  });
});

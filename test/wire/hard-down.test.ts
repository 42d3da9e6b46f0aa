import { describe, expect, it } from 'vitest';
import { addAttempt, judgeHardDown, type MissRun, missesForHardDown, NO_RUN } from '../../wire/hard-down.ts';
import { addToLoss, carefulLossRatio, NO_LOSS_SEEN } from '../../wire/loss-before-run.ts';
import { seeded } from '../support/seeded.ts';

const answered = { sentAtMs: 0, settledAtMs: 20, isAnswered: true };
function runOf(misses: number, firstSentAtMs = 1000): MissRun {
  let run = addAttempt(NO_RUN, answered);
  for (let miss = 0; miss < misses; miss++) {
    const sentAtMs = firstSentAtMs + miss * 150;
    run = addAttempt(run, { sentAtMs, settledAtMs: sentAtMs + 250, isAnswered: false });
  }
  return run;
}
const judge = (changes: Partial<Parameters<typeof judgeHardDown>[0]>) =>
  judgeHardDown({
    run: runOf(3),
    lossRatio: 0,
    otherAnsweredSentAtMs: 1100,
    inviteAnsweredAtMs: undefined,
    ...changes,
  });

describe('hard-down', () => {
  it.each([
    [0, 3],
    [0.002, 3],
    [0.005, 4],
    [0.009, 4],
    [0.02, 5],
    [0.05, 7],
    [0.1, 9],
    [0.19, 9],
    [0.5, 9],
    [1, 9],
    [Number.NaN, 3],
  ])('at a measured loss of %d asks for %d misses in a row', (lossRatio, misses) => {
    expect(missesForHardDown(lossRatio)).toBe(misses);
  });

  it.each([0.0005, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1])(
    'is met by chance less than once in 30 days by 400 paths at 1/s that all lose %d',
    (lossRatio) => {
      const random = seeded(20_264);
      let memory = NO_LOSS_SEEN;
      let chance = 0;
      for (let attempt = 0; attempt < 100_000; attempt += 1) {
        memory = addToLoss(memory, 1, random() < lossRatio ? 1 : 0);
        chance += (1 - lossRatio) * lossRatio ** missesForHardDown(carefulLossRatio(memory));
      }
      expect((chance / 100_000) * 400 * 86_400 * 30).toBeLessThan(1);
    },
  );

  it.each([
    ['three misses while another target answered', {}, undefined],
    ['two misses', { run: runOf(2) }, 'too-few-misses'],
    ['three misses where loss of 10 % is usual', { lossRatio: 0.1 }, 'too-few-misses'],
    ['no other target answered at all', { otherAnsweredSentAtMs: undefined }, 'no-other-target-answered'],
    ['another target answered only before the misses', { otherAnsweredSentAtMs: 999 }, 'no-other-target-answered'],
    ['an INVITE was answered since the first miss', { inviteAnsweredAtMs: 1000 }, 'invite-answered'],
    ['an INVITE was answered before the first miss', { inviteAnsweredAtMs: 999 }, undefined],
    ['an edge that never answered', { run: { ...runOf(3), hasAnswered: false } }, 'unmeasurable'],
    ['no misses', { run: runOf(0) }, 'answering'],
  ])('with %s judges as defined', (_name, changes, because) => {
    const judgement = judge(changes);
    expect(judgement.isHardDown).toBe(because === undefined);
    if (!judgement.isHardDown) expect(judgement.because).toBe(because);
  });

  it('one answer ends the run and is remembered', () => {
    expect(addAttempt(runOf(5), answered)).toEqual({ hasAnswered: true, misses: 0, firstMissSentAtMs: undefined });
  });
});

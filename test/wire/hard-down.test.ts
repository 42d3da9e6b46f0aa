import { describe, expect, it } from 'vitest';
import { addAttempt, judgeHardDown, type MissRun, missesForHardDown, NO_RUN } from '../../wire/hard-down.ts';

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
    [0.001, 3],
    [0.01, 3],
    [0.02, 4],
    [0.05, 5],
    [0.1, 6],
    [0.19, 9],
    [0.5, 9],
    [1, 9],
    [Number.NaN, 3],
  ])('at a measured loss of %d asks for %d misses in a row', (lossRatio, misses) => {
    expect(missesForHardDown(lossRatio)).toBe(misses);
  });

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

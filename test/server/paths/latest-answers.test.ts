import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addAnswer, NO_ANSWERS, otherAnsweredSentAtMs } from '../../../server/paths/latest-answers.ts';

describe('latest answers of a PBX', () => {
  it('never count a target as another than itself', () => {
    const latest = addAnswer(addAnswer(NO_ANSWERS, 'a.a1', 100), 'a.a1', 200);
    expect(otherAnsweredSentAtMs(latest, 'a.a1')).toBeUndefined();
    expect(otherAnsweredSentAtMs(latest, 'b.b1')).toBe(200);
  });

  it('agree with the full list of answers in any order', () => {
    const answer = fc.record({
      target: fc.constantFrom('a', 'b', 'c', 'd'),
      sentAtMs: fc.integer({ min: 0, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 40 }), (answers) => {
        const latest = answers.reduce((held, { target, sentAtMs }) => addAnswer(held, target, sentAtMs), NO_ANSWERS);
        for (const target of ['a', 'b', 'c', 'd', 'e']) {
          const others = answers.filter((each) => each.target !== target).map(({ sentAtMs }) => sentAtMs);
          expect(otherAnsweredSentAtMs(latest, target)).toBe(others.length > 0 ? Math.max(...others) : undefined);
        }
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { clipped, flipSentence, MAX_SENTENCE } from '../../../server/routing/flip-sentence.ts';
import type { TrunkTier } from '../../../server/routing/trunk-tier.ts';
import { verdict } from './judged.ts';

const FROM: TrunkTier = { trunk: 'a', tier: 'degraded', reason: 'a.a1 degraded: 90 of 300 lost.', verdictId: 'v-1' };
const TO: TrunkTier = { trunk: 'b', tier: 'usable', reason: 'b.b1 healthy: 0 of 300 lost.', verdictId: undefined };
const STORY = {
  pbx: 'fra-1',
  class: 'national',
  mode: 'enforce',
  from: FROM,
  to: TO,
  isPanic: false,
  orderedBy: 'planner',
} as const;

describe('Every flip says why (safety rule 7)', () => {
  it('names route, trunks, evidence with counts, posterior, runner-up and who ordered it', () => {
    expect(flipSentence({ ...STORY, verdict: verdict() })).toBe(
      'national on fra-1 moves from a to b, ordered by planner: a is degraded: a.a1 degraded: 90 of 300 lost; ' +
        'b is usable: b.b1 healthy: 0 of 300 lost. Verdict v-1: provider telco-a at posterior 0.987, ' +
        'runner-up site fra at 0.009, 2 witnesses.',
    );
  });

  it('says in observe mode that nothing changed, and in panic that it is one', () => {
    const sentence = flipSentence({ ...STORY, mode: 'observe', verdict: undefined, isPanic: true });
    expect(sentence).toContain('would move (observe mode, nothing changed)');
    expect(sentence).toContain('PANIC: no trunk is left that is not bad.');
    expect(sentence).not.toContain('Verdict');
  });

  it('names all members of an ambiguity', () => {
    const group = [
      { kind: 'provider', provider: 'telco-a' },
      { kind: 'path', pbx: 'fra-1', target: 'a.a1' },
    ] as const;
    const sentence = flipSentence({
      ...STORY,
      verdict: verdict({ certainty: 'ambiguous', group, runnerUp: undefined }),
    });
    expect(sentence).toContain('provider telco-a or path fra-1 > a.a1 at posterior 0.987, runner-up none');
  });

  it('cuts long evidence, not the verdict, to what the wire holds', () => {
    const from = { ...FROM, reason: 'x'.repeat(2000) };
    const sentence = flipSentence({ ...STORY, from, verdict: verdict(), isPanic: true });
    expect(sentence.length).toBeLessThanOrEqual(MAX_SENTENCE);
    expect(sentence).toContain('…');
    expect(sentence).toContain('b is usable');
    expect(sentence.endsWith('2 witnesses. PANIC: no trunk is left that is not bad.')).toBe(true);
  });

  it('leaves short texts alone', () => {
    expect(clipped('abc', 3)).toBe('abc');
    expect(clipped('abcd', 3)).toBe('ab…');
  });
});

import { describe, expect, it } from 'vitest';
import { ObserveScore, observedSentence } from '../../../server/routing/observe-score.ts';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import type { PlannedRoute } from '../../../server/routing/route-plan.ts';
import { modes, NOW, pbxInput, routeInput } from './judged.ts';

const WELL = { a: 'healthy', b: 'healthy', c: 'healthy' } as const;
const WENT = {
  isAnswered: true,
  statusCode: 200,
  causeCode: 16,
  hasRung: true,
  missedEvents: false,
  pddMs: 900,
  talkMs: 9000,
} as const;
const FAILED = { ...WENT, isAnswered: false, statusCode: 503, causeCode: 34, hasRung: false } as const;

function routes(mode: 'observe' | 'enforce', a: 'healthy' | 'hard-down'): readonly PlannedRoute[] {
  const pbx = pbxInput('fra-1', { modes: modes(mode) });
  return plan(EMPTY_PLANNER, routeInput([pbx], { ...WELL, a }), NOW).routes;
}

const DOWN = routes('observe', 'hard-down');
const BACK = routes('observe', 'healthy');
const at = (trunk: string, name: string | undefined = 'national') => ({ trunk, class: name });

describe('score of observe mode', () => {
  it('counts calls on the trunk that led and on the one that was proposed, while it was', () => {
    const score = new ObserveScore();
    score.callEnded('fra-1', at('a'), FAILED);
    expect(score.take(DOWN, NOW)).toEqual([]);
    for (let call = 0; call < 30; call += 1) score.callEnded('fra-1', at('a'), call < 24 ? FAILED : WENT);
    for (let call = 0; call < 20; call += 1) score.callEnded('fra-1', at('b', call < 5 ? undefined : 'national'), WENT);
    score.callEnded('fra-1', at('c'), FAILED);
    score.callEnded('fra-1', at('a', 'mobile'), FAILED);
    score.callEnded('ams-1', at('a'), FAILED);
    expect(score.take(DOWN, NOW + 1000)).toEqual([]);
    const [over] = score.take(BACK, NOW + 60_000);
    expect(over).toMatchObject({ onActual: { calls: 30, failed: 24 }, onProposed: { calls: 20, failed: 0 } });
    expect(over && observedSentence(over, NOW + 60_000)).toBe(
      'national on fra-1: for 60 s b was proposed instead of a, and nothing was changed (observe mode). Of 30 calls at a 24 failed in the network; of 20 at b 0 did. Enforced, it would have saved 19 to 24 calls (95 %).',
    );
    expect(score.of('fra-1', 'national')).toBeUndefined();
  });

  it('says that a move would have cost calls where it would', () => {
    const score = new ObserveScore();
    score.take(DOWN, NOW);
    for (let call = 0; call < 40; call += 1) score.callEnded('fra-1', at('a'), WENT);
    for (let call = 0; call < 40; call += 1) score.callEnded('fra-1', at('b'), FAILED);
    const [over] = score.take(BACK, NOW);
    expect(over && observedSentence(over, NOW)).toContain('it would have saved -40 to -37 calls (95 %)');
  });

  it('says nothing of what it cannot know', () => {
    const score = new ObserveScore();
    score.take(DOWN, NOW);
    const idle = score.of('fra-1', 'national');
    expect(idle && observedSentence(idle, NOW)).toContain('No calls ended at a');
    score.callEnded('fra-1', at('a'), FAILED);
    score.callEnded('fra-1', at('a'), { ...FAILED, missedEvents: true });
    const blind = score.of('fra-1', 'national');
    expect(blind && observedSentence(blind, NOW)).toContain('Of 1 calls at a 1 failed in the network; none ended at b');
  });

  it('ends where the route is enforced, and keeps no score of that', () => {
    const score = new ObserveScore();
    score.take(DOWN, NOW);
    expect(score.take(routes('enforce', 'hard-down'), NOW)).toHaveLength(1);
    expect(score.of('fra-1', 'national')).toBeUndefined();
  });
});

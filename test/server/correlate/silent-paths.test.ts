import { describe, expect, it } from 'vitest';
import { stepSilentPaths } from '../../../server/correlate/silent-paths.ts';
import type { HealthState, PathHealth } from '../../../server/paths/path-health.ts';
import { fixedEvidence, trunkRef } from './loss-simulation.ts';

const REF = trunkRef('s1-1', 's1', 'a');

function pathIn(state: HealthState, more: Partial<PathHealth> = {}) {
  return [fixedEvidence(REF, { sent: 60, lost: 60 }, { state, ...more })];
}

describe('stepSilentPaths', () => {
  it.each(['probe-blocked', 'unmeasurable'] as const)(
    'opens one verdict on a path judged %s and tells it once',
    (state) => {
      const opened = stepSilentPaths(new Map(), pathIn(state), 1000);
      expect(opened.effects).toHaveLength(1);
      expect(opened.effects[0]).toMatchObject({
        kind: 'verdict-opened',
        verdict: { symptom: state, place: { kind: 'path', pbx: 's1-1', target: 'a.e1' }, witnesses: ['s1-1'] },
      });
      expect(stepSilentPaths(opened.state, pathIn(state), 2000).effects).toEqual([]);
    },
  );

  it.each<HealthState>(['healthy', 'degraded', 'hard-down'])('clears it when the path is judged %s', (state) => {
    const { state: open } = stepSilentPaths(new Map(), pathIn('probe-blocked'), 1000);
    const next = stepSilentPaths(open, pathIn(state), 5000);
    expect(next.effects).toMatchObject([{ kind: 'verdict-cleared', verdict: { clearedAtMs: 5000 } }]);
    expect(next.state.size).toBe(0);
  });

  it.each([pathIn('unknown'), pathIn('hard-down', { isAbstaining: true })])(
    'rule 2: unknown or abstaining neither opens nor clears (%#)',
    (...paths) => {
      expect(stepSilentPaths(new Map(), paths, 1000).effects).toEqual([]);
      const { state: open } = stepSilentPaths(new Map(), pathIn('probe-blocked'), 1000);
      expect(stepSilentPaths(open, paths, 5000)).toEqual({ state: open, effects: [] });
    },
  );

  it('replaces one symptom by the other, and clears what left the configuration', () => {
    const { state: open } = stepSilentPaths(new Map(), pathIn('unmeasurable'), 1000);
    const changed = stepSilentPaths(open, pathIn('probe-blocked'), 2000);
    expect(changed.effects.map(({ kind, verdict }) => `${kind} ${verdict.symptom}`)).toEqual([
      'verdict-cleared unmeasurable',
      'verdict-opened probe-blocked',
    ]);
    expect(stepSilentPaths(changed.state, [], 3000).effects).toMatchObject([{ kind: 'verdict-cleared' }]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  eventsOf,
  isJudgeable,
  isLossy,
  isUnexplained,
  NO_EVENTS,
  pathEvents,
  quietLogRatio,
} from '../../../server/correlate/path-evidence.ts';
import type { HealthState } from '../../../server/paths/path-health.ts';
import { fixedEvidence, trunkRef } from './loss-simulation.ts';

const REF = trunkRef('s1-1', 's1', 'a');

describe('eventsOf', () => {
  it('counts a run of losses as one event, and as trials the attempts that followed an answer', () => {
    expect(eventsOf({ sent: 60, lost: 4, lossRuns: 1 })).toEqual({ events: 1, trials: 56, continued: 3 });
    expect(eventsOf({ sent: 60, lost: 18, lossRuns: 13 })).toEqual({ events: 13, trials: 42, continued: 5 });
  });

  it('never has more events than trials, and sees loss even where the run began before the window', () => {
    expect(eventsOf({ sent: 5, lost: 5, lossRuns: 0 })).toEqual({ events: 1, trials: 1, continued: 4 });
    expect(eventsOf({ sent: 0, lost: 0, lossRuns: 0 })).toEqual(NO_EVENTS);
  });
});

describe('pathEvents', () => {
  it.each<[HealthState, boolean]>([
    ['unknown', false],
    ['unmeasurable', false],
    ['probe-blocked', false],
    ['healthy', true],
    ['degraded', true],
    ['hard-down', true],
  ])('rule 2: a path in state %s is evidence: %s', (state, isEvidence) => {
    const path = fixedEvidence(REF, { sent: 60, lost: 20 }, { state });
    expect(isJudgeable(path.health)).toBe(isEvidence);
    expect(pathEvents(path, 0, 60_000).trials > 0).toBe(isEvidence);
  });

  it('rule 1: an abstaining instrument contributes nothing', () => {
    const path = fixedEvidence(REF, { sent: 60, lost: 20 }, { isAbstaining: true });
    expect(pathEvents(path, 0, 60_000)).toEqual(NO_EVENTS);
  });

  it.each([
    [2_000, 3, 1],
    [5_000, 6, 2],
    [29_999, 30, 2],
    [30_000, 30, 3],
    [55_000, 55, 4],
    [55_000, 3, 3],
  ])(
    'total loss for %i ms with %i misses counts as %i events, whatever was answered before',
    (lengthMs, misses, events) => {
      const path = fixedEvidence(
        REF,
        { sent: 300, lost: misses, lossRuns: 1 },
        { state: 'hard-down', consecutiveMisses: misses, missesNeeded: 3, lastAnsweredAtMs: 100_000 },
      );
      expect(pathEvents(path, 0, 100_000 + lengthMs)).toEqual({ events, trials: events, continued: 0 });
    },
  );
});

describe('thresholds', () => {
  it('a witness needs three events of sixty, not two (Wilson 95 %: 2/60 reaches down to 0.9 %)', () => {
    expect(isLossy({ events: 2, trials: 60 })).toBe(false);
    expect(isLossy({ events: 3, trials: 60 })).toBe(true);
    expect(isLossy({ events: 0, trials: 0 })).toBe(false);
  });

  it('loss elsewhere must be beyond background for all paths together, on three events or more', () => {
    expect(isUnexplained({ events: 2, trials: 2 }, 6)).toBe(false);
    expect(isUnexplained({ events: 3, trials: 3 }, 6)).toBe(true);
    expect(isUnexplained({ events: 5, trials: 60 }, 6)).toBe(true);
    expect(isUnexplained({ events: 5, trials: 60 }, 100_000)).toBe(false);
  });

  it('answers speak for background and a loss against it', () => {
    expect(quietLogRatio({ events: 0, trials: 44 }, 0.15)).toBeCloseTo(44 * Math.log(0.995 / 0.85), 12);
    expect(quietLogRatio({ events: 1, trials: 1 }, 0.15)).toBeCloseTo(Math.log(0.005 / 0.15), 12);
  });
});

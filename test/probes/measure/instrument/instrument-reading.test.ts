import { describe, expect, test } from 'vitest';
import { summariseInstrument } from '../../../../probes/measure/instrument/instrument-reading.ts';

const COUNTERS = { missedSchedules: 4, droppedMeasurements: 7 };

describe('summariseInstrument', () => {
  test('takes the sampling period off the delay, and the median off the self-probes', () => {
    const delay = { count: 200, p99Ns: 6_400_000, maxNs: 25_100_000, resolutionMs: 5 };
    const reading = summariseInstrument(delay, { lost: 1, rttsMs: [0.2, 0.1, 9, 0.3] }, COUNTERS, 1000);
    expect(reading.eventLoopDelayP99Ms).toBeCloseTo(1.4, 9);
    expect(reading.eventLoopDelayMaxMs).toBeCloseTo(20.1, 9);
    expect(reading).toMatchObject({
      selfProbeSent: 5,
      selfProbeLost: 1,
      selfProbeRttMs: 0.25,
      intervalMs: 1000,
      ...COUNTERS,
    });
  });

  test('a timer that fired early is no negative delay', () => {
    const delay = { count: 3, p99Ns: 4_900_000, maxNs: 4_950_000, resolutionMs: 5 };
    const reading = summariseInstrument(delay, { lost: 0, rttsMs: [] }, COUNTERS, 1000);
    expect(reading).toMatchObject({ eventLoopDelayP99Ms: 0, eventLoopDelayMaxMs: 0 });
  });

  test('with no self-probe answered there is no round trip, not a round trip of 0 (rule 2)', () => {
    const delay = { count: 3, p99Ns: 5e6, maxNs: 5e6, resolutionMs: 5 };
    const reading = summariseInstrument(delay, { lost: 5, rttsMs: [] }, COUNTERS, 1000);
    expect(reading).not.toHaveProperty('selfProbeRttMs');
    expect(reading).toMatchObject({ selfProbeSent: 5, selfProbeLost: 5 });
  });

  test('an interval in which no timer fired was blocked for all its length', () => {
    const delay = { count: 0, p99Ns: 511, maxNs: 0, resolutionMs: 5 };
    const reading = summariseInstrument(delay, { lost: 0, rttsMs: [] }, COUNTERS, 1800);
    expect(reading).toMatchObject({ eventLoopDelayP99Ms: 1800, eventLoopDelayMaxMs: 1800 });
  });
});

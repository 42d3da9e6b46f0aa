import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addAnswer,
  addLateReply,
  addMiss,
  NO_ANSWERS,
  type TimeoutState,
  timeoutMs,
} from '../../../../probes/measure/sip/adaptive-timeout.ts';

function steady(rttMs: number, answers = 60): TimeoutState {
  return Array.from({ length: answers }).reduce<TimeoutState>((state) => addAnswer(state, rttMs), NO_ANSWERS);
}

/** Attempts until one whose reply takes `rttMs` is in time, and how long the misses before it took. */
function learn(start: TimeoutState, rttMs: number): { readonly misses: number; readonly waitedMs: number } {
  let state = start;
  let waitedMs = 0;
  for (let misses = 0; misses < 20; misses += 1) {
    if (rttMs <= timeoutMs(state)) return { misses, waitedMs };
    waitedMs += timeoutMs(state);
    state = addMiss(state);
  }
  return { misses: 20, waitedMs };
}

describe('timeoutMs', () => {
  test('is 1,000 ms before anything has answered', () => expect(timeoutMs(NO_ANSWERS)).toBe(1000));

  test.each([
    [0.2, 200],
    [20, 250],
    [100, 650],
    [370, 2000],
    [5000, 2000],
  ])('a steady %d ms gives %d ms', (rttMs, expectedMs) => expect(timeoutMs(steady(rttMs))).toBeCloseTo(expectedMs, 5));

  test('a black hole behind a steady 20 ms is confirmed by three misses within 1.2 s', () => {
    let state = steady(20);
    let waitedMs = 0;
    for (let miss = 0; miss < 3; miss += 1) {
      waitedMs += timeoutMs(state);
      state = addMiss(state);
    }
    expect(waitedMs).toBeCloseTo(1187.5, 5);
  });

  test('a reply slowed to 5 × RTT is no miss, up to 370 ms', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 370, noNaN: true }), (rttMs) => {
        expect(timeoutMs(steady(rttMs))).toBeGreaterThan(5 * rttMs);
      }),
      { seed: 6298 },
    );
  });

  test('jitter widens it: four deviations above the mean when that is more', () => {
    let state = NO_ANSWERS;
    for (let index = 0; index < 200; index += 1) state = addAnswer(state, index % 10 === 0 ? 200 : 10);
    expect(timeoutMs(state)).toBeGreaterThan(200);
  });

  test('stays within the bounds whatever comes', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('answer' as const), rttMs: fc.double({ min: 0, max: 1e5, noNaN: true }) }),
      fc.record({ kind: fc.constant('late' as const), rttMs: fc.double({ min: 0, max: 1e5, noNaN: true }) }),
      fc.record({ kind: fc.constant('miss' as const), rttMs: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let state = NO_ANSWERS;
        for (const { kind, rttMs } of steps) {
          if (kind === 'answer') state = addAnswer(state, rttMs);
          else if (kind === 'late') state = addLateReply(state, rttMs);
          else state = addMiss(state);
          expect(timeoutMs(state)).toBeGreaterThanOrEqual(200);
          expect(timeoutMs(state)).toBeLessThanOrEqual(2000);
        }
      }),
      { seed: 6298 },
    );
  });
});

describe('misses', () => {
  test('a target that went from 20 ms to 400 ms is heard after two misses', () => {
    expect(learn(steady(20), 400)).toEqual({ misses: 2, waitedMs: 625 });
  });

  test('any slowness within the upper bound is heard at last', () => {
    expect(learn(steady(20), 1900).misses).toBeLessThanOrEqual(6);
  });

  test('an answer ends the back-off', () => {
    const missed = addMiss(addMiss(addMiss(steady(20))));
    expect(timeoutMs(missed)).toBeGreaterThan(800);
    expect(timeoutMs(addAnswer(missed, 20))).toBeLessThan(300);
  });

  test('endless misses leave the back-off finite, so that one answer brings the time-out down', () => {
    let state = steady(20);
    for (let miss = 0; miss < 10_000; miss += 1) state = addMiss(state);
    expect(timeoutMs(state)).toBe(2000);
    expect(Number.isFinite(state.backOff)).toBe(true);
  });

  test('a late reply at once makes room for the next one as slow, and never lowers the time-out', () => {
    const late = addLateReply(addMiss(steady(20)), 900);
    expect(timeoutMs(late)).toBeCloseTo(1050, 5);
    expect(addLateReply(late, 100)).toBe(late);
  });

  test('own bounds are kept', () => {
    const bounds = { minMs: 50, maxMs: 400, firstMs: 300 };
    expect(timeoutMs(NO_ANSWERS, bounds)).toBe(300);
    expect(timeoutMs(addMiss(addMiss(NO_ANSWERS, bounds), bounds), bounds)).toBe(400);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MeasurementQueue } from '../../../probes/uplink/measurement-queue.ts';
import type { InstrumentReading, Measurement } from '../../../wire/measurement.ts';

function numbered(sequence: number): Measurement {
  return {
    kind: 'icmp',
    target: 'a.one',
    schedule: 'liveness',
    sequence,
    sentAtMs: sequence,
    outcome: { kind: 'answered', rttMs: 1 },
  };
}

const READING: InstrumentReading = {
  eventLoopDelayP99Ms: 1,
  eventLoopDelayMaxMs: 2,
  selfProbeSent: 5,
  selfProbeLost: 0,
  missedSchedules: 0,
  droppedMeasurements: 0,
  intervalMs: 1000,
};

const sequences = (measurements: readonly Measurement[] = []) =>
  measurements.map((measurement) => ('sequence' in measurement ? measurement.sequence : -1));

describe('MeasurementQueue', () => {
  test('holds a measurement 100 ms at the most for others to join it', () => {
    const queue = new MeasurementQueue(10);
    queue.push(numbered(0), 1000, false);
    queue.push(numbered(1), 1090, false);
    expect(queue.dueAtMs).toBe(1100);
    expect(queue.take(1099)).toBeUndefined();
    expect(sequences(queue.take(1100)?.measurements)).toEqual([0, 1]);
    expect(queue.dueAtMs).toBe(Number.POSITIVE_INFINITY);
    expect(queue.take(9999)).toBeUndefined();
  });

  test('an urgent one leaves at once and takes along what waits, in order', () => {
    const queue = new MeasurementQueue(10);
    queue.push(numbered(0), 1000, false);
    queue.push(numbered(1), 1010, true);
    expect(sequences(queue.take(1010)?.measurements)).toEqual([0, 1]);
  });

  test('500 are a batch at once; the rest follows at once', () => {
    const queue = new MeasurementQueue(2000);
    for (let at = 0; at < 1200; at += 1) queue.push(numbered(at), 1000, false);
    const sizes = [queue.take(1000), queue.take(1000), queue.take(1000), queue.take(1000)];
    expect(sizes.map((content) => content?.measurements.length)).toEqual([500, 500, 200, undefined]);
  });

  test('a full queue drops the oldest and counts it (rule 8)', () => {
    const queue = new MeasurementQueue(3);
    for (let at = 0; at < 10; at += 1) queue.push(numbered(at), at, false);
    expect(queue.dropped).toBe(7);
    expect(queue.length).toBe(3);
    expect(sequences(queue.take(1000)?.measurements)).toEqual([7, 8, 9]);
  });

  test('a reading goes alone where no measurement waits, and only the newest', () => {
    const queue = new MeasurementQueue(3);
    queue.setInstrument(READING, 0);
    queue.setInstrument({ ...READING, selfProbeLost: 3 }, 50);
    expect(queue.take(99)).toBeUndefined();
    expect(queue.take(100)).toEqual({ measurements: [], instrument: { ...READING, selfProbeLost: 3 } });
    expect(queue.take(5000)).toBeUndefined();
  });

  test('whatever is pushed and taken: nothing doubled, order kept, every one taken or counted as dropped', () => {
    const operation = fc.oneof(
      fc.record({ push: fc.integer({ min: 1, max: 700 }) }),
      fc.record({ waitMs: fc.integer({ min: 0, max: 200 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.array(operation, { maxLength: 20 }), (capacity, operations) => {
        const queue = new MeasurementQueue(capacity);
        const taken: number[] = [];
        let nowMs = 0;
        let pushed = 0;
        let longest = 0;
        for (const item of operations) {
          if ('push' in item) {
            for (let at = 0; at < item.push; at += 1) queue.push(numbered(pushed++), nowMs, false);
            longest = Math.max(longest, queue.length);
          } else {
            nowMs += item.waitMs;
            taken.push(...sequences(queue.take(nowMs)?.measurements));
          }
        }
        expect(longest).toBeLessThanOrEqual(capacity);
        expect(taken).toEqual(taken.toSorted((a, b) => a - b));
        expect(new Set(taken).size).toBe(taken.length);
        expect(taken.length + queue.length + queue.dropped).toBe(pushed);
      }),
      { seed: 77 },
    );
  });
});

import { describe, expect, test, vi } from 'vitest';
import { runInstrument } from '../../../../probes/measure/instrument/instrument-probe.ts';
import type { InstrumentReading } from '../../../../wire/measurement.ts';

const clock = { nowMs: () => performance.now() };

function running() {
  const stop = new AbortController();
  const readings: InstrumentReading[] = [];
  const done = runInstrument({
    clock,
    intervalMs: 200,
    counters: () => ({ missedSchedules: 1, droppedMeasurements: 2 }),
    onReading: (reading) => readings.push(reading),
    signal: stop.signal,
  });
  return { stop, readings, done };
}

function blockLoop(forMs: number): void {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs);
}

describe('runInstrument', () => {
  test('reads delay and self-probe per interval, and stops when told', async () => {
    const { stop, readings, done } = running();
    await vi.waitFor(() => expect(readings.length).toBeGreaterThanOrEqual(3), { timeout: 5000 });
    stop.abort();
    await done;
    const [, second] = readings;
    expect(second).toMatchObject({ missedSchedules: 1, droppedMeasurements: 2, selfProbeLost: 0 });
    expect(second?.selfProbeSent).toBeGreaterThanOrEqual(3);
    expect(second?.selfProbeRttMs).toBeGreaterThan(0);
    expect(second?.intervalMs).toBeGreaterThan(150);
  });

  test('a blocked event loop shows in the reading (rule 1: the instrument knows its own error)', async () => {
    const { stop, readings, done } = running();
    await vi.waitFor(() => expect(readings.length).toBeGreaterThanOrEqual(1), { timeout: 5000 });
    const before = readings.length;
    blockLoop(120);
    await vi.waitFor(() => expect(readings.length).toBeGreaterThan(before), { timeout: 5000 });
    stop.abort();
    await done;
    expect(readings[before]?.eventLoopDelayMaxMs).toBeGreaterThan(90);
  });
});

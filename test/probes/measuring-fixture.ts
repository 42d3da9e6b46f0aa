import { expect, onTestFinished } from 'vitest';
import type { ProbeConfig } from '../../probes/config-schema.ts';
import { type MeasuringDeps, startMeasuring } from '../../probes/measuring-runner.ts';
import { MeasureBook } from '../../probes/metrics/measure-book.ts';
import { ProbeMetrics } from '../../probes/metrics/metrics-server.ts';
import { probeTargets } from '../../probes/probe-targets.ts';
import type { Measurement } from '../../wire/measurement.ts';

/** Starts all the measuring of a configuration, until the test ends; what it finds is kept, and a fault fails the test. */
export function measuringOf(config: ProbeConfig, changes: Partial<MeasuringDeps> = {}) {
  const metrics = new ProbeMetrics();
  const seen: Measurement[] = [];
  const measuring = startMeasuring({
    config,
    targets: probeTargets(config),
    book: new MeasureBook(metrics),
    metrics,
    userAgent: 'test',
    clock: { nowMs: () => performance.now(), epochMs: () => Date.now() },
    droppedMeasurements: () => 0,
    onMeasurement: (measurement) => seen.push(measurement),
    onOptions: () => undefined,
    onReading: () => undefined,
    onIcmpFault: () => undefined,
    onFault: (place, cause) => expect.fail(`${place}: ${String(cause)}`),
    onEnded: (cause) => expect.fail(String(cause)),
    ...changes,
  });
  onTestFinished(() => measuring.stop());
  return { measuring, metrics, seen };
}

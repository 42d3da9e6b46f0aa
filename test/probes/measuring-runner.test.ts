import { expect, it, onTestFinished, vi } from 'vitest';
import { startMeasuring } from '../../probes/measuring-runner.ts';
import { MeasureBook } from '../../probes/metrics/measure-book.ts';
import { ProbeMetrics } from '../../probes/metrics/metrics-server.ts';
import { probeTargets } from '../../probes/probe-targets.ts';
import { probeConfig } from './probe-fixture.ts';

it('measuring that breaks tells its owner to end, instead of going on with half of it (rule 2)', async () => {
  const config = probeConfig({ icmp: { isEnabled: false } });
  const metrics = new ProbeMetrics();
  const ends: unknown[] = [];
  const faults: string[] = [];
  const measuring = startMeasuring({
    config,
    targets: probeTargets(config).map((target) => ({ ...target, address: 'fe80::1%lo' })),
    book: new MeasureBook(metrics),
    metrics,
    userAgent: 'test',
    clock: { nowMs: () => performance.now(), epochMs: () => Date.now() },
    droppedMeasurements: () => 0,
    onMeasurement: () => undefined,
    onOptions: () => undefined,
    onReading: () => undefined,
    onIcmpFault: () => undefined,
    onFault: (place) => faults.push(place),
    onEnded: (cause) => ends.push(cause),
  });
  onTestFinished(() => measuring.stop());
  await vi.waitFor(() => expect(ends).toHaveLength(1), 5000);
  expect(String(ends[0])).toContain('bad-address');
  expect(faults).toContain('measuring');
});

import { expect, it, onTestFinished, vi } from 'vitest';
import type { TargetPace } from '../../probes/measure/schedule/target-pace.ts';
import { startMeasuring } from '../../probes/measuring-runner.ts';
import { MeasureBook } from '../../probes/metrics/measure-book.ts';
import { ProbeMetrics } from '../../probes/metrics/metrics-server.ts';
import { probeTargets } from '../../probes/probe-targets.ts';
import type { SipOptionsMeasurement } from '../../wire/measurement.ts';
import { SimEdge } from '../support/sim-edge.ts';
import { probeConfig } from './probe-fixture.ts';

it('two providers are asked within one millisecond, and only attempts that were carry a shared number', async () => {
  const trunks = await Promise.all(
    ['a', 'b'].map(async (trunk, at) => {
      const edge = new SimEdge({ seed: at });
      const { address, port } = await edge.start();
      onTestFinished(() => edge.close());
      return { trunk, endpoint: `telco-${trunk}`, edges: [{ edge: `${trunk}1`, address, port }] };
    }),
  );
  const config = probeConfig({ trunks, icmp: { isEnabled: false }, sourceAddress: '127.0.0.1' });
  const metrics = new ProbeMetrics();
  const seen: SipOptionsMeasurement[] = [];
  const measuring = startMeasuring({
    config,
    targets: probeTargets(config),
    book: new MeasureBook(metrics),
    metrics,
    userAgent: 'test',
    clock: { nowMs: () => performance.now(), epochMs: () => Date.now() },
    droppedMeasurements: () => 0,
    onMeasurement: (measurement) => {
      if (measurement.kind === 'sip-options') seen.push(measurement);
    },
    onOptions: () => undefined,
    onReading: () => undefined,
    onIcmpFault: () => undefined,
    onFault: () => undefined,
    onEnded: () => undefined,
  });
  onTestFinished(() => measuring.stop());
  const pace = (pairedWith: string): TargetPace => ({
    isAsked: true,
    intervalMs: 100,
    slotAtMs: 0,
    lossMeanMs: 0,
    perMinute: 700,
    confirmPerMinute: 10,
    pairedWith,
  });
  measuring.setPaces(
    new Map([
      ['a.a1', pace('b.b1')],
      ['b.b1', pace('a.a1')],
    ]),
  );
  const shared = () =>
    [...Map.groupBy(seen, ({ pair }) => pair)].filter(([pair, own]) => pair !== undefined && own.length === 2);
  await vi.waitFor(() => expect(shared().length).toBeGreaterThan(20), 15_000);
  for (const [, [one, other]] of shared()) {
    expect(one?.target).not.toBe(other?.target);
    expect(Math.abs((one?.sentAtMs ?? 0) - (other?.sentAtMs ?? Number.NaN))).toBeLessThanOrEqual(1);
  }
});

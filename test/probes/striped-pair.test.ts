import { expect, it, onTestFinished, vi } from 'vitest';
import type { TargetPace } from '../../probes/measure/schedule/target-pace.ts';
import type { SipOptionsMeasurement } from '../../wire/measurement.ts';
import { SimEdge } from '../support/sim-edge.ts';
import { measuringOf } from './measuring-fixture.ts';
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
  const seen: SipOptionsMeasurement[] = [];
  const { measuring } = measuringOf(config, {
    onMeasurement: (measurement) => {
      if (measurement.kind === 'sip-options') seen.push(measurement);
    },
    onFault: () => undefined,
    onEnded: () => undefined,
  });
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

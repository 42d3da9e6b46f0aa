import { expect, onTestFinished, test, vi } from 'vitest';
import { type LocatedEdges, namedEdges } from '../../probes/edge-place.ts';
import { LocationRunner } from '../../probes/location-runner.ts';
import { probeTargets } from '../../probes/probe-targets.ts';
import { startNameServer, type ZoneRecord } from '../support/name-server.ts';
import { SimEdge } from '../support/sim-edge.ts';
import { measuringOf } from './measuring-fixture.ts';
import { probeConfig } from './probe-fixture.ts';

async function startEdge(): Promise<number> {
  const edge = new SimEdge({ seed: 1 });
  onTestFinished(() => edge.close());
  return (await edge.start()).port;
}

test('two edges behind one SRV name, one of them dead, are two targets; one that is added later is measured too', async () => {
  const alive = await startEdge();
  const later = await startEdge();
  const dead = new SimEdge({ seed: 2 });
  const { port: closed } = await dead.start();
  await dead.close();
  const srv = (host: string, port: number): readonly ZoneRecord[] => [
    { name: '_sip._udp.telco.test', ttlS: 60, type: 'SRV', priority: 1, weight: 1, port, to: `${host}.telco.test` },
    { name: `${host}.telco.test`, ttlS: 60, type: 'A', address: '127.0.0.1' },
  ];
  const names = await startNameServer([...srv('east', alive), ...srv('west', closed)]);
  onTestFinished(() => names.close());
  const config = probeConfig({
    icmp: { isEnabled: false },
    dns: { servers: [names.server] },
    options: { intervalMs: 500, minTimeoutMs: 300, maxTimeoutMs: 2000, budgetPerMinute: 6000 },
    trunks: [{ trunk: 'a', endpoint: 'telco-a', edges: [{ edge: 'a1', host: 'telco.test', transport: 'udp' }] }],
  });
  const { measuring, seen } = measuringOf(config);
  const locations = new LocationRunner({
    edges: namedEdges(config),
    options: config.dns,
    clock: { nowMs: () => performance.now() },
    onMeasurement: (measurement) => seen.push(measurement),
    onChanged: (located) => measuring.retarget(probeTargets(config, located)),
    onFault: (place, cause) => expect.fail(`${place}: ${String(cause)}`),
  });
  onTestFinished(() => locations.close());
  await locations.start();
  const outcomes = (target: string) =>
    seen.flatMap((each) => (each.kind === 'sip-options' && each.target === target ? [each.outcome.kind] : []));
  await vi.waitFor(
    () => {
      expect(outcomes('a.a1.at-east').length).toBeGreaterThan(2);
      expect(outcomes('a.a1.at-west').length).toBeGreaterThan(2);
    },
    { timeout: 20_000 },
  );
  expect(new Set(outcomes('a.a1.at-east'))).toEqual(new Set(['answered']));
  expect(new Set(outcomes('a.a1.at-west'))).toEqual(new Set(['timed-out']));
  expect(seen.filter(({ kind }) => kind === 'resolution')).toMatchObject([{ outcome: 'resolved', addresses: 2 }]);

  const place = { address: '127.0.0.1', transport: 'udp', hostName: 'telco.test' } as const;
  const moved: LocatedEdges = new Map([
    [
      'a.a1',
      [
        { ...place, host: 'east', port: alive },
        { ...place, host: 'north', port: later },
      ],
    ],
  ]);
  const before = outcomes('a.a1.at-east').length;
  measuring.retarget(probeTargets(config, moved));
  await vi.waitFor(() => expect(outcomes('a.a1.at-north')).toContain('answered'), { timeout: 20_000 });
  const west = outcomes('a.a1.at-west').length;
  await vi.waitFor(() => expect(outcomes('a.a1.at-east').length).toBeGreaterThan(before + 2), { timeout: 20_000 });
  expect(outcomes('a.a1.at-west').length - west).toBeLessThanOrEqual(1);
  const sequences = seen.flatMap((each) => {
    return each.kind === 'sip-options' && each.target === 'a.a1.at-east' ? [each.sequence] : [];
  });
  expect(sequences.toSorted((one, other) => one - other)).toEqual(sequences.map((_, at) => at));
});

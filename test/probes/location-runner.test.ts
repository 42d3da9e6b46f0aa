import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LocatedEdges } from '../../probes/edge-place.ts';
import { LocationRunner } from '../../probes/location-runner.ts';
import { ResolutionMeasurement } from '../../wire/measurement.ts';
import { schemaFaults } from '../../wire/schema-faults.ts';
import { startNameServer, type ZoneRecord } from '../support/name-server.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).toReversed()) await close();
});

const a = (address: string): ZoneRecord => ({ name: 'telco.test', ttlS: 60, type: 'A', address });

/** A runner for one edge at `telco.test:5060`, whose zone may be changed while it runs. */
async function run(zone: ZoneRecord[], rcode?: number | 'silent') {
  const server = await startNameServer(zone, rcode);
  const measurements: ResolutionMeasurement[] = [];
  const changes: LocatedEdges[] = [];
  const runner = new LocationRunner({
    edges: [{ trunk: 'a', edge: 'a1', query: { host: 'telco.test', port: 5060 } }],
    options: { servers: [server.server], timeoutMs: rcode === 'silent' ? 100 : 3000 },
    clock: { nowMs: () => performance.now() },
    onMeasurement: (measurement) => measurements.push(measurement),
    onChanged: (located) => changes.push(located),
    onFault: (place, cause) => expect.fail(`${place}: ${String(cause)}`),
  });
  closers.push(
    () => server.close(),
    () => runner.close(),
  );
  return { runner, measurements, changes, server };
}

/** Lets the timer of the next look-up run out, and waits until that look-up has been told. */
async function again(measurements: readonly unknown[], afterMs: number): Promise<void> {
  const before = measurements.length;
  await vi.advanceTimersByTimeAsync(afterMs);
  await vi.waitFor(() => expect(measurements.length).toBeGreaterThan(before), { timeout: 10_000 });
}

const addressesOf = (located: LocatedEdges | undefined) => located?.get('a.a1')?.map(({ address }) => address);

describe('an edge by name', () => {
  test('has its addresses told once, and again only when they have changed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const zone = [a('192.0.2.1'), a('192.0.2.2')];
    const { changes, measurements, runner } = await run(zone);
    await runner.start();
    expect(changes.map(addressesOf)).toEqual([['192.0.2.1', '192.0.2.2']]);
    await again(measurements, 60_000);
    expect(changes).toHaveLength(1);
    zone.splice(0, 1, a('192.0.2.3'));
    await again(measurements, 60_000);
    expect(changes.slice(1).map(addressesOf)).toEqual([['192.0.2.2', '192.0.2.3']]);
    expect(measurements.map(({ addresses, outcome }) => `${outcome} ${addresses}`)).toEqual(
      Array(3).fill('resolved 2'),
    );
    for (const each of measurements) expect(schemaFaults(ResolutionMeasurement, each)).toEqual([]);
  });

  test('rule 2: keeps its last addresses when the name is gone, and says so', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const zone = [a('192.0.2.1')];
    const { changes, measurements, runner } = await run(zone);
    await runner.start();
    zone.length = 0;
    await again(measurements, 60_000);
    await again(measurements, 30_000);
    expect(measurements.map(({ outcome }) => outcome)).toEqual(['resolved', 'not-found', 'not-found']);
    expect(changes).toHaveLength(1);
    expect(addressesOf(runner.located)).toEqual(['192.0.2.1']);
  });

  test('is told as failed or timed out where the name server gives no answer, and has no addresses yet', async () => {
    const failing = await run([a('192.0.2.1')], 2);
    const silent = await run([a('192.0.2.1')], 'silent');
    await Promise.all([failing.runner.start(), silent.runner.start()]);
    expect(failing.measurements).toMatchObject([{ outcome: 'failed', addresses: 0 }]);
    expect(silent.measurements).toMatchObject([{ outcome: 'timed-out', addresses: 0 }]);
    expect([...failing.runner.located, ...silent.runner.located]).toEqual([]);
  });

  test('is measured at eight addresses at most, the same ones whatever the order of the records', async () => {
    const zone = Array.from({ length: 12 }, (_, at) => a(`192.0.2.${20 - at}`));
    const { measurements, runner } = await run(zone);
    await runner.start();
    expect(addressesOf(runner.located)).toEqual(Array.from({ length: 8 }, (_, at) => `192.0.2.${10 + at}`));
    expect(measurements).toMatchObject([{ addresses: 12 }]);
  });

  test('is looked up no more once closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { runner, server } = await run([a('192.0.2.1')]);
    await runner.start();
    const asked = server.asked.length;
    runner.close();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(server.asked).toHaveLength(asked);
  });
});

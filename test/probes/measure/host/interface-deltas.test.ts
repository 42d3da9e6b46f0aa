import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { interfaceDeltas, MAX_INTERFACES } from '../../../../probes/measure/host/interface-deltas.ts';
import { watchInterfaces } from '../../../../probes/measure/host/interface-probe.ts';
import type { InterfaceCounters } from '../../../../probes/measure/host/net-dev.ts';
import { InterfaceBook } from '../../../../probes/metrics/interface-book.ts';
import { ProbeMetrics } from '../../../../probes/metrics/metrics-server.ts';
import { encodeFrame, parseProbeFrame } from '../../../../wire/codec.ts';
import type { InterfaceMeasurement } from '../../../../wire/host-measurement.ts';

const VECTOR = new URL('../../../vectors/net-dev/host.txt', import.meta.url);
const ZERO: InterfaceCounters = {
  receivedBytes: 0,
  receivedPackets: 0,
  receivedErrors: 0,
  receivedDropped: 0,
  sentBytes: 0,
  sentPackets: 0,
  sentErrors: 0,
  sentDropped: 0,
};

function reading(atMs: number, interfaces: Readonly<Record<string, Partial<InterfaceCounters>>>) {
  const entries = Object.entries(interfaces).map(([name, parts]) => [name, { ...ZERO, ...parts }] as const);
  return { atMs, interfaces: new Map(entries) };
}

describe('interfaceDeltas', () => {
  test('gives what changed in the interval, valid on the wire', () => {
    const before = reading(1000, { eth0: { receivedBytes: 500, receivedPackets: 5, sentDropped: 2 } });
    const now = reading(11_000, { eth0: { receivedBytes: 1500, receivedPackets: 15, sentDropped: 5 } });
    const measurements = interfaceDeltas(before, now);
    const head = { kind: 'interface', name: 'eth0', observedAtMs: 11_000, intervalMs: 10_000 };
    expect(measurements).toEqual([{ ...ZERO, ...head, receivedBytes: 1000, receivedPackets: 10, sentDropped: 3 }]);
    const batch = { v: 1, type: 'batch', sequence: 0, sentAtMs: 1, sentAtEpochMs: 1 } as const;
    expect(parseProbeFrame(encodeFrame({ ...batch, measurements: [...measurements] }))).toMatchObject({ ok: true });
  });

  test.each([
    ['loopback', { lo: { sentPackets: 1 } }, { lo: { sentPackets: 9 } }],
    ['an idle interface', { eth0: { sentPackets: 9 } }, { eth0: { sentPackets: 9 } }],
    ['an interface that is new', {}, { eth0: { sentPackets: 9 } }],
    ['an interface that is gone', { eth0: { sentPackets: 9 } }, {}],
    ['a counter that went back, with all others of it', { eth0: { sentPackets: 9 } }, { eth0: { sentBytes: 5 } }],
    ['a name that the wire does not know', { 'a b': { sentPackets: 1 } }, { 'a b': { sentPackets: 9 } }],
  ])('says nothing of %s', (_name, before, now) => {
    expect(interfaceDeltas(reading(0, before), reading(10_000, now))).toEqual([]);
  });

  test('says nothing of an interval without length', () => {
    expect(interfaceDeltas(reading(5, { eth0: {} }), reading(5, { eth0: { sentPackets: 9 } }))).toEqual([]);
  });

  test('names the busiest eight', () => {
    const all = (per: number) =>
      reading(
        per * 1000,
        Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`eth${at}`, { sentPackets: per * at }])),
      );
    const names = interfaceDeltas(all(1), all(2)).map(({ name }) => name);
    expect(names).toHaveLength(MAX_INTERFACES);
    expect(names[0]).toBe('eth11');
    expect(names).not.toContain('eth3');
  });
});

describe('watchInterfaces', () => {
  test('reads again and again, spans what could not be read, and says once why', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'trunkward-net-dev-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const file = join(dir, 'dev');
    const table = await readFile(VECTOR, 'utf8');
    let packets = 54_803;
    const put = async (text: string) => {
      await writeFile(`${file}.part`, text);
      await rename(`${file}.part`, file);
    };
    const carry = () => {
      packets += 100;
      return put(table.replace('54803', String(packets)));
    };
    await put(table);
    const found: InterfaceMeasurement[] = [];
    const unreadable: string[] = [];
    const stop = new AbortController();
    const done = watchInterfaces({
      file,
      everyMs: 10,
      clock: { nowMs: () => performance.now() },
      onMeasurements: (measurements) => found.push(...measurements),
      onUnreadable: (text) => unreadable.push(text),
      signal: stop.signal,
    });
    await vi.waitFor(
      async () => {
        await carry();
        expect(found.length).toBeGreaterThan(0);
      },
      { timeout: 10_000 },
    );
    await put('nothing\n');
    await vi.waitFor(() => expect(unreadable).toHaveLength(1), { timeout: 10_000 });
    found.length = 0;
    await carry();
    await vi.waitFor(() => expect(found).toHaveLength(1), { timeout: 10_000 });
    expect(found[0]).toMatchObject({ name: 'eth0', sentPackets: 0 });
    expect((found[0]?.receivedPackets ?? 0) % 100).toBe(0);
    expect(found[0]?.receivedPackets).toBeGreaterThanOrEqual(100);
    expect(unreadable[0]).toContain('no-table in line 1');
    stop.abort();
    await done;
  });
});

test('interfaces have series of their own up to a bound, and are counted together beyond it', async () => {
  const metrics = new ProbeMetrics();
  const book = new InterfaceBook(metrics);
  const delta = { ...ZERO, kind: 'interface', observedAtMs: 1, intervalMs: 10_000, receivedDropped: 3 } as const;
  for (let at = 0; at < 40; at += 1) book.take({ ...delta, name: `veth${at}` });
  book.take({ ...delta, name: 'veth0' });
  const { text } = await metrics.expose();
  const series = text.split('\n').filter((line) => line.startsWith('trunkward_interface_dropped_total{'));
  expect(series).toContain('trunkward_interface_dropped_total{interface="veth0",direction="received"} 6');
  expect(series).toContain('trunkward_interface_dropped_total{interface="other",direction="received"} 24');
  expect(series).toHaveLength(2 * 33);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LineDeps, LineRunner } from '../../probes/line-runner.ts';
import type { LineMeasurement } from '../../wire/host-measurement.ts';
import type { CommandFrame } from '../../wire/hub-frames.ts';
import { batchFrame } from '../support/probe-frames.ts';
import { ask, freshHub, hubConfig, hubFor, journalOf, metricOf, ProbeSocket } from './hub-fixture.ts';
import { until } from './store/store-fixture.ts';

type Pbx = 'fra-1' | 'ams-1';
type Order = Extract<CommandFrame['command'], { readonly kind: 'line-test' }>;

const siteOf = (pbx: Pbx): string => pbx.slice(0, 3);

async function connect(url: string, pbx: Pbx, linePeers: string[] = [pbx === 'fra-1' ? 'ams-1' : 'fra-1']) {
  const abilities = { meshPeers: [], testCallTargets: [], canTrace: false, linePeers };
  return await ProbeSocket.greet(url, pbx, { abilities });
}

/** A second of measuring in which every second attempt to the peer is lost, and none to a provider. */
function second(probe: ProbeSocket, peer: string, at: number): void {
  const sentAtMs = 2000 + at * 1000;
  const attempts = ['a.a1', 'b.b1', `peer.${peer}`].flatMap((target) =>
    [0, 1].map((half) => {
      const isLost = target.startsWith('peer') && half === 1;
      const outcome = isLost
        ? ({ kind: 'timed-out', waitedMs: 500 } as const)
        : ({ kind: 'answered', rttMs: 5, statusCode: 200 } as const);
      const attempt = { kind: 'sip-options', target, schedule: 'loss', sequence: at * 2 + half } as const;
      return { ...attempt, sentAtMs: sentAtMs + half, outcome };
    }),
  );
  probe.send(batchFrame({ sequence: at, sentAtMs, measurements: attempts }));
}

/** The first order for a transfer that came to this probe. */
function ordered(probe: ProbeSocket): Order | undefined {
  const found = probe.got('command').find(({ command }) => command.kind === 'line-test');
  return found?.command.kind === 'line-test' ? found.command : undefined;
}

/** A hub whose path from fra-1 to ams-1 loses, so that it suspects the line; resolves when both probes have an order. */
async function suspecting(changes: Readonly<Record<string, unknown>> = {}) {
  const fresh = await freshHub(changes);
  const [fra, ams] = [await connect(fresh.url, 'fra-1'), await connect(fresh.url, 'ams-1')];
  let at = 0;
  await until(() => {
    second(fra, 'ams-1', at);
    at += 1;
    return ordered(fra) !== undefined && ordered(ams) !== undefined;
  }, 40_000);
  const isFra = ordered(fra)?.role === 'sender';
  const near = { pbx: isFra ? 'fra-1' : 'ams-1', probe: isFra ? fra : ams } as const;
  const far = { pbx: isFra ? 'ams-1' : 'fra-1', probe: isFra ? ams : fra } as const;
  const between = `from ${siteOf(near.pbx)} to ${siteOf(far.pbx)} (${near.pbx} to ${far.pbx})`;
  const key = encodeURIComponent(`${near.pbx}>peer.${far.pbx}`);
  return { ...fresh, near, far, between, key, sentAtMs: 2000 + at * 1000 };
}

/** The transfers of a probe as it runs them, over loopback. */
function lineRunner(probe: ProbeSocket, peer: Pbx, peerPort: number, more: Partial<LineDeps> = {}) {
  const told: LineMeasurement[] = [];
  const port = Promise.withResolvers<number>();
  const runner = new LineRunner({
    isEnabled: true,
    peers: [{ pbx: peer, target: `peer.${peer}`, address: '127.0.0.1', port: peerPort }],
    sourceAddress: '127.0.0.1',
    port: 0,
    bounds: { maxBytes: 200_000, maxMs: 10_000, maxKbps: 40_000 },
    yieldAtCalls: 1,
    limits: { leastEveryMs: 0, maxBytesPerDay: Number.MAX_SAFE_INTEGER },
    liveCalls: () => 0,
    heldFence: () => 0,
    onMeasurement: (measurement) => told.push(measurement),
    onRefused: (reason) => port.reject(new Error(reason)),
    onListening: port.resolve,
    onFault: (_, cause) => port.reject(cause),
    ...more,
  });
  onTestFinished(() => runner.close());
  const take = (): void => {
    for (const frame of probe.got('command')) runner.take(frame);
  };
  return { take, told, port: port.promise };
}

describe('lines between sites', () => {
  it('are measured on suspicion, by both probes, and stand in figures, journal and metrics over a restart', async () => {
    const { hub, url, dataDir, near, far, between, key, sentAtMs } = await suspecting({ line: { maxBytes: 150_000 } });
    expect(ordered(far.probe)).toEqual({ ...ordered(near.probe), peer: near.pbx, role: 'receiver' });
    const [order] = await journalOf(url, 'line-ordered');
    expect(order?.sentence).toContain(`a transfer over the line ${between} is ordered, on suspicion: `);

    const listener = lineRunner(far.probe, near.pbx, 1);
    listener.take();
    const sender = lineRunner(near.probe, far.pbx, await listener.port);
    sender.take();
    await until(() => sender.told.length === 2, 30_000);
    const measurements = [...sender.told];
    near.probe.send(batchFrame({ sequence: 9999, sentAtMs: sentAtMs + 60_000, measurements }));

    const [entry] = await journalOf(url, 'line-measured');
    expect(entry?.sentence.startsWith(`line ${between}: `)).toBe(true);
    expect(entry?.sentence).toMatch(
      /: [\d.]+ [Mk]bit\/s there \(0\.[12] MB in .* s\), .* back \(0\.[12] MB in .* s\)$/,
    );
    const figures = async (from: string) => {
      const { json } = await ask(from, `/api/v1/figures?key=${key}`, 'watcher');
      return json.figures.filter(({ kind }: { readonly kind: string }) => kind === 'line-rate');
    };
    const shown = await figures(url);
    expect(shown).toMatchObject([
      { direction: 'forward', unit: 'bits-per-second', source: expect.stringContaining('TCP') },
      { direction: 'reverse', unit: 'bits-per-second', sample: 'byte' },
    ]);
    for (const { n, value, windowMs } of shown) {
      expect(n).toBeGreaterThan(0);
      expect(n).toBeLessThanOrEqual(150_000);
      expect(value).toBeCloseTo((n * 8000) / windowMs, 3);
    }
    const sites = `site="${siteOf(near.pbx)}",peer_site="${siteOf(far.pbx)}"`;
    const series = `trunkward_site_line_transfers_total{${sites},direction="forward",outcome="measured"}`;
    expect(await metricOf(url, series)).toBe(1);
    expect(await metricOf(url, 'trunkward_site_line_transfers_ordered_total{reason="suspicion"}')).toBe(1);

    await hub.close();
    const again = await hubFor(hubConfig(dataDir));
    expect(await figures(again.url)).toEqual(
      shown.map((figure: object) => expect.objectContaining({ ...figure, newestAtEpochMs: expect.any(Number) })),
    );
  });

  it('the key goes to the two probes and nowhere else: no API, metric, journal or disk has it (rule 10)', async () => {
    const { hub, url, dataDir, near } = await suspecting();
    const key = ordered(near.probe)?.key ?? 'none';
    expect(key).toHaveLength(43);
    await journalOf(url, 'line-ordered');
    const lists = ['journal', 'paths', 'verdicts', 'sites', 'assignments'];
    const answers = await Promise.all([
      ...lists.map((list) => ask(url, `/api/v1/${list}`, 'owner')),
      ask(url, '/metrics'),
    ]);
    await hub.close();
    const stored = readdirSync(dataDir, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
      .join('\n');
    expect(stored).toContain('line-ordered');
    for (const text of [...answers.map((answer) => answer.text), stored]) expect(text.includes(key)).toBe(false);
  });

  it('a line that has to be left to calls gets no figure, and says why (rule 2)', async () => {
    const { url, near, far, between, key, sentAtMs } = await suspecting();
    const session = ordered(near.probe)?.session ?? '';
    const yields = { kind: 'line', target: `peer.${far.pbx}`, session, bytes: 0 } as const;
    const told = (['forward', 'reverse'] as const).map((direction): LineMeasurement => {
      return { ...yields, direction, startedAtMs: sentAtMs, durationMs: 0, outcome: 'yielded', because: 'live-calls' };
    });
    near.probe.send(batchFrame({ sequence: 9999, sentAtMs: sentAtMs + 1000, measurements: told }));
    const [entry] = await journalOf(url, 'line-not-measured');
    expect(entry?.sentence).toBe(`line ${between}: not measured: live calls have the line`);
    const { json } = await ask(url, `/api/v1/figures?key=${key}`, 'watcher');
    expect(json.noData).toContainEqual(
      expect.objectContaining({ what: 'line', direction: 'forward', because: 'live calls have the line' }),
    );
    expect(json.figures.filter(({ kind }: { readonly kind: string }) => kind === 'line-rate')).toEqual([]);
  });

  it('no probe is asked whose own file does not allow it', async () => {
    const { url } = await freshHub();
    const [fra, ams] = [await connect(url, 'fra-1'), await connect(url, 'ams-1', [])];
    let at = 0;
    const isDegraded = async () => {
      second(fra, 'ams-1', at);
      at += 1;
      const { json } = await ask(url, '/api/v1/paths', 'watcher');
      return json.items.some(
        ({ key, state }: { readonly key: string; readonly state: string }) =>
          key === 'fra-1>peer.ams-1' && state === 'degraded',
      );
    };
    await until(isDegraded, 40_000);
    const untilMs = performance.now() + 6000;
    await until(() => performance.now() > untilMs);
    expect([ordered(fra), ordered(ams)]).toEqual([undefined, undefined]);
  });
});

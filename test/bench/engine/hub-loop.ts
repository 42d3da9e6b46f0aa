import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { readHubConfig } from '../../../server/config.ts';
import { startHub } from '../../../server/hub-server.ts';
import { Secret } from '../../../wire/secret.ts';
import { engineFleet } from '../../support/engine-fleet.ts';
import { benchToken } from './fleet-client-program.ts';

/** What a real hub is put under. */
export type HubLoad = { readonly pbxCount: number; readonly seconds: number };

/**
 * How free the hub's event loop was. Times of passes, slices and delays are wall-clock milliseconds: what others do on the machine
 * is in them, as it is not in `processorRatio`.
 */
export type HubLoop = {
  /** Probes that were connected before time for it ran out. */
  readonly probes: number;
  /** From the first connection to the last welcome, seconds. */
  readonly connectS: number;
  /** Processor time of the hub's process for a second of wall clock, all its threads: 1 is one core. */
  readonly processorRatio: number;
  readonly passes: number;
  readonly meanPassMs: number;
  /** Slices of passes, and those of them that took over 50 ms. */
  readonly slices: number;
  readonly longSlices: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly batches: number;
  /** Memory of the hub's process with all probes connected, and that of them which its objects take. */
  readonly residentMiB: number;
  readonly heapUsedMiB: number;
  /** Load of the whole machine over the last minute, in runnable threads. */
  readonly loadAverage: number;
};

const CLIENT = join(import.meta.dirname, 'fleet-client-program.ts');
const CONNECT_WITHIN_MS = 130_000;
/** After all have connected the hub elects who asks, and every path is read once. */
const SETTLE_MS = 12_000;
const MIB = 2 ** 20;

/** Starts a hub in this process and its probes in another, each with a socket of its own, and watches the hub's event loop. */
export async function playHub({ pbxCount, seconds }: HubLoad): Promise<HubLoop> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trunkward-engine-'));
  const { fleet, hellos } = engineFleet(pbxCount);
  const token = { env: 'SET_BY_THE_BENCH' };
  const providers = Map.groupBy(fleet.providerOf, ([, provider]) => provider);
  const read = readHubConfig({
    listen: { port: 0 },
    dataDir,
    sites: fleet.sites.map((site) => ({ site })),
    pbxes: hellos.map(({ pbx, probe }) => ({ pbx, probe, token, site: fleet.siteOf.get(pbx) ?? '' })),
    providers: [...providers].map(([provider, trunks]) => ({
      provider,
      trunks: trunks.map(([trunk]) => ({ trunk, edges: ['e'] })),
    })),
    classes: fleet.classes,
    modes: [{ function: 'routing', mode: 'enforce' }],
  });
  if (!read.ok) throw new Error(JSON.stringify(read.faults.slice(0, 3)));
  const probeTokens = new Map(hellos.map(({ pbx }) => [pbx, new Secret(benchToken(pbx))]));
  const secrets = { probeTokens, userTokens: new Map() };
  const hub = await startHub(read.config, secrets, {
    logger: pino({ level: 'silent' }),
    softwareVersion: '0.0.0-bench',
  });
  const client = fork(CLIENT, [hub.url, String(pbxCount)], { stdio: 'inherit' });
  try {
    const beganAtMs = performance.now();
    const probes = await connected(client);
    const connectS = (performance.now() - beganAtMs) / 1000;
    await delay(Math.min(SETTLE_MS, seconds * 1000));
    const before = await readMetrics(hub.url);
    const loop = monitorEventLoopDelay({ resolution: 1 });
    const spent = process.cpuUsage();
    loop.enable();
    await delay(seconds * 1000);
    loop.disable();
    const { system, user } = process.cpuUsage(spent);
    const after = await readMetrics(hub.url);
    const grown = (series: string) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
    const passes = grown('trunkward_engine_pass_seconds_count');
    const slices = grown('trunkward_engine_pass_slice_seconds_count');
    const { heapUsed, rss } = process.memoryUsage();
    return {
      probes,
      connectS,
      processorRatio: (system + user) / 1e6 / seconds,
      passes,
      meanPassMs: (grown('trunkward_engine_pass_seconds_sum') / passes) * 1000,
      slices,
      longSlices: slices - grown('trunkward_engine_pass_slice_seconds_bucket{le="0.05"}'),
      loopDelayP99Ms: loop.percentile(99) / 1e6,
      loopDelayMaxMs: loop.max / 1e6,
      batches: grown('trunkward_probe_frames_total{type="batch"}'),
      residentMiB: rss / MIB,
      heapUsedMiB: heapUsed / MIB,
      loadAverage: loadavg()[0] ?? Number.NaN,
    };
  } finally {
    client.kill();
    await hub.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function connected(client: ReturnType<typeof fork>): Promise<number> {
  const all = new Promise<number>((resolve, reject) => {
    client.once('message', (count) => resolve(Number(count)));
    client.once('exit', (code) => reject(new Error(`the probes ended with exit code ${code}`)));
  });
  const late = delay(CONNECT_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new Error(`the probes told nothing within ${CONNECT_WITHIN_MS / 1000} s`);
  });
  return await Promise.race([all, late]);
}

async function readMetrics(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return new Map(
    text.split('\n').flatMap((line): [string, number][] => {
      const at = line.lastIndexOf(' ');
      return line.startsWith('#') || at < 0 ? [] : [[line.slice(0, at), Number(line.slice(at + 1))]];
    }),
  );
}

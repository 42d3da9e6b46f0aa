import { mkdtemp, readFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages } from '../lab/debian-packages.ts';
import { measureFullProbe } from '../lab/full-probe.ts';
import { startProcess } from '../lab/host-process.ts';
import { type Host, Network } from '../lab/network.ts';
import type { OptionsLoad, OptionsLoadResult } from '../lab/options-load-program.ts';
import { startOptionsResponder } from '../lab/options-responder.ts';
import { pollUntil } from '../lab/poll.ts';
import { PROBE_FLAGS, PROBE_SETTINGS } from '../lab/probe-process.ts';
import { type CapturedTrips, RoundTripCapture } from '../lab/round-trip-capture.ts';
import { ROUND_TRIP_PEERS, type RoundTripPeer, type ToldTrip } from '../lab/round-trip-peers.ts';
import { cleanCrashedRuns, RunRecorder } from '../lab/run-record.ts';

const PER_S = 1000;
const RUN_S = 60;
const PEER_RUN_S = 20;
const TIMEOUT_MS = 2000;
/** Of the requests and of the replies, each drawn on its own: two in a hundred attempts go unanswered. */
const LOSS_PERCENT_EACH_WAY = 1;
const MIB = 2 ** 20;
/** The prober alone is on the first processor; all that is around it on another, if there is one. */
const PROBER_CPU = 0;
const OTHER_CPU = availableParallelism() > 1 ? 1 : 0;

type Target = { readonly name: string; readonly bound: number };

/** Two hosts, a responder on the far one, and a core between them that drops and counts. */
type Bench = {
  readonly network: Network;
  readonly near: Host;
  readonly far: Host;
  readonly folder: string;
  readonly recorder: RunRecorder;
};

async function openBench(): Promise<Bench> {
  const runId = `twp${process.pid}`;
  const recorder = new RunRecorder(runId);
  const folder = await mkdtemp(join(tmpdir(), 'trunkward-probe-'));
  recorder.addFolder(folder);
  const network = await Network.create(runId, recorder);
  const [near, far] = [await network.addHost('near'), await network.addHost('far')];
  await startOptionsResponder(far, { folder, cpu: OTHER_CPU }, recorder);
  return { network, near, far, folder, recorder };
}

const share = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))] ?? Number.NaN;
};
const micros = (ms: number): number => Math.round(ms * 1000) / 1000;

function spread(values: readonly number[]) {
  const [p50Ms = 0, p99Ms = 0, p999Ms = 0, maxMs = 0] = [0.5, 0.99, 0.999, 1].map((part) =>
    micros(share(values, part)),
  );
  return { p50Ms, p99Ms, p999Ms, maxMs };
}

/** Told and captured round trips beside each other; `error` is the absolute difference, request by request. */
function compare(trips: readonly ToldTrip[]) {
  return {
    n: trips.length,
    told: spread(trips.map(({ toldMs }) => toldMs)),
    captured: spread(trips.map(({ capturedMs }) => capturedMs)),
    error: spread(trips.map(({ toldMs, capturedMs }) => Math.abs(toldMs - capturedMs))),
  };
}

/** Runs something between two hosts under capture and loss; gives the packets that the core dropped meanwhile. */
async function underLoss<T>(bench: Bench, name: string, filter: string, work: () => Promise<T>) {
  const { network, near, far, folder, recorder } = bench;
  const capture = await RoundTripCapture.start(near, { folder, name, filter, cpu: OTHER_CPU }, recorder);
  const rules = await network.loss.dropBetween(near.addresses[0], far.addresses[0], LOSS_PERCENT_EACH_WAY);
  const value = await work();
  for (const rule of rules) await rule.remove();
  const { droppedPackets } = await network.loss.total(rules);
  return { value, droppedPackets, captured: await capture.finish() };
}

async function measureOwn(bench: Bench) {
  const { near, far, folder, recorder } = bench;
  const load: OptionsLoad = {
    address: near.addresses[0],
    peerAddress: far.addresses[0],
    peerPort: 5060,
    perS: PER_S,
    forS: RUN_S,
    timeoutMs: TIMEOUT_MS,
    callIdPrefix: 'attempt',
    resultPath: join(folder, 'load.json'),
  };
  const program = join(import.meta.dirname, '..', 'lab', 'options-load-program.ts');
  const argv = ['taskset', '-c', `${PROBER_CPU}`, process.execPath, ...PROBE_FLAGS, program, JSON.stringify(load)];
  const { droppedPackets, captured } = await underLoss(bench, 'own', 'udp port 5060', async () => {
    const spec = { name: 'prober', argv, logPath: join(folder, 'load.log'), env: PROBE_SETTINGS };
    const own = startProcess(near, spec, recorder);
    await pollUntil('the prober ends', () => !own.isRunning, { timeoutMs: (RUN_S + 60) * 1000 });
    if ((await own.ended) !== 0) throw new Error(`the prober failed: ${own.log}`);
  });
  const result = JSON.parse(await readFile(load.resultPath, 'utf8')) as OptionsLoadResult;
  return { result, droppedPackets, captured, trips: matchByCallId(result, load.callIdPrefix, captured) };
}

function matchByCallId(result: OptionsLoadResult, prefix: string, { trips }: CapturedTrips): readonly ToldTrip[] {
  const byCallId = new Map(trips.map(({ key, rttMs }) => [key.split('/')[0], rttMs]));
  return result.attempts.flatMap((toldMs, number) => {
    const capturedMs = byCallId.get(`${prefix}${number}`);
    if (typeof toldMs !== 'number') return [];
    if (capturedMs === undefined) throw new Error(`attempt ${number} was answered but its reply was not captured`);
    return [{ toldMs, capturedMs }];
  });
}

async function measurePeer(bench: Bench, peer: RoundTripPeer) {
  const { near, far, folder, recorder } = bench;
  const place = { host: near, peerAddress: far.addresses[0], perS: PER_S, forS: PEER_RUN_S, folder, cpu: PROBER_CPU };
  const outcome = await underLoss(bench, peer.name.replaceAll(' ', '-'), peer.filter, async () => {
    return await peer.run({ ...place, recorder });
  });
  const { trips, lost } = peer.read(outcome.value, outcome.captured);
  if (trips.length === 0) throw new Error(`${peer.name} told no round trip: ${outcome.value.slice(-500)}`);
  const { requests, forS } = outcome.captured;
  return {
    requestsPerS: Math.round(requests / forS),
    requests,
    resent: requests - outcome.captured.trips.length,
    dropped: outcome.droppedPackets,
    lostTold: lost ?? 'not told',
    ...compare(trips),
  };
}

/** What ran, or null with the reason printed, which fails the bench. */
async function orNull<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  try {
    const value = await work();
    console.log(`${name}: ${JSON.stringify(value)}`);
    return value;
  } catch (cause) {
    console.error(`${name} was not run: ${cause instanceof Error ? cause.message : String(cause)}`);
    return null;
  }
}

/**
 * The product's OPTIONS prober at 1,000 a second on one processor against a Kamailio in another namespace, with loss drawn in the
 * core between them. Each round trip is held against a capture at the prober's own interface, the losses against the kernel's
 * count of what it dropped. Then sipsak, fping, Kamailio's dispatcher and SIPp in the same place, each as fast up to that rate as
 * it goes, with what they tell held against the same kind of capture. Last, the memory of a whole probe with 70 targets and 50
 * streams of the mesh. Needs root, nft, tcpdump and tshark.
 */
export async function run(): Promise<void> {
  await cleanCrashedRuns();
  await ensureDebianPackages();
  const bench = await openBench();
  try {
    const { result, droppedPackets, captured, trips } = await measureOwn(bench);
    const lost = result.attempts.filter((attempt) => attempt === 'timed-out').length;
    const own = compare(trips);
    const others = result.attempts.filter((attempt) => typeof attempt === 'string' && attempt !== 'timed-out').length;
    const options = {
      attempts: result.attempts.length,
      attemptsPerS: result.attempts.length / result.sentForS,
      requestsCaptured: captured.requests,
      dropped: droppedPackets,
      lost,
      neitherAnsweredNorLost: others,
      /** Of the whole machine at the end of it: other work on the prober's processor is in its errors. */
      loadAverage: micros(loadavg()[0] ?? Number.NaN),
      strays: result.strays,
      socketFaults: result.socketFaults,
      cpuS: result.cpuS,
      cpuShare: micros(result.cpuS / result.sentForS),
      residentMiB: micros(result.residentBytes / MIB),
      peakResidentMiB: micros(result.peakResidentBytes / MIB),
      ...own,
    };
    console.log(`trunkward: ${JSON.stringify(options)}`);
    const peers: Record<string, unknown> = {};
    for (const peer of ROUND_TRIP_PEERS) {
      peers[peer.name] = await orNull(peer.name, async () => await measurePeer(bench, peer));
    }
    const full = await orNull('full probe', async () => await measureFullProbe(bench));
    const isWhole = result.attempts.length === PER_S * RUN_S && others === 0;
    const values: Readonly<Record<string, number>> = {
      'RTT error p99': own.error.p99Ms,
      'RTT error p99.9': own.error.p999Ms,
      'loss against the drop counter': isWhole ? Math.abs(lost - droppedPackets) : Number.POSITIVE_INFINITY,
      ...(full && { 'probe resident memory with 70 targets and 50 mesh streams': full.residentMiB }),
    };
    const text = await readFile(new URL('../../docs/targets.json', import.meta.url), 'utf8');
    const { probe } = JSON.parse(text) as { readonly probe: readonly Target[] };
    const targets = probe.map(({ name, bound }) => {
      const value = values[name] ?? null;
      return { name, value, bound, holds: value !== null && value <= bound };
    });
    console.log(JSON.stringify({ bench: 'probe', metrics: { options, full }, peers, targets }));
  } finally {
    await bench.recorder.cleanUp();
  }
}

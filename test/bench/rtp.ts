import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MeshMeasurement } from '../../wire/rtp-measurement.ts';
import { run as runCommand } from '../lab/command.ts';
import { ensureDebianPackages } from '../lab/debian-packages.ts';
import { type HostProcess, startProcess } from '../lab/host-process.ts';
import type { MeshEnd } from '../lab/mesh-end-program.ts';
import { type Host, Network } from '../lab/network.ts';
import { pollUntil } from '../lab/poll.ts';
import { PROBE_FLAGS, PROBE_SETTINGS } from '../lab/probe-process.ts';
import { cleanCrashedRuns, RunRecorder } from '../lab/run-record.ts';

const STREAMS = 100;
const RUN_S = 35;
const LOSS_PERCENT = 3;
const BURSTS = 5;
const BURST_MS = 300;
const PORT = 9465;
const PACING_S = 60;
/** A packet that left late was sent and dropped like any other: the counter knows it, so no interval is left out. */
const EVERY_INTERVAL_MS = 10_000;

type Target = { readonly name: string; readonly bound: number };
type Line = {
  readonly measurement?: { readonly kind: string };
  readonly latesMs?: readonly number[];
  readonly residentBytes?: number;
  readonly answered?: number;
  readonly refused?: string;
};
type Stream = { readonly lost: number; readonly meanJitterMs: number; readonly maxJitterMs: number };

/** Two hosts with the product's own mesh threads on each, and a core between them that drops and counts. */
class Bench {
  readonly network: Network;
  readonly hosts: readonly [Host, Host];
  readonly folder: string;
  readonly recorder: RunRecorder;

  private constructor(network: Network, hosts: readonly [Host, Host], folder: string, recorder: RunRecorder) {
    this.network = network;
    this.hosts = hosts;
    this.folder = folder;
    this.recorder = recorder;
  }

  static async open(): Promise<Bench> {
    const recorder = new RunRecorder(`twr${process.pid}`);
    const folder = await mkdtemp(join(tmpdir(), 'trunkward-rtp-'));
    recorder.addFolder(folder);
    const network = await Network.create(`twr${process.pid}`, recorder);
    return new Bench(network, [await network.addHost('near'), await network.addHost('far')], folder, recorder);
  }

  /** With the flags of a probe where it stands for one; 100 streams are more than its thrifty compiler can send on a core. */
  start(at: 0 | 1, name: string, end: Pick<MeshEnd, 'role' | 'streams' | 'optionsPerS'>): HostProcess {
    const [host, peer] = at === 0 ? this.hosts : [this.hosts[1], this.hosts[0]];
    const flags = end.streams === STREAMS ? [] : PROBE_FLAGS;
    const whole: MeshEnd = {
      ...end,
      mostLateMs: EVERY_INTERVAL_MS,
      address: host.addresses[0],
      peerAddress: peer.addresses[0],
      port: PORT,
    };
    const program = join(import.meta.dirname, '..', 'lab', 'mesh-end-program.ts');
    const argv = [process.execPath, ...flags, program, JSON.stringify(whole)];
    const logPath = join(this.folder, `${name}.log`);
    return startProcess(host, { name, argv, logPath, env: PROBE_SETTINGS }, this.recorder);
  }

  capture(at: 0 | 1, name: string): { readonly process: HostProcess; readonly file: string } {
    const host = this.hosts[at];
    const file = join(this.folder, `${name}.pcap`);
    const argv = ['tshark', '-q', '-B', '64', '-i', 'eth0', '-f', 'udp', '-w', file];
    return {
      process: startProcess(host, { name, argv, logPath: join(this.folder, `${name}.log`) }, this.recorder),
      file,
    };
  }
}

function lines(end: HostProcess): readonly Line[] {
  return end.log.split('\n').flatMap((text) => (text.startsWith('{') ? [JSON.parse(text) as Line] : []));
}

function reports(end: HostProcess, direction: MeshMeasurement['direction']): readonly MeshMeasurement[] {
  return lines(end).flatMap(({ measurement }) => {
    const mesh = measurement as MeshMeasurement | undefined;
    return mesh?.kind === 'rtp-mesh' && mesh.direction === direction ? [mesh] : [];
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
function share(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/** What tshark says of the streams in a capture, by its own table. @see tshark(1), `-z rtp,streams` */
async function tsharkStreams(file: string, destination: string): Promise<readonly Stream[]> {
  const text = await runCommand(['tshark', '-q', '-r', file, '-d', `udp.port==${PORT},rtp`, '-z', 'rtp,streams'], {
    timeoutMs: 180_000,
  });
  return text.split('\n').flatMap((row) => {
    if (!row.includes(destination)) return [];
    const cells =
      /0x[0-9A-F]{8}\s+\S.*?\s(\d+)\s+(-?\d+) \((-?[\d.]+)%\)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)/.exec(
        row,
      );
    const to = row.indexOf(destination);
    if (!cells || to < 40) return [];
    return [{ lost: Number(cells[2]), meanJitterMs: Number(cells[8]), maxJitterMs: Number(cells[9]) }];
  });
}

async function measureLoss(bench: Bench) {
  const [near, far] = bench.hosts;
  const reflector = bench.start(1, 'reflector', { role: 'reflector', streams: STREAMS, optionsPerS: 0 });
  await pollUntil('reflector bound', () => reflector.log.includes('bound'), { timeoutMs: 20_000 });
  const captured = bench.capture(1, 'forward');
  await delay(3000);
  const sender = bench.start(0, 'sender', { role: 'sender', streams: STREAMS, optionsPerS: 0 });
  await pollUntil('sender bound', () => sender.log.includes('bound'), { timeoutMs: 20_000 });
  await delay(2000);
  const between = { from: near.addresses[0], to: far.addresses[0], isMediaOnly: true } as const;
  const rules = [...(await bench.network.loss.drop({ ...between, percent: LOSS_PERCENT }))];
  for (let burst = 0; burst < BURSTS; burst += 1) {
    await delay((RUN_S * 1000) / BURSTS - BURST_MS);
    const [rule] = await bench.network.loss.drop({ ...between, percent: 100 });
    await delay(BURST_MS);
    await rule?.remove();
    if (rule) rules.push(rule);
  }
  const truth: number[] = [];
  await rules[0]?.remove();
  await delay(1500);
  for (const rule of rules) truth.push((await rule.counter()).droppedPackets);
  sender.signal('SIGUSR2');
  await delay(8000);
  await captured.process.stop(10_000);
  await sender.stop();
  await reflector.stop();
  return { sender, reflector, file: captured.file, dropped: sum(truth), truth, destination: far.addresses[0] };
}

async function measurePacing(bench: Bench) {
  const reflector = bench.start(1, 'reflector-pacing', { role: 'reflector', streams: 1, optionsPerS: 0 });
  await pollUntil('reflector bound', () => reflector.log.includes('bound'), { timeoutMs: 20_000 });
  const sender = bench.start(0, 'sender-pacing', { role: 'sender', streams: 1, optionsPerS: 1000 });
  await delay(PACING_S * 1000);
  const found = lines(sender);
  await sender.stop();
  await reflector.stop();
  const latesMs = found.flatMap((line) => line.latesMs ?? []);
  const answered = found.flatMap((line) => (line.answered === undefined ? [] : [line.answered]));
  return { latesMs, answeredPerS: (answered.at(-1) ?? 0) / Math.max(1, answered.length) };
}

/**
 * The product's mesh between two namespaces, 100 streams at 20 ms, with losses drawn one by one and bursts of all streams
 * dropped in the core, whose counter is the truth; tshark's table of the same packets, captured at the reflector, is the
 * peer. Then one stream beside 1,000 SIP OPTIONS a second in the same process. Needs root, nft and tshark.
 */
export async function run(): Promise<void> {
  await cleanCrashedRuns();
  await ensureDebianPackages();
  const bench = await Bench.open();
  try {
    const loss = await measureLoss(bench);
    const forward = reports(loss.sender, 'forward');
    const reverse = reports(loss.sender, 'reverse');
    const told = sum(forward.map(({ figures }) => figures.lost));
    const unresolved = sum(
      [...Map.groupBy(forward, ({ session }) => session).values()].map((own) => own.at(-1)?.unresolved ?? 0),
    );
    const peer = await tsharkStreams(loss.file, loss.destination);
    const ownJitterMs = mean(forward.map(({ figures }) => figures.jitterMs));
    const peerJitterMs = mean(peer.map(({ meanJitterMs }) => meanJitterMs));
    const pacing = await measurePacing(bench);
    const late = lines(loss.sender).flatMap((line) => line.latesMs ?? []);
    const metrics = {
      streams: new Set(forward.map(({ session }) => session)).size,
      packets: sum(forward.map(({ figures }) => figures.expected)),
      dropped: loss.truth,
      droppedTotal: loss.dropped,
      lostTold: told,
      unresolved,
      reverseLost: sum(reverse.map(({ figures }) => figures.lost)),
      longestRuns: sum(forward.map(({ figures }) => (figures.lossRuns[4] ?? 0) + (figures.lossRuns[5] ?? 0))),
      burstDurationMs: mean(forward.flatMap(({ figures }) => (figures.burst ? [figures.burst.burstDurationMs] : []))),
      jitterMeanMs: ownJitterMs,
      jitterMaxMs: Math.max(...forward.map(({ figures }) => figures.jitterMs)),
      pacing100: { p50Ms: share(late, 0.5), p99Ms: share(late, 0.99), maxMs: share(late, 1) },
      pacingBesideOptions: {
        n: pacing.latesMs.length,
        p50Ms: share(pacing.latesMs, 0.5),
        p99Ms: share(pacing.latesMs, 0.99),
        maxMs: share(pacing.latesMs, 1),
        optionsAnsweredPerS: pacing.answeredPerS,
      },
      residentMiB: Math.max(...lines(loss.sender).map((line) => line.residentBytes ?? 0)) / 2 ** 20,
      notTold: lines(loss.sender).filter((line) => line.measurement?.kind === 'rtp-mesh-idle').length,
      refused: lines(loss.reflector).filter((line) => line.refused !== undefined).length,
    };
    const peers = {
      'tshark rtp,streams': {
        streams: peer.length,
        lost: sum(peer.map(({ lost }) => lost)),
        jitterMeanMs: peerJitterMs,
        jitterMaxMs: Math.max(...peer.map(({ maxJitterMs }) => maxJitterMs)),
      },
    };
    const values: Readonly<Record<string, number>> = {
      'loss against the drop counter': Math.abs(told - loss.dropped),
      'jitter against tshark': Math.abs(ownJitterMs - peerJitterMs),
      'pacing lateness p99 at 1,000 OPTIONS/s': share(pacing.latesMs, 0.99),
    };
    const text = await readFile(new URL('../../docs/targets.json', import.meta.url), 'utf8');
    const { rtp } = JSON.parse(text) as { readonly rtp: readonly Target[] };
    const targets = rtp.map(({ name, bound }) => {
      const value = values[name] ?? null;
      return { name, value, bound, holds: value !== null && value <= bound };
    });
    console.log(JSON.stringify({ bench: 'rtp', metrics, peers, targets }));
  } finally {
    await bench.recorder.cleanUp();
  }
}

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MeshDuty } from '../../wire/assignment.ts';
import type { AssigningHub } from './assigning-hub-program.ts';
import { AsteriskInstance } from './asterisk-instance.ts';
import { ensureAsteriskRoot } from './asterisk-root.ts';
import { run } from './command.ts';
import { type HostProcess, startProcess } from './host-process.ts';
import type { MeshEnd } from './mesh-end-program.ts';
import type { Host, Network } from './network.ts';
import { startOptionsResponder } from './options-responder.ts';
import { pollUntil } from './poll.ts';
import { PROMISED_PACE } from './program-config.ts';
import type { RunRecorder } from './run-record.ts';
import { cpuSecondsOf } from './starvation.ts';

const TRUNKS = 23;
const EDGES_EACH = 3;
/** Every edge and the peer. */
const TARGETS = TRUNKS * EDGES_EACH + 1;
const STREAMS = 50;
const FOR_S = 60;
const MESH_PORT = 9465;
const HUB_PORT = 8480;
const PROGRAM = join(import.meta.dirname, '../../trunkward.js');
const AMI = { user: 'trunkward', secret: 'lab-secret-of-the-full-probe' } as const;
const MIB = 2 ** 20;

/** Memory of a whole probe at its full load, MiB, with what it was doing meanwhile. */
export type FullProbeMemory = {
  readonly residentMiB: number;
  readonly peakMiB: number;
  /** Targets answered and mesh directions reported within the last 15 s of it, as a hub saw them. */
  readonly targets: number;
  readonly meshDirections: number;
  /** Intervals of the mesh that were not told, by reason, since the start. */
  readonly notTold: Readonly<Record<string, number>>;
  /** Of the probe alone, user and system, seconds of {@link FullProbeMemory.forS}. */
  readonly cpuS: number;
  readonly forS: number;
};

/** Where it runs. */
export type FullProbePlace = { readonly network: Network; readonly folder: string; readonly recorder: RunRecorder };

/**
 * A probe as an operator runs it, with 69 edges and a peer to ask once a second, ICMP to each, and 50 streams of the mesh that
 * send without a pause to a reflector in another namespace. A real Asterisk is beside it, without a call: were the live calls
 * unknown, the mesh would yield to them.
 *
 * @throws Error when it does not do all of that at the end, since its memory would then say nothing.
 */
export async function measureFullProbe({ network, folder, recorder }: FullProbePlace): Promise<FullProbeMemory> {
  const own = await network.addHost('full');
  const edges = await network.addHost('edges', TRUNKS * EDGES_EACH);
  const peer = await network.addHost('peer');
  await run([process.execPath, PROGRAM, 'prepare'], { timeoutMs: 60_000 });
  for (const host of [edges, peer]) await startOptionsResponder(host, { folder, cpu: 1 }, recorder);
  const start = (host: Host, name: string, argv: readonly string[], env = {}): HostProcess =>
    startProcess(
      host,
      { name, argv: [process.execPath, ...argv], logPath: join(folder, `${name}.log`), env },
      recorder,
    );
  const reflecting: MeshEnd = {
    role: 'reflector',
    address: peer.addresses[0],
    peerAddress: own.addresses[0],
    port: MESH_PORT,
    streams: STREAMS,
    optionsPerS: 0,
  };
  const lab = (file: string): string => join(import.meta.dirname, file);
  const reflector = start(peer, 'full-reflector', [lab('mesh-end-program.ts'), JSON.stringify(reflecting)]);
  const assigning: AssigningHub = { port: HUB_PORT, mesh: Array.from({ length: STREAMS }, (_, at) => duty(at)) };
  const hub = start(own, 'full-hub', [lab('assigning-hub-program.ts'), JSON.stringify(assigning)]);
  await pollUntil('hub and reflector are there', () => hub.log.includes('listens') && reflector.log.includes('bound'), {
    timeoutMs: 20_000,
  });
  const root = await ensureAsteriskRoot();
  const pbx = new AsteriskInstance({ host: own, root, folder: join(folder, 'full-asterisk'), recorder });
  await pbx.configure({ address: own.addresses[0], trunks: [], phoneAddresses: [], ami: AMI });
  await pbx.start();
  const dataDir = join(folder, 'full-data');
  await mkdir(dataDir);
  const configPath = join(folder, 'full-probe.json');
  await writeFile(configPath, JSON.stringify(configOf(own, edges, peer, dataDir)));
  const env = {
    TOKEN: 'lab-token-of-the-full-probe-0000000000',
    AMI_SECRET: AMI.secret,
    // Authorities of whoever runs this would be 2 MiB of it; a service manager hands on none.
    NODE_EXTRA_CA_CERTS: '',
  };
  const probe = start(own, 'full-probe', [PROGRAM, 'probe', '--config', configPath], env);
  await delay(FOR_S * 1000);
  if (!probe.isRunning) throw new Error(`the probe ended: ${probe.log.slice(-2000)}`);
  const { targets, meshDirections, notTold } = JSON.parse(
    hub.log.trimEnd().split('\n').at(-1) ?? '{}',
  ) as FullProbeMemory;
  const status = await readFile(`/proc/${probe.pid}/status`, 'utf8');
  const memory: FullProbeMemory = {
    residentMiB: Math.round((probe.residentBytes() / MIB) * 10) / 10,
    peakMiB: Math.round((Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024) * 10) / 10,
    targets,
    meshDirections,
    notTold,
    cpuS: await cpuSecondsOf(probe.pid),
    forS: FOR_S,
  };
  for (const program of [probe, hub, reflector, pbx.process]) await program.stop();
  if (targets !== TARGETS || meshDirections !== STREAMS * 2) {
    throw new Error(`not at its full load: ${JSON.stringify(memory)}: ${probe.log.slice(-1000)}`);
  }
  return memory;
}

function duty(at: number): MeshDuty {
  const session = `session-${String(at).padStart(4, '0')}`;
  const key = createHash('sha256').update(`lab ${session}`).digest('base64url');
  return { session, key, peer: 'peer', role: 'sender', packetMs: 20, payloadBytes: 160, onMs: 1000, offMs: 0 };
}

function configOf(own: Host, edges: Host, peer: Host, dataDir: string): unknown {
  const trunks = Array.from({ length: TRUNKS }, (_, number) => ({
    trunk: `t${number}`,
    endpoint: `trunk-t${number}`,
    edges: edges.addresses
      .slice(number * EDGES_EACH, (number + 1) * EDGES_EACH)
      .map((address, at) => ({ edge: `e${at}`, address })),
  }));
  const names = trunks.map(({ trunk }) => trunk);
  return {
    probe: 'probe-full',
    pbx: 'full',
    hub: { urls: [`ws://127.0.0.1:${HUB_PORT}/api/v1/probe`], token: { env: 'TOKEN' } },
    ami: { username: AMI.user, secret: { env: 'AMI_SECRET' } },
    dataDir,
    sourceAddress: own.addresses[0],
    metrics: { port: 0 },
    options: {
      intervalMs: PROMISED_PACE.optionsIntervalMs,
      lossMeanMs: PROMISED_PACE.lossMeanMs,
      budgetPerMinute: PROMISED_PACE.budgetPerMinute,
    },
    mesh: { maxKbps: 10_000 },
    trunks,
    peers: [{ pbx: 'peer', address: peer.addresses[0] }],
    classes: [{ class: 'national', prefixes: ['49'], trunks: names }],
    emergency: { numbers: ['112'], trunks: names.slice(0, 2) },
    dialRules: [{ prefix: '0', strip: 1, prepend: '49' }],
  };
}

import { createHash, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { MeshRunner } from '../../probes/measure/rtp/mesh-runner.ts';
import { LoopbackResponder } from '../../probes/measure/sip/loopback-responder-server.ts';
import { OptionsProber } from '../../probes/measure/sip/options-probe.ts';
import type { MeshDuty } from '../../wire/assignment.ts';

/** What one end of a mesh is started with, as JSON in its first argument. */
export type MeshEnd = {
  readonly role: MeshDuty['role'];
  readonly address: string;
  readonly peerAddress: string;
  readonly port: number;
  readonly streams: number;
  /** Intervals whose packets left later than this are not told (`late-pacing`); absent: as a probe does. */
  readonly mostLateMs?: number;
  /** SIP OPTIONS beside it, in the main thread, against a responder on loopback. */
  readonly optionsPerS: number;
};

/** Live calls that end all sending: the sender is told of so many at SIGUSR2. */
const YIELD_AT = 1000;

/**
 * The mesh of the product in a process of its own. Prints `{"bound":…}`, then each measurement and each report's lateness as
 * a line of JSON. SIGUSR2 lets a sender fall silent in the way live calls do; SIGTERM ends it.
 */
async function main(): Promise<void> {
  const end = JSON.parse(process.argv[2] ?? '') as MeshEnd;
  const print = (line: object): void => console.log(JSON.stringify(line));
  const mesh = new MeshRunner({
    peers: [{ pbx: 'peer', target: 'peer.peer', address: end.peerAddress, port: end.port }],
    sourceAddress: end.address,
    port: end.port,
    limits: {
      maxKbps: 1_000_000,
      yieldAtCalls: YIELD_AT,
      ...(end.mostLateMs !== undefined && { mostLateMs: end.mostLateMs }),
    },
    onMeasurement: (measurement) => print({ measurement, residentBytes: process.memoryUsage.rss() }),
    onSamples: (_target, _rttsMs, latesMs) => print({ latesMs }),
    onRefused: (reason, count) => print({ refused: reason, count }),
    onOwnDrops: (count) => print({ ownDrops: count }),
    onFault: (place, cause) => print({ fault: place, text: String(cause) }),
  });
  const duties = Array.from({ length: end.streams }, (_, at): MeshDuty => {
    const session = `session-${String(at).padStart(4, '0')}`;
    const key = createHash('sha256').update(`lab ${session}`).digest('base64url');
    return { session, key, peer: 'peer', role: end.role, packetMs: 20, payloadBytes: 160, onMs: 1000, offMs: 0 };
  });
  mesh.assign(duties);
  print({ bound: await mesh.port });
  process.on('SIGUSR2', () => mesh.setLiveCalls(YIELD_AT));
  process.on('SIGTERM', () => process.exit(0));
  if (end.optionsPerS > 0) await load(end.optionsPerS, (answered) => print({ answered }));
}

async function load(perS: number, onSecond: (answered: number) => void): Promise<void> {
  const responder = await LoopbackResponder.open();
  const clock = { nowMs: () => performance.now() };
  const prober = await OptionsProber.open({
    sourceAddress: '127.0.0.1',
    sourcePort: 0,
    clock,
    userAgent: 'trunkward-lab',
    randomToken: () => randomBytes(12).toString('hex'),
    onStray: () => undefined,
    onSocketFault: () => undefined,
  });
  const { signal } = new AbortController();
  const target = { ...responder.address, requestUri: `sip:127.0.0.1:${responder.address.port}` };
  const startedAtMs = performance.now();
  let sent = 0;
  let answered = 0;
  const attempt = async (): Promise<void> => {
    const { outcome } = await prober.probe(target, { signal, timeoutMs: 2000 });
    if (outcome.kind === 'answered') answered += 1;
  };
  setInterval(() => onSecond(answered), 1000);
  setInterval(() => {
    const due = Math.floor(((performance.now() - startedAtMs) * perS) / 1000);
    for (; sent < due; sent += 1) {
      void attempt();
    }
  }, 1);
}

await main();

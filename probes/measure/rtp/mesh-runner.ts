import { isIPv6, SocketAddress } from 'node:net';
import { performance } from 'node:perf_hooks';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MeshDuty } from '../../../wire/assignment.ts';
import type { ClockReading } from '../../../wire/measurement.ts';
import type { MeshIdleMeasurement, MeshMeasurement } from '../../../wire/rtp-measurement.ts';
import type { MeshLimits } from './mesh-load.ts';
import type { FromMesh, MeshTask, MeshThreadData, PacketRefusal, ToMesh } from './mesh-messages.ts';

/** A peer as the probe's own file names it. */
export type MeshPeer = {
  readonly pbx: string;
  readonly target: string;
  /** IP literal. */
  readonly address: string;
  readonly port: number;
};

/** What the mesh needs from the outside. None of the callbacks may throw. */
export type MeshRunnerDeps = {
  readonly peers: readonly MeshPeer[];
  readonly sourceAddress: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly limits: MeshLimits;
  readonly onMeasurement: (measurement: MeshMeasurement | MeshIdleMeasurement) => void;
  /** Every round trip and every lateness of one report. */
  readonly onSamples: (target: string, rttsMs: readonly number[], latesMs: readonly number[]) => void;
  readonly onRefused: (reason: PacketRefusal, count: number) => void;
  /** Datagrams that the system dropped in front of the mesh port. */
  readonly onOwnDrops: (count: number) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

type Threads = { readonly mesh: Worker; readonly pacer: Worker; readonly ended: Promise<unknown> };

const MEMORY = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };
/** Streams that may be sent at a time by a PBX, and what an assignment may hold. */
const SLOTS = 512;

/**
 * The RTP mesh of one PBX, on two threads of its own: one sends at exact times, the other receives, reflects and counts.
 * Neither is there while there is no duty. A thread that ends by a fault is started again with the next assignment.
 */
export class MeshRunner {
  readonly #deps: MeshRunnerDeps;
  readonly #peers: ReadonlyMap<string, MeshPeer>;
  readonly #bound = Promise.withResolvers<number>();
  #threads: Threads | undefined;
  /** Threads that are told to end: the next ones take the same port, so they wait. */
  #leaving: Promise<void> | undefined;
  #tasks: readonly MeshTask[] = [];
  #liveCalls = 0;
  #reading: ClockReading | undefined;
  #isClosed = false;

  constructor(deps: MeshRunnerDeps) {
    this.#deps = deps;
    this.#peers = new Map(deps.peers.map((peer) => [peer.pbx, { ...peer, address: canonical(peer.address) }]));
  }

  /** Resolves with the UDP port once it is open. */
  get port(): Promise<number> {
    return this.#bound.promise;
  }

  /** Takes the whole list: a session not named ends. Peers that the probe's own file does not name are left out. */
  assign(duties: readonly MeshDuty[]): void {
    if (this.#isClosed) return;
    this.#tasks = duties.flatMap((duty): readonly MeshTask[] => {
      const peer = this.#peers.get(duty.peer);
      return peer ? [{ ...duty, target: peer.target, address: peer.address, port: peer.port }] : [];
    });
    if (this.#tasks.length === 0) this.#rest();
    else this.#work();
  }

  /** Live calls of this PBX, both ways: the mesh makes room for them. */
  setLiveCalls(count: number): void {
    if (count === this.#liveCalls) return;
    this.#liveCalls = count;
    this.#post({ kind: 'live-calls', count });
  }

  /** The host's clock against true time; `undefined`: unknown, and no one-way delay is told. */
  setClock(reading: ClockReading | undefined): void {
    this.#reading = reading;
    this.#post({ kind: 'clock', reading });
  }

  /** Ends both threads; resolves when they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const threads = this.#threads;
    this.#post({ kind: 'close' });
    await Promise.all([threads?.ended, this.#leaving]);
  }

  #work(): void {
    if (this.#leaving || this.#isClosed) return;
    this.#threads ??= this.#start();
    this.#post({ kind: 'assign', tasks: this.#tasks });
  }

  #rest(): void {
    const threads = this.#threads;
    if (!threads) return;
    this.#post({ kind: 'close' });
    this.#threads = undefined;
    this.#leaving = this.#leave(threads);
  }

  async #leave(threads: Threads): Promise<void> {
    await threads.ended;
    this.#leaving = undefined;
    if (this.#tasks.length > 0) this.#work();
  }

  #post(message: ToMesh): void {
    this.#threads?.mesh.postMessage(message);
  }

  #start(): Threads {
    const { limits, port, sourceAddress } = this.#deps;
    const nowMs = performance.now();
    const data: MeshThreadData = {
      shiftMs: nowMs - Number(process.hrtime.bigint()) / 1e6,
      stampBaseEpochMs: Date.now() - nowMs,
      sentCounts: new Int32Array(new SharedArrayBuffer(4 * SLOTS)),
      sourceAddress: sourceAddress === undefined ? undefined : canonical(sourceAddress),
      port,
      limits,
    };
    const channel = new MessageChannel();
    const mesh = new Worker(new URL('./mesh.worker.ts', import.meta.url), {
      workerData: { data, pacer: channel.port1 },
      transferList: [channel.port1],
      resourceLimits: MEMORY,
    });
    const pacer = new Worker(new URL('./mesh-pacer.worker.ts', import.meta.url), {
      workerData: { data, control: channel.port2 },
      transferList: [channel.port2],
      resourceLimits: MEMORY,
    });
    mesh.on('message', (message: FromMesh) => this.#take(message));
    const ended = Promise.all([mesh, pacer].map((worker) => this.#ending(worker)));
    const threads = { mesh, pacer, ended };
    mesh.postMessage({ kind: 'live-calls', count: this.#liveCalls } satisfies ToMesh);
    mesh.postMessage({ kind: 'clock', reading: this.#reading } satisfies ToMesh);
    return threads;
  }

  async #ending(worker: Worker): Promise<void> {
    worker.on('error', (cause) => this.#deps.onFault('mesh', cause));
    await new Promise((resolve) => worker.once('exit', resolve));
    const threads = this.#threads;
    if (this.#isClosed || !threads || (threads.mesh !== worker && threads.pacer !== worker)) return;
    this.#threads = undefined;
    await Promise.all([threads.mesh.terminate(), threads.pacer.terminate()]);
  }

  #take(message: FromMesh): void {
    switch (message.kind) {
      case 'bound':
        this.#bound.resolve(message.port);
        return;
      case 'fault':
        this.#deps.onFault('mesh', new Error(message.text));
        return;
      case 'refused':
        for (const [reason, count] of Object.entries(message.counts)) {
          this.#deps.onRefused(reason as PacketRefusal, count);
        }
        return;
      case 'own-drops':
        this.#deps.onOwnDrops(message.count);
        return;
      case 'report':
        for (const measurement of message.measurements) this.#deps.onMeasurement(measurement);
        this.#deps.onSamples(message.target, message.rttsMs, message.latesMs);
        return;
      case 'closed':
        return;
      default:
        message satisfies never;
    }
  }
}

/** An address as the system writes it, so that it can be compared with the one a datagram came from. */
function canonical(address: string): string {
  return new SocketAddress({ address, family: isIPv6(address) ? 'ipv6' : 'ipv4' }).address;
}

import { type KeyObject, randomBytes } from 'node:crypto';
import type { MeshTask } from './mesh-messages.ts';
import { type MeshReply, type MeshRequest, memoryPackets, writeReply } from './mesh-packet.ts';
import {
  type ArrivedRequest,
  acceptRequest,
  MESH_CLOCK_HZ,
  newReflector,
  type ReflectorState,
  type RequestRefusal,
} from './mesh-reflector.ts';
import { seal } from './mesh-seal-probe.ts';
import type { Correction } from './mesh-sender-state.ts';

/** What a reply says of this host. */
export type ReflectingHost = {
  /** Why it yields, if it does. */
  readonly because: MeshReply['because'];
  readonly correction: Correction;
  readonly dropMarks: number;
  /** Monotonic, and the same on the stamp clock in microseconds. */
  readonly nowMs: () => number;
  readonly stampUs: (atMs: number) => number;
};

/** With no request for so long a session uses nothing of the line. */
const AT_WORK_MS = 1000;

/** One session in which this PBX answers. */
export class ReflectingSession {
  readonly role = 'reflector';
  readonly key: KeyObject;
  task: MeshTask;
  readonly #state: ReflectorState;
  #ssrc = 0;
  #replies = 0;
  #lastRequestMs = Number.NEGATIVE_INFINITY;

  constructor(task: MeshTask, key: KeyObject) {
    this.task = task;
    this.key = key;
    this.#state = newReflector(memoryPackets(task.payloadBytes));
  }

  isAtWork(atMs: number): boolean {
    return atMs - this.#lastRequestMs < AT_WORK_MS;
  }

  /** Counts a genuine request; it is to be answered unless a refusal comes back. */
  accept(request: ArrivedRequest, arrivalMs: number): RequestRefusal | undefined {
    const accepted = acceptRequest(this.#state, request, arrivalMs);
    if (!accepted.ok) return accepted.refusal;
    if (accepted.isNewRun) {
      this.#ssrc = randomBytes(4).readUInt32BE();
      this.#replies = 0;
    }
    this.#lastRequestMs = arrivalMs;
    return undefined;
  }

  /** Turns the bytes of an accepted request into the reply, sealed. */
  answer(bytes: Uint8Array, request: MeshRequest, arrivalMs: number, host: ReflectingHost): void {
    const { distinct, duplicates, highest, jitter, memory, reordered } = this.#state;
    const repliedAtMs = host.nowMs();
    const rtpTimestamp = Math.round((repliedAtMs * MESH_CLOCK_HZ) / 1000) % 2 ** 32;
    writeReply(
      bytes,
      { ssrc: this.#ssrc, rtpTimestamp },
      {
        ...request,
        kind: host.because === 'none' ? 'reply' : 'pause',
        because: host.because,
        replyExtended: this.#replies,
        receivedAtUs: host.stampUs(arrivalMs),
        repliedAtUs: host.stampUs(repliedAtMs),
        highest,
        distinct,
        duplicates,
        reordered,
        jitterUs: ((jitter?.jitterTicks ?? 0) * 1e6) / MESH_CLOCK_HZ,
        correctionMs: host.correction?.correctionMs ?? Number.NaN,
        clockErrorMs: host.correction?.errorMs ?? Number.NaN,
        dropMarks: host.dropMarks,
        memory,
      },
    );
    seal(bytes, this.key);
    this.#replies += 1;
  }
}

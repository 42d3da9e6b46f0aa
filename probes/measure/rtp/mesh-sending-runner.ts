import { type KeyObject, randomBytes } from 'node:crypto';
import type { FromMesh, MeshTask, ToPacer } from './mesh-messages.ts';
import { abstentionOf, type DropTaint, newDropTaint, takeDropMarks, takeOwnDrops } from './mesh-own-drops.ts';
import type { MeshReply } from './mesh-packet.ts';
import { idle, type ReportCounts, reportMeasurements } from './mesh-report.ts';
import { closeInterval, markBoundary, resume, takeReply } from './mesh-sender.ts';
import { type Correction, GRACE_MS, newSender, REPORT_EVERY_MS, type SenderState } from './mesh-sender-state.ts';

/** What all sessions in which this PBX sends have in common. */
export type SendingHost = {
  /** Packets sent, by slot; written by the pacing thread. */
  readonly sentCounts: Int32Array<SharedArrayBuffer>;
  /** Figures of packets that left later than this, 99th percentile, are not told. */
  readonly mostLateMs: number;
  readonly post: (message: FromMesh) => void;
  readonly toPacer: (message: ToPacer) => void;
};

type IdleReason = Parameters<typeof idle>[1];

/** A peer that has never answered is sent to no longer than this, then left alone until the next report. */
const UNHEARD_MS = 2000;

/** One session in which this PBX sends. Its packets are made by the pacing thread; here replies are counted and reported. */
export class SendingSession {
  readonly role = 'sender';
  readonly key: KeyObject;
  task: MeshTask;
  readonly slot: number;
  readonly #tag: string;
  readonly #host: SendingHost;
  readonly #state: SenderState;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  readonly #counts: ReportCounts = { forward: 0, reverse: 0 };
  readonly #taint: DropTaint = newDropTaint();
  readonly #closingAtMs: number[] = [];
  #isRunning = false;
  #startedAtMs = 0;
  #nextBoundaryMs = 0;
  #heldUntilMs = 0;
  #saidIdleAtMs = Number.NEGATIVE_INFINITY;

  /** @param slot - of its own in the counts, which begin at 0 again. */
  constructor(
    { key, slot, tag, task }: { task: MeshTask; tag: string; key: KeyObject; slot: number },
    host: SendingHost,
    nowMs: number,
  ) {
    this.task = task;
    this.key = key;
    this.slot = slot;
    this.#tag = tag;
    this.#host = host;
    this.#state = newSender(task.packetMs, nowMs);
    Atomics.store(host.sentCounts, slot, 0);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Not to be started before this: the peer asked for a pause, or none answers. */
  get heldUntilMs(): number {
    return this.#heldUntilMs;
  }

  /** Takes a genuine reply, or a pause that the reflector asks for. */
  take(
    packet: MeshReply & { readonly ssrc: number },
    arrival: { readonly atMs: number; readonly stampUs: number; readonly correction: Correction },
  ): void {
    takeDropMarks(this.#taint, packet.dropMarks);
    const { correction, stampUs: arrivalUs } = arrival;
    takeReply(this.#state, packet, { sentCount: this.#sentCount(), arrivalUs, correction });
    const isHeldAlready = arrival.atMs < this.#heldUntilMs;
    if (packet.kind !== 'pause' || packet.because === 'none' || !this.#isRunning || isHeldAlready) return;
    this.#heldUntilMs = arrival.atMs + REPORT_EVERY_MS;
    this.#post([idle(this.task, packet.because, arrival.atMs)]);
    this.stop();
  }

  start(firstDueMs: number): void {
    const { address, key, packetMs, payloadBytes, port } = this.task;
    this.#isRunning = true;
    this.#startedAtMs = firstDueMs;
    this.#nextBoundaryMs = firstDueMs + REPORT_EVERY_MS;
    resume(this.#state, this.#sentCount(), firstDueMs);
    const stream = { slot: this.slot, ssrc: this.#ssrc, tag: this.#tag, key, address, port, packetMs, payloadBytes };
    this.#host.toPacer({ kind: 'start', ...stream, firstDueMs });
  }

  /** Has the pacing thread stop, which says when it has. Nothing where it does not run. */
  stop(): void {
    if (this.#isRunning) this.#host.toPacer({ kind: 'stop', slot: this.slot });
  }

  /** The pacing thread has stopped, as it was told or by a fault. */
  stopped(fault: string | undefined, atMs: number): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#mark(atMs);
    if (fault === undefined) return;
    this.#heldUntilMs = atMs + REPORT_EVERY_MS;
    this.sayIdle('socket-error', atMs);
  }

  /** Ends an interval that is over, and gives up on a peer that never answered. */
  watch(atMs: number): void {
    if (this.#isRunning && atMs >= this.#nextBoundaryMs) {
      this.#mark(atMs);
      this.#nextBoundaryMs += REPORT_EVERY_MS;
    }
    if (this.#isRunning && !this.#hasAnswered() && atMs - this.#startedAtMs > UNHEARD_MS) {
      this.#heldUntilMs = atMs + REPORT_EVERY_MS;
      this.stop();
    }
  }

  /** Whether an interval's stragglers have had their time. */
  isReportDue(atMs: number): boolean {
    return (this.#closingAtMs[0] ?? Number.POSITIVE_INFINITY) <= atMs;
  }

  /** Makes the report that is due. */
  report(): void {
    this.#closingAtMs.shift();
    const report = closeInterval(this.#state);
    if (!report) return;
    const abstention = abstentionOf(this.#taint, report.forward?.pacingLateP99Ms, this.#host.mostLateMs);
    this.#post(
      reportMeasurements(this.task, report, this.#counts, this.#hasAnswered(), abstention),
      report.rttsMs,
      report.latesMs,
    );
  }

  /** Says why it does not run, once in an interval's length. */
  sayIdle(because: IdleReason, atMs: number): void {
    if (atMs - this.#saidIdleAtMs < REPORT_EVERY_MS) return;
    this.#saidIdleAtMs = atMs;
    this.#post([idle(this.task, because, atMs)]);
  }

  /** The system has dropped datagrams in front of our own port. */
  takeOwnDrops(): void {
    takeOwnDrops(this.#taint);
  }

  #sentCount(): number {
    return Atomics.load(this.#host.sentCounts, this.slot);
  }

  #hasAnswered(): boolean {
    return this.#state.reflectorSsrc !== undefined;
  }

  #mark(atMs: number): void {
    markBoundary(this.#state, this.#sentCount(), atMs);
    this.#closingAtMs.push(atMs + GRACE_MS);
  }

  #post(
    measurements: Extract<FromMesh, { kind: 'report' }>['measurements'],
    rttsMs: readonly number[] = [],
    latesMs: readonly number[] = [],
  ): void {
    this.#host.post({ kind: 'report', measurements, target: this.task.target, rttsMs, latesMs });
  }
}

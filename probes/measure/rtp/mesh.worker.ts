import { type KeyObject, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { streamKbps, yieldReason } from './mesh-load.ts';
import type { FromMesh, FromPacer, MeshTask, MeshThreadData, PacketRefusal, ToMesh, ToPacer } from './mesh-messages.ts';
import {
  abstentionOf,
  type DropTaint,
  MOST_LATE_MS,
  newDropTaint,
  takeDropMarks,
  takeOwnDrops,
} from './mesh-own-drops.ts';
import { type MeshPacket, memoryPackets, packetBytes, readMeshPacket, writeReply } from './mesh-packet.ts';
import { acceptRequest, MESH_CLOCK_HZ, newReflector, type ReflectorState } from './mesh-reflector.ts';
import { idle, type ReportCounts, reportMeasurements } from './mesh-report.ts';
import { isSealed, seal, sessionKey, sessionTag } from './mesh-seal-probe.ts';
import { closeInterval, markBoundary, newSender, resume, type SenderState, takeReply } from './mesh-sender.ts';
import { MeshSockets } from './mesh-sockets-client.ts';
import { orderStreams } from './mesh-streams.ts';
import { addReading, correctionOf, type WallEstimate } from './stamp-clock.ts';

/* Receives, reflects, counts and reports; packets of our own are sent by the pacing thread. */

type Common = { readonly task: MeshTask; readonly tag: string; readonly key: KeyObject };
type Reflecting = Common & {
  readonly role: 'reflector';
  readonly state: ReflectorState;
  ssrc: number;
  replies: number;
  lastRequestMs: number;
};
type Sending = Common & {
  readonly role: 'sender';
  readonly state: SenderState;
  readonly slot: number;
  readonly ssrc: number;
  readonly counts: ReportCounts;
  readonly taint: DropTaint;
  readonly closingAtMs: number[];
  isRunning: boolean;
  startedAtMs: number;
  nextBoundaryMs: number;
  heldUntilMs: number;
  saidIdleAtMs: number;
};
type Session = Reflecting | Sending;

const TICK_MS = 100;
const REPORT_EVERY_MS = 10_000;
/** Time for stragglers after an interval's end; what comes later is lost. */
const GRACE_MS = 2000;
/** A peer that has never answered is sent to no longer than this, then left alone until the next report. */
const UNHEARD_MS = 2000;
const REBIND_MS = 10_000;
const REFLECTING_MS = 1000;
const DROPS_EVERY_MS = 500;

const { data, pacer } = workerData as { readonly data: MeshThreadData; readonly pacer: MessagePort };
const shiftMs = data.shiftMs + Number(process.hrtime.bigint()) / 1e6 - performance.now();
const byTag = new Map<string, Session>();
const refused = new Map<PacketRefusal, number>();
let nextSlot = 0;
let liveCalls = 0;
let reading: Extract<ToMesh, { kind: 'clock' }>['reading'];
let wall: WallEstimate | undefined;
let retryBindAtMs = 0;
let hasBindFailed = false;
let drops = 0;
let dropMarks = 0;
let readDropsAtMs = 0;

const nowMs = (): number => performance.now() + shiftMs;
const stampUs = (atMs: number): number => (data.stampBaseEpochMs + atMs) * 1000;
/** True time less the stamp clock. */
const correction = () => {
  const found = correctionOf(wall, reading);
  return found && { ...found, correctionMs: found.correctionMs - data.stampBaseEpochMs };
};
const post = (message: FromMesh): void => parentPort?.postMessage(message);
const toPacer = (message: ToPacer): void => pacer.postMessage(message);
const sockets = new MeshSockets({
  sourceAddress: data.sourceAddress,
  port: data.port,
  receiveBufferBytes: data.limits.receiveBufferBytes,
  onMessage: receive,
});

function receive(bytes: Uint8Array, address: string): void {
  const arrivalMs = nowMs();
  wall = addReading(wall, { steadyMs: arrivalMs, wallEpochMs: Date.now() });
  const packet = readMeshPacket(bytes);
  const session = packet && byTag.get(packet.tag);
  const refusal = refusalOf(bytes, address, packet, session) ?? take(bytes, packet, session, arrivalMs);
  if (refusal) refused.set(refusal, (refused.get(refusal) ?? 0) + 1);
}

function refusalOf(
  bytes: Uint8Array,
  address: string,
  packet: MeshPacket | undefined,
  session: Session | undefined,
): PacketRefusal | undefined {
  if (!packet) return 'malformed';
  if (!session) return 'unknown-session';
  if (address !== session.task.address) return 'wrong-address';
  if (bytes.length !== packetBytes(session.task.payloadBytes)) return 'wrong-size';
  if ((packet.kind === 'request') !== (session.role === 'reflector')) return 'wrong-role';
  return isSealed(bytes, session.key) ? undefined : 'bad-mac';
}

function take(
  bytes: Uint8Array,
  packet: MeshPacket | undefined,
  session: Session | undefined,
  arrivalMs: number,
): PacketRefusal | undefined {
  if (packet?.kind === 'request' && session?.role === 'reflector') return reflect(bytes, packet, session, arrivalMs);
  if (!packet || packet.kind === 'request' || session?.role !== 'sender') return 'wrong-role';
  const sentCount = Atomics.load(data.sentCounts, session.slot);
  takeDropMarks(session.taint, packet.dropMarks);
  takeReply(session.state, packet, { sentCount, arrivalUs: stampUs(arrivalMs), correction: correction() });
  if (packet.kind === 'pause' && packet.because !== 'none' && session.isRunning) {
    session.heldUntilMs = arrivalMs + REPORT_EVERY_MS;
    post(reportOf(session, [idle(session.task, packet.because, arrivalMs)]));
    toPacer({ kind: 'stop', slot: session.slot });
  }
  return undefined;
}

function reflect(
  bytes: Uint8Array,
  packet: Extract<MeshPacket, { kind: 'request' }>,
  session: Reflecting,
  arrivalMs: number,
): PacketRefusal | undefined {
  const { key, state, task } = session;
  const accepted = acceptRequest(state, packet, arrivalMs);
  if (!accepted.ok) return accepted.refusal;
  if (accepted.isNewRun) {
    session.ssrc = randomBytes(4).readUInt32BE();
    session.replies = 0;
  }
  session.lastRequestMs = arrivalMs;
  const because = yieldReason(data.limits, liveCalls, reflectedKbps(arrivalMs), 0) ?? 'none';
  const known = correction();
  const repliedAtMs = nowMs();
  const rtpTimestamp = Math.round((repliedAtMs * MESH_CLOCK_HZ) / 1000) % 2 ** 32;
  writeReply(
    bytes,
    { ssrc: session.ssrc, rtpTimestamp },
    {
      ...packet,
      kind: because === 'none' ? 'reply' : 'pause',
      because,
      replyExtended: session.replies,
      receivedAtUs: stampUs(arrivalMs),
      repliedAtUs: stampUs(repliedAtMs),
      highest: state.highest,
      distinct: state.distinct,
      duplicates: state.duplicates,
      reordered: state.reordered,
      jitterUs: ((state.jitter?.jitterTicks ?? 0) * 1e6) / MESH_CLOCK_HZ,
      correctionMs: known?.correctionMs ?? Number.NaN,
      clockErrorMs: known?.errorMs ?? Number.NaN,
      dropMarks,
      memory: state.memory,
    },
  );
  seal(bytes, key);
  session.replies += 1;
  sockets.send(bytes, task.port, task.address);
  return undefined;
}

function reflectedKbps(atMs: number): number {
  let kbps = 0;
  for (const session of byTag.values()) {
    if (session.role === 'reflector' && atMs - session.lastRequestMs < REFLECTING_MS) kbps += streamKbps(session.task);
  }
  return kbps;
}

function assign(tasks: readonly MeshTask[]): void {
  const kept = new Set<string>();
  for (const task of tasks) {
    const key = sessionKey(task.key);
    const tag = sessionTag(task.session, key);
    kept.add(tag);
    const known = byTag.get(tag);
    const isSame =
      known &&
      known.role === task.role &&
      known.task.payloadBytes === task.payloadBytes &&
      known.task.packetMs === task.packetMs;
    if (known && isSame) byTag.set(tag, Object.assign(known, { task }));
    else {
      if (known) end(known);
      byTag.set(tag, open({ task, tag, key }));
    }
  }
  for (const [tag, session] of byTag) {
    if (kept.has(tag)) continue;
    end(session);
    byTag.delete(tag);
  }
}

function open(common: Common): Session {
  const { packetMs, payloadBytes, role } = common.task;
  const ssrc = randomBytes(4).readUInt32BE();
  if (role === 'reflector') {
    const state = newReflector(memoryPackets(payloadBytes));
    return { ...common, role, state, ssrc, replies: 0, lastRequestMs: -REFLECTING_MS };
  }
  const slot = nextSlot % data.sentCounts.length;
  nextSlot += 1;
  Atomics.store(data.sentCounts, slot, 0);
  return {
    ...common,
    role,
    state: newSender(packetMs, nowMs()),
    slot,
    ssrc,
    counts: { forward: 0, reverse: 0 },
    taint: newDropTaint(),
    closingAtMs: [],
    isRunning: false,
    startedAtMs: 0,
    nextBoundaryMs: 0,
    heldUntilMs: 0,
    saidIdleAtMs: -REPORT_EVERY_MS,
  };
}

function end(session: Session): void {
  if (session.role === 'sender' && session.isRunning) toPacer({ kind: 'stop', slot: session.slot });
}

function tick(): void {
  const atMs = nowMs();
  wall = addReading(wall, { steadyMs: atMs, wallEpochMs: Date.now() });
  const senders = [...byTag.values()].filter((session) => session.role === 'sender');
  if (!ensureBound(atMs, senders)) return;
  watchDrops(atMs, senders);
  const load = { limits: data.limits, liveCalls, reflectedKbps: reflectedKbps(atMs) };
  const orders = orderStreams(
    senders.map(({ heldUntilMs, isRunning, task }, place) => ({
      ...task,
      cycle: { onMs: task.onMs, offMs: task.offMs, place, of: senders.length },
      isRunning,
      heldUntilMs,
    })),
    load,
    atMs,
  );
  for (const [place, session] of senders.entries()) {
    const order = orders.get(session.task.session);
    if (order?.kind === 'run' && !session.isRunning)
      start(session, atMs + (session.task.packetMs * place) / senders.length);
    if (order?.kind !== 'run' && session.isRunning) toPacer({ kind: 'stop', slot: session.slot });
    if (order?.kind === 'idle') sayIdle(session, order.because, atMs);
    watch(session, atMs);
  }
  if (refused.size > 0) {
    post({ kind: 'refused', counts: Object.fromEntries(refused) });
    refused.clear();
  }
}

function start(session: Sending, firstDueMs: number): void {
  const { slot, ssrc, tag, task } = session;
  const { address, key, packetMs, payloadBytes, port } = task;
  session.isRunning = true;
  session.startedAtMs = firstDueMs;
  session.nextBoundaryMs = firstDueMs + REPORT_EVERY_MS;
  resume(session.state, Atomics.load(data.sentCounts, slot), firstDueMs);
  toPacer({ kind: 'start', slot, ssrc, tag, key, address, port, packetMs, payloadBytes, firstDueMs });
}

function watch(session: Sending, atMs: number): void {
  if (session.isRunning && atMs >= session.nextBoundaryMs) {
    mark(session, atMs);
    session.nextBoundaryMs += REPORT_EVERY_MS;
  }
  if (session.isRunning && session.state.reflectorSsrc === undefined && atMs - session.startedAtMs > UNHEARD_MS) {
    session.heldUntilMs = atMs + REPORT_EVERY_MS;
    toPacer({ kind: 'stop', slot: session.slot });
  }
  while ((session.closingAtMs[0] ?? Number.POSITIVE_INFINITY) <= atMs) {
    session.closingAtMs.shift();
    const report = closeInterval(session.state);
    if (!report) continue;
    const hasAnswered = session.state.reflectorSsrc !== undefined;
    const abstention = abstentionOf(
      session.taint,
      report.forward?.pacingLateP99Ms,
      data.limits.mostLateMs ?? MOST_LATE_MS,
    );
    post({
      ...reportOf(session, reportMeasurements(session.task, report, session.counts, hasAnswered, abstention)),
      rttsMs: report.rttsMs,
      latesMs: report.latesMs,
    });
  }
}

/** What the system drops here is missing on the way back of our own streams, and on the way there of those we reflect. */
function watchDrops(atMs: number, senders: readonly Sending[]): void {
  if (byTag.size === 0 || atMs < readDropsAtMs) return;
  readDropsAtMs = atMs + DROPS_EVERY_MS;
  const known = sockets.drops();
  if (known === undefined || known <= drops) return;
  post({ kind: 'own-drops', count: known - drops });
  drops = known;
  dropMarks = (dropMarks + 1) % 256;
  for (const { taint } of senders) takeOwnDrops(taint);
}

function mark(session: Sending, atMs: number): void {
  markBoundary(session.state, Atomics.load(data.sentCounts, session.slot), atMs);
  session.closingAtMs.push(atMs + GRACE_MS);
}

function sayIdle(session: Sending, because: Parameters<typeof idle>[1], atMs: number): void {
  if (atMs - session.saidIdleAtMs < REPORT_EVERY_MS) return;
  session.saidIdleAtMs = atMs;
  post(reportOf(session, [idle(session.task, because, atMs)]));
}

function reportOf({ task: { target } }: Sending, measurements: Extract<FromMesh, { kind: 'report' }>['measurements']) {
  return {
    kind: 'report',
    measurements,
    target,
    rttsMs: [] as readonly number[],
    latesMs: [] as readonly number[],
  } as const;
}

function ensureBound(atMs: number, senders: readonly Sending[]): boolean {
  if (sockets.isBound) return true;
  if (atMs >= retryBindAtMs) {
    retryBindAtMs = atMs + REBIND_MS;
    sockets.bind().then(
      (port) => post({ kind: 'bound', port }),
      (cause: unknown) => {
        hasBindFailed = true;
        post({ kind: 'fault', text: cause instanceof Error ? cause.message : 'the mesh port cannot be bound' });
      },
    );
  }
  if (hasBindFailed) for (const session of senders) sayIdle(session, 'socket-error', atMs);
  return false;
}

function stopped({ fault, slot }: FromPacer): void {
  const atMs = nowMs();
  for (const session of byTag.values()) {
    if (session.role !== 'sender' || session.slot !== slot || !session.isRunning) continue;
    session.isRunning = false;
    mark(session, atMs);
    if (fault === undefined) continue;
    session.heldUntilMs = atMs + REPORT_EVERY_MS;
    sayIdle(session, 'socket-error', atMs);
  }
}

const ticker = setInterval(tick, TICK_MS);
pacer.on('message', stopped);
parentPort?.on('message', (message: ToMesh) => {
  switch (message.kind) {
    case 'assign':
      assign(message.tasks);
      return;
    case 'live-calls':
      liveCalls = message.count;
      return;
    case 'clock':
      reading = message.reading;
      return;
    case 'close':
      clearInterval(ticker);
      toPacer({ kind: 'close' });
      sockets.close();
      pacer.close();
      post({ kind: 'closed' });
      parentPort?.close();
      return;
    default:
      message satisfies never;
  }
});

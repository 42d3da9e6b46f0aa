import { performance } from 'node:perf_hooks';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Arrival, MeshArrivals } from './mesh-arrivals-runner.ts';
import { streamKbps, yieldReason } from './mesh-load.ts';
import type { FromMesh, FromPacer, MeshTask, MeshThreadData, PacketRefusal, ToMesh } from './mesh-messages.ts';
import { MOST_LATE_MS } from './mesh-own-drops.ts';
import { readMeshPacket } from './mesh-packet.ts';
import { ReflectingSession } from './mesh-reflecting-runner.ts';
import { refusalOf } from './mesh-refusal.ts';
import { isSealed, sessionKey, sessionTag } from './mesh-seal-probe.ts';
import { type SendingHost, SendingSession } from './mesh-sending-runner.ts';
import { MeshSockets } from './mesh-sockets-client.ts';
import { orderStreams } from './mesh-streams.ts';
import { addReading, correctionOf, type WallEstimate } from './stamp-clock.ts';

/* Receives, reflects, counts and reports; packets of our own are sent by the pacing thread. */

type Session = ReflectingSession | SendingSession;

const TICK_MS = 100;
/** Over so many ticks the reports of one interval are spread. */
const TICKS_FOR_REPORTS = 20;
const REBIND_MS = 10_000;
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
const sendingHost: SendingHost = {
  sentCounts: data.sentCounts,
  mostLateMs: data.limits.mostLateMs ?? MOST_LATE_MS,
  post,
  toPacer: (message) => pacer.postMessage(message),
};
const arrivals = new MeshArrivals(work);
const sockets = new MeshSockets({
  sourceAddress: data.sourceAddress,
  port: data.port,
  receiveBufferBytes: data.limits.receiveBufferBytes,
  onMessage: (bytes, address) => arrivals.take({ bytes, address, arrivalMs: nowMs() }),
});

function readWall(): void {
  wall = addReading(wall, { steadyMs: nowMs(), wallEpochMs: Date.now() });
}

function work(arrival: Arrival): void {
  readWall();
  const refusal = takeOrRefuse(arrival);
  if (refusal) refused.set(refusal, (refused.get(refusal) ?? 0) + 1);
}

function takeOrRefuse({ address, arrivalMs, bytes }: Arrival): PacketRefusal | undefined {
  const packet = readMeshPacket(bytes);
  const session = packet && byTag.get(packet.tag);
  const refusal = refusalOf({ lengthBytes: bytes.length, address }, packet, session?.task);
  if (refusal || !packet || !session) return refusal;
  if (!isSealed(bytes, session.key)) return 'bad-mac';
  if (session.role === 'sender') {
    if (packet.kind === 'request') return 'wrong-role';
    session.take(packet, { atMs: arrivalMs, stampUs: stampUs(arrivalMs), correction: correction() });
    return undefined;
  }
  if (packet.kind !== 'request') return 'wrong-role';
  const unanswered = session.accept(packet, arrivalMs);
  if (unanswered) return unanswered;
  const because = yieldReason(data.limits, liveCalls, reflectedKbps(arrivalMs), 0) ?? 'none';
  session.answer(bytes, packet, arrivalMs, { because, correction: correction(), dropMarks, nowMs, stampUs });
  sockets.send(bytes, session.task.port, session.task.address);
  return undefined;
}

function reflectedKbps(atMs: number): number {
  let kbps = 0;
  for (const session of byTag.values()) {
    if (session.role === 'reflector' && session.isAtWork(atMs)) kbps += streamKbps(session.task);
  }
  return kbps;
}

function senders(): readonly SendingSession[] {
  return [...byTag.values()].filter((session) => session.role === 'sender');
}

function assign(tasks: readonly MeshTask[]): void {
  const kept = new Set<string>();
  for (const task of tasks) {
    const key = sessionKey(task.key);
    const tag = sessionTag(task.session, key);
    kept.add(tag);
    const known = byTag.get(tag);
    if (known && isSameStream(known.task, task)) known.task = task;
    else {
      if (known) end(known);
      byTag.set(tag, task.role === 'sender' ? openSending(task, tag, key) : new ReflectingSession(task, key));
    }
  }
  for (const [tag, session] of byTag) {
    if (kept.has(tag)) continue;
    end(session);
    byTag.delete(tag);
  }
}

function isSameStream(one: MeshTask, other: MeshTask): boolean {
  return one.role === other.role && one.payloadBytes === other.payloadBytes && one.packetMs === other.packetMs;
}

function openSending(task: MeshTask, tag: string, key: SendingSession['key']): SendingSession {
  const taken = new Set([...byTag.values()].flatMap((session) => (session.role === 'sender' ? [session.slot] : [])));
  while (taken.has(nextSlot % data.sentCounts.length)) nextSlot += 1;
  const slot = nextSlot % data.sentCounts.length;
  nextSlot += 1;
  return new SendingSession({ task, tag, key, slot }, sendingHost, nowMs());
}

function end(session: Session): void {
  if (session.role === 'sender') session.stop();
}

function tick(): void {
  const atMs = nowMs();
  readWall();
  const sending = senders();
  if (!ensureBound(atMs, sending)) return;
  watchDrops(atMs, sending);
  const standings = sending.map(({ heldUntilMs, isRunning, task }, place) => {
    return {
      ...task,
      cycle: { onMs: task.onMs, offMs: task.offMs, place, of: sending.length },
      isRunning,
      heldUntilMs,
    };
  });
  const load = { limits: data.limits, liveCalls, reflectedKbps: reflectedKbps(atMs) };
  const orders = orderStreams(standings, load, atMs);
  for (const [place, session] of sending.entries()) {
    const order = orders.get(session.task.session);
    if (order?.kind === 'run' && !session.isRunning) {
      session.start(atMs + (session.task.packetMs * place) / sending.length);
    }
    if (order?.kind !== 'run') session.stop();
    if (order?.kind === 'idle') session.sayIdle(order.because, atMs);
    session.watch(atMs);
  }
  makeReports(sending, atMs);
  if (refused.size > 0) {
    post({ kind: 'refused', counts: Object.fromEntries(refused) });
    refused.clear();
  }
}

/** Few at a time, though many are due at once: what arrives meanwhile is stamped late. */
function makeReports(sending: readonly SendingSession[], atMs: number): void {
  const most = Math.ceil(sending.length / TICKS_FOR_REPORTS);
  for (const session of sending.filter((each) => each.isReportDue(atMs)).slice(0, most)) session.report();
}

/** What the system drops here is missing on the way back of our own streams, and on the way there of those we reflect. */
function watchDrops(atMs: number, sending: readonly SendingSession[]): void {
  if (byTag.size === 0 || atMs < readDropsAtMs) return;
  readDropsAtMs = atMs + DROPS_EVERY_MS;
  const known = sockets.drops();
  if (known === undefined || known <= drops) return;
  post({ kind: 'own-drops', count: known - drops });
  drops = known;
  dropMarks = (dropMarks + 1) % 256;
  for (const session of sending) session.takeOwnDrops();
}

function ensureBound(atMs: number, sending: readonly SendingSession[]): boolean {
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
  if (hasBindFailed) for (const session of sending) session.sayIdle('socket-error', atMs);
  return false;
}

const ticker = setInterval(tick, TICK_MS);
pacer.on('message', ({ fault, slot }: FromPacer) => {
  for (const session of senders()) if (session.slot === slot) session.stopped(fault, nowMs());
});
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
      arrivals.close();
      sendingHost.toPacer({ kind: 'close' });
      sockets.close();
      pacer.close();
      post({ kind: 'closed' });
      parentPort?.close();
      return;
    default:
      message satisfies never;
  }
});

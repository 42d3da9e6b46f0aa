import type { KeyObject } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { FromPacer, MeshThreadData, ToPacer } from './mesh-messages.ts';
import { packetBytes, writeRequest } from './mesh-packet.ts';
import { MESH_CLOCK_HZ } from './mesh-reflector.ts';
import { seal, sessionKey } from './mesh-seal-probe.ts';

/*
 * Sends the packets of the mesh at their times and does nothing else: it may sleep in the middle of a turn, which wakes far
 * more exactly than a timer of the event loop. Replies arrive in the other thread.
 */

type Start = Extract<ToPacer, { kind: 'start' }>;
type Stream = Start & { readonly sealKey: KeyObject; dueMs: number };

/** Nearer deadlines are slept for, farther ones waited for in the event loop. */
const SLEEP_MS = 2;
/** A thread that was held up longer than this leaves slots out, instead of sending a burst that no call would send. */
const MOST_BEHIND_MS = 100;

const { data, control } = workerData as { readonly data: MeshThreadData; readonly control: MessagePort };
const shiftMs = data.shiftMs + Number(process.hrtime.bigint()) / 1e6 - performance.now();
const cell = new Int32Array(new SharedArrayBuffer(4));
const streams = new Map<number, Stream>();
const sockets = new Map<string, Socket>();
let timer: NodeJS.Timeout | undefined;
let isPumping = false;

const nowMs = (): number => performance.now() + shiftMs;

function take(message: ToPacer): void {
  switch (message.kind) {
    case 'start':
      streams.set(message.slot, { ...message, sealKey: sessionKey(message.key), dueMs: message.firstDueMs });
      wake();
      return;
    case 'stop':
      stop(message.slot);
      return;
    case 'close':
      clearTimeout(timer);
      streams.clear();
      for (const socket of sockets.values()) socket.close();
      control.close();
      return;
    default:
      message satisfies never;
  }
}

function stop(slot: number, fault?: string): void {
  streams.delete(slot);
  control.postMessage({ kind: 'stopped', slot, ...(fault !== undefined && { fault }) } satisfies FromPacer);
}

function wake(): void {
  if (isPumping) return;
  clearTimeout(timer);
  isPumping = true;
  setImmediate(pump);
}

function pump(): void {
  isPumping = false;
  const next = nextStream();
  if (!next) return;
  const waitMs = next.dueMs - nowMs();
  if (waitMs > SLEEP_MS) {
    timer = setTimeout(wake, Math.floor(waitMs - SLEEP_MS / 2));
    return;
  }
  if (waitMs > 0) Atomics.wait(cell, 0, 0, waitMs);
  send(next);
  isPumping = true;
  setImmediate(pump);
}

function nextStream(): Stream | undefined {
  let next: Stream | undefined;
  for (const stream of streams.values()) if (!next || stream.dueMs < next.dueMs) next = stream;
  return next;
}

function send(stream: Stream): void {
  const { dueMs, packetMs, slot } = stream;
  const bytes = new Uint8Array(packetBytes(stream.payloadBytes));
  const extended = Atomics.load(data.sentCounts, slot);
  const rtpTimestamp = Math.round((dueMs * MESH_CLOCK_HZ) / 1000) % 2 ** 32;
  const sentAtMs = nowMs();
  writeRequest(
    bytes,
    { ssrc: stream.ssrc, rtpTimestamp },
    {
      tag: stream.tag,
      extended,
      sentAtUs: (data.stampBaseEpochMs + sentAtMs) * 1000,
      lateUs: (sentAtMs - dueMs) * 1000,
    },
  );
  seal(bytes, stream.sealKey);
  Atomics.store(data.sentCounts, slot, extended + 1);
  const behind = Math.max(0, nowMs() - dueMs - MOST_BEHIND_MS);
  stream.dueMs = dueMs + packetMs * (1 + Math.floor(behind / packetMs));
  socketTo(stream.address).send(bytes, stream.port, stream.address, (error) => {
    if (!error) return;
    // Never left this host: no packet, so no loss. The callback runs before the next packet is made.
    if (Atomics.load(data.sentCounts, slot) === extended + 1) Atomics.store(data.sentCounts, slot, extended);
    if (streams.get(slot) === stream) stop(slot, error.message);
  });
}

/** Only sends: replies go to the mesh port. Addresses are literal, so nothing is looked up and a packet leaves at once. */
function socketTo(address: string): Socket {
  const type = isIPv6(address) ? 'udp6' : 'udp4';
  const known = sockets.get(type);
  if (known) return known;
  const socket = createSocket({
    type,
    lookup: (host, _options, callback) => callback(null, host, type === 'udp6' ? 6 : 4),
  });
  socket.on('error', () => undefined);
  socket.bind({
    port: 0,
    ...(data.sourceAddress !== undefined &&
      isIPv6(data.sourceAddress) === (type === 'udp6') && { address: data.sourceAddress }),
  });
  sockets.set(type, socket);
  return socket;
}

control.on('message', take);

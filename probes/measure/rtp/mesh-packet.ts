import { RTP_HEADER_BYTES, type RtpHeader, writeRtpHeader } from './rtp-packet.ts';

/** Truncated HMAC-SHA-256 at the end of each packet, in bytes. */
export const MAC_BYTES = 16;
/** Where the reflector's memory of the last packets begins in the payload; it reaches to the MAC. */
const MEMORY_AT = 80;

const VERSION = 1;
const KINDS = { request: 1, reply: 2, pause: 3 } as const;
const REASONS = ['none', 'bandwidth-cap', 'live-calls'] as const;

/** What a request says of itself. */
export type MeshRequest = {
  /** The session's short form: 8 bytes, as 16 hexadecimal digits. */
  readonly tag: string;
  /** The sender's own count of packets, from 0, 32 bits; RTP's 16 are its lower half. */
  readonly extended: number;
  /** On the sender's stamp clock, microseconds below 2^53. */
  readonly sentAtUs: number;
  /** After its slot, microseconds. */
  readonly lateUs: number;
};

/** What a reply, or a pause, says besides. */
export type MeshReply = MeshRequest & {
  readonly kind: 'reply' | 'pause';
  /** Why the reflector yields; `none` in a reply. */
  readonly because: (typeof REASONS)[number];
  /** The reflector's own count of replies, from 0: what is missing here was lost on the way back. */
  readonly replyExtended: number;
  /** On the reflector's stamp clock. */
  readonly receivedAtUs: number;
  readonly repliedAtUs: number;
  /** Of this sender's packets: the highest number that came, and how many did, copies and late ones. */
  readonly highest: number;
  readonly distinct: number;
  readonly duplicates: number;
  readonly reordered: number;
  readonly jitterUs: number;
  /** To be added to the reflector's stamps for true time; NaN where it does not know. */
  readonly correctionMs: number;
  readonly clockErrorMs: number;
  /** One up, modulo 256, each time that the reflector's host is found to have dropped packets in front of its socket. */
  readonly dropMarks: number;
  /** A view: its first bit is `highest`, each further bit the number below; set where that packet has come. */
  readonly memory: Uint8Array;
};

/** A packet of the mesh, not yet proved genuine. */
export type MeshPacket = { readonly ssrc: number; readonly rtpTimestamp: number } & (
  | ({ readonly kind: 'request' } & MeshRequest)
  | MeshReply
);

/** Length of a mesh packet. */
export function packetBytes(payloadBytes: number): number {
  return RTP_HEADER_BYTES + payloadBytes;
}

/** Packets that the memory of a packet of this payload speaks of: 512 with 160 bytes of payload. */
export function memoryPackets(payloadBytes: number): number {
  return 8 * Math.max(0, payloadBytes - MAC_BYTES - MEMORY_AT);
}

/**
 * Reads a datagram as a packet of the mesh. Never throws. Who sent it is proved by the MAC alone, which the caller checks.
 *
 * RTP without extensions (12 bytes, payload type 0), then big-endian, counted from the payload's start:
 * ```
 *   0  1  version, 1
 *   1  1  kind: 1 request · 2 reply · 3 pause
 *   2  1  why paused: 1 bandwidth cap · 2 live calls
 *   3  1  drop marks of a reply; 0 in a request
 *   4  8  session tag
 *  12  4  sender's extended sequence number
 *  16  8  sent, microseconds of the sender's stamp clock
 *  24  4  sent so late after its slot, microseconds
 *  28  4  reflector's extended sequence number          ┐
 *  32  8  received, microseconds of its stamp clock     │
 *  40  8  replied, the same                             │
 *  48  4  highest sender number received                │
 *  52  4  distinct packets received                     │ 0 in
 *  56  4  duplicates                                    │ a request
 *  60  4  reordered                                     │
 *  64  4  interarrival jitter, microseconds             │
 *  68  8  correction of its stamps, ms, binary64        │
 *  76  4  error of that, ms, binary32                   │
 *  80  …  memory, up to the MAC                         ┘
 *  16 bytes before the end: HMAC-SHA-256 over all before it, cut to 16 bytes
 * ```
 * @see RFC 3550 §5.1; RFC 8762 §4.3.2 (a stateful reflector counts its replies itself); RFC 2104 §5 (truncation)
 */
export function readMeshPacket(bytes: Uint8Array): MeshPacket | undefined {
  if (bytes.length < RTP_HEADER_BYTES + MEMORY_AT + MAC_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== 0x80 || view.getUint8(1) !== 0) return undefined;
  const at = RTP_HEADER_BYTES;
  const kind = view.getUint8(at + 1);
  if (view.getUint8(at) !== VERSION || kind < KINDS.request || kind > KINDS.pause) return undefined;
  const request = {
    ssrc: view.getUint32(8),
    rtpTimestamp: view.getUint32(4),
    tag:
      view
        .getUint32(at + 4)
        .toString(16)
        .padStart(8, '0') +
      view
        .getUint32(at + 8)
        .toString(16)
        .padStart(8, '0'),
    extended: view.getUint32(at + 12),
    sentAtUs: readStamp(view, at + 16),
    lateUs: view.getUint32(at + 24),
  };
  const isCounted = (extended: number): boolean => (extended & 0xffff) === view.getUint16(2);
  if (kind === KINDS.request) return isCounted(request.extended) ? { kind: 'request', ...request } : undefined;
  const replyExtended = view.getUint32(at + 28);
  if (!isCounted(replyExtended)) return undefined;
  return {
    ...request,
    kind: kind === KINDS.reply ? 'reply' : 'pause',
    because: REASONS[view.getUint8(at + 2)] ?? 'none',
    replyExtended,
    receivedAtUs: readStamp(view, at + 32),
    repliedAtUs: readStamp(view, at + 40),
    highest: view.getUint32(at + 48),
    distinct: view.getUint32(at + 52),
    duplicates: view.getUint32(at + 56),
    reordered: view.getUint32(at + 60),
    jitterUs: view.getUint32(at + 64),
    correctionMs: view.getFloat64(at + 68),
    clockErrorMs: view.getFloat32(at + 76),
    dropMarks: view.getUint8(at + 3),
    memory: bytes.subarray(at + MEMORY_AT, bytes.length - MAC_BYTES),
  };
}

/** Writes a request but for its MAC; `into` has the packet's length, and zeros where nothing is written here. */
export function writeRequest(
  into: Uint8Array,
  header: Pick<RtpHeader, 'ssrc' | 'rtpTimestamp'>,
  request: MeshRequest,
): void {
  const view = begin(into, { ...header, sequenceNumber: request.extended }, KINDS.request);
  writeRequestPart(view, request);
}

/** Turns a request's bytes into the reply to it, but for the MAC: never longer than what was asked. */
export function writeReply(into: Uint8Array, header: Pick<RtpHeader, 'ssrc' | 'rtpTimestamp'>, reply: MeshReply): void {
  const view = begin(into, { ...header, sequenceNumber: reply.replyExtended }, KINDS[reply.kind]);
  const at = RTP_HEADER_BYTES;
  writeRequestPart(view, reply);
  view.setUint8(at + 2, REASONS.indexOf(reply.because));
  view.setUint8(at + 3, reply.dropMarks);
  view.setUint32(at + 28, reply.replyExtended);
  writeStamp(view, at + 32, reply.receivedAtUs);
  writeStamp(view, at + 40, reply.repliedAtUs);
  view.setUint32(at + 48, reply.highest);
  view.setUint32(at + 52, reply.distinct);
  view.setUint32(at + 56, reply.duplicates);
  view.setUint32(at + 60, reply.reordered);
  view.setUint32(at + 64, Math.min(2 ** 32 - 1, Math.round(reply.jitterUs)));
  view.setFloat64(at + 68, reply.correctionMs);
  view.setFloat32(at + 76, reply.clockErrorMs);
  into.set(reply.memory.subarray(0, into.length - MAC_BYTES - at - MEMORY_AT), at + MEMORY_AT);
}

function begin(into: Uint8Array, header: Omit<RtpHeader, 'hasMarker' | 'payloadType'>, kind: number): DataView {
  writeRtpHeader(into, { hasMarker: false, payloadType: 0, ...header });
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  view.setUint8(RTP_HEADER_BYTES, VERSION);
  view.setUint8(RTP_HEADER_BYTES + 1, kind);
  return view;
}

function writeRequestPart(view: DataView, request: MeshRequest): void {
  const at = RTP_HEADER_BYTES;
  view.setUint32(at + 4, Number.parseInt(request.tag.slice(0, 8), 16));
  view.setUint32(at + 8, Number.parseInt(request.tag.slice(8), 16));
  view.setUint32(at + 12, request.extended);
  writeStamp(view, at + 16, request.sentAtUs);
  view.setUint32(at + 24, Math.min(2 ** 32 - 1, Math.max(0, Math.round(request.lateUs))));
}

function writeStamp(view: DataView, at: number, stampUs: number): void {
  const wholeUs = Math.round(stampUs);
  view.setUint32(at, Math.floor(wholeUs / 2 ** 32));
  view.setUint32(at + 4, wholeUs % 2 ** 32);
}

function readStamp(view: DataView, at: number): number {
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}

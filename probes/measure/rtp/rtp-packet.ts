/** The fixed header of one RTP packet, its CSRC list and where its payload lies. */
export type RtpPacket = {
  readonly hasMarker: boolean;
  /** 0 to 127. */
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequenceNumber: number;
  /** 32 bits, in ticks of the payload's clock. */
  readonly rtpTimestamp: number;
  /** 32 bits. */
  readonly ssrc: number;
  readonly csrcs: readonly number[];
  /** The packet's own bytes, not a copy; without header extension and padding. */
  readonly payload: Uint8Array;
};

/** What an RTP packet is made from; no CSRCs, extension or padding are ever sent. */
export type RtpHeader = Pick<RtpPacket, 'hasMarker' | 'payloadType' | 'sequenceNumber' | 'rtpTimestamp' | 'ssrc'>;

/** Why bytes are no RTP packet. */
export type RtpFault =
  | 'too-short'
  | 'bad-version'
  /** Payload types 72 to 76 with the marker are RTCP's 200 to 204 (RFC 5761 §4). */
  | 'is-rtcp'
  | 'truncated-csrcs'
  | 'truncated-extension'
  | 'bad-padding';

/** A packet, or why it is none and at which byte. */
export type RtpResult =
  | { readonly ok: true; readonly packet: RtpPacket }
  | { readonly ok: false; readonly fault: RtpFault; readonly offset: number };

/** Length of the header without CSRCs and extension, in bytes. */
export const RTP_HEADER_BYTES = 12;

const FIRST_RTCP_AS_RTP = 72;
const LAST_RTCP_AS_RTP = 76;

/**
 * Reads one datagram as RTP. Never throws; the payload is a view of the bytes given.
 *
 * All fields big-endian:
 * ```
 *  byte 0   bits 7-6 version (2) · bit 5 padding · bit 4 extension · bits 3-0 CSRC count
 *  byte 1   bit 7 marker · bits 6-0 payload type
 *  bytes 2-3    sequence number
 *  bytes 4-7    timestamp
 *  bytes 8-11   SSRC
 *  12 …         4 bytes for each CSRC
 *  then, if the extension bit is set: 2 bytes profile, 2 bytes length in words of 32 bits, the words
 *  then the payload; with the padding bit set its last byte counts the padding, itself included
 * ```
 * @see RFC 3550 §5.1, §5.3.1
 */
export function parseRtp(bytes: Uint8Array): RtpResult {
  if (bytes.length < RTP_HEADER_BYTES) return { ok: false, fault: 'too-short', offset: bytes.length };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getUint8(0);
  const second = view.getUint8(1);
  if (first >> 6 !== 2) return { ok: false, fault: 'bad-version', offset: 0 };
  const hasMarker = (second & 0x80) !== 0;
  const payloadType = second & 0x7f;
  if (hasMarker && payloadType >= FIRST_RTCP_AS_RTP && payloadType <= LAST_RTCP_AS_RTP) {
    return { ok: false, fault: 'is-rtcp', offset: 1 };
  }
  const csrcCount = first & 0x0f;
  let start = RTP_HEADER_BYTES + 4 * csrcCount;
  if (start > bytes.length) return { ok: false, fault: 'truncated-csrcs', offset: bytes.length };
  if ((first & 0x10) !== 0) {
    if (start + 4 > bytes.length) return { ok: false, fault: 'truncated-extension', offset: start };
    const wordsAt = start + 2;
    start += 4 + 4 * view.getUint16(wordsAt);
    if (start > bytes.length) return { ok: false, fault: 'truncated-extension', offset: wordsAt };
  }
  let end = bytes.length;
  if ((first & 0x20) !== 0) {
    const paddingBytes = view.getUint8(bytes.length - 1);
    end -= paddingBytes;
    if (paddingBytes === 0 || end < start) return { ok: false, fault: 'bad-padding', offset: bytes.length - 1 };
  }
  const packet = {
    hasMarker,
    payloadType,
    sequenceNumber: view.getUint16(2),
    rtpTimestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    csrcs: Array.from({ length: csrcCount }, (_, at) => view.getUint32(RTP_HEADER_BYTES + 4 * at)),
    payload: bytes.subarray(start, end),
  };
  return { ok: true, packet };
}

/**
 * Writes the 12 bytes of a header at the start of `into`; the caller puts the payload behind them. Numbers are cut to the
 * width of their field, so counters may run on past it.
 *
 * @throws RangeError where `into` is shorter than the header.
 * @see RFC 3550 §5.1
 */
export function writeRtpHeader(into: Uint8Array, header: RtpHeader): void {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  view.setUint8(0, 0x80);
  view.setUint8(1, (header.hasMarker ? 0x80 : 0) | (header.payloadType & 0x7f));
  view.setUint16(2, header.sequenceNumber & 0xffff);
  view.setUint32(4, header.rtpTimestamp >>> 0);
  view.setUint32(8, header.ssrc >>> 0);
}

/** One RTP packet with a copy of this payload. @see RFC 3550 §5.1 */
export function encodeRtp(header: RtpHeader, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(RTP_HEADER_BYTES + payload.length);
  writeRtpHeader(bytes, header);
  bytes.set(payload, RTP_HEADER_BYTES);
  return bytes;
}

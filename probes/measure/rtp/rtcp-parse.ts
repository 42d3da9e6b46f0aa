import { REPORT_BLOCK_BYTES, type ReportBlock, RTCP_TYPES, type RtcpPacket, SDES_CNAME } from './rtcp-packet.ts';

/** Why bytes are no compound RTCP packet. */
export type RtcpFault =
  | 'too-short'
  | 'bad-version'
  /** The length field points past the datagram. */
  | 'bad-length'
  /** Counts in the header ask for more than the packet's length holds. */
  | 'bad-count'
  | 'bad-padding'
  /** A compound begins with SR or RR (RFC 3550 §6.1). */
  | 'bad-first';

/** The packets of a compound, or why it is none and at which byte. */
export type RtcpResult =
  | { readonly ok: true; readonly packets: readonly RtcpPacket[] }
  | { readonly ok: false; readonly fault: RtcpFault; readonly offset: number };

type Body = { readonly view: DataView; readonly count: number };

const CNAME_TEXT = new TextDecoder('utf-8');

/**
 * Reads one datagram as compound RTCP. Never throws, nor reads past the end.
 *
 * Every packet begins with, big-endian:
 * ```
 *  byte 0   bits 7-6 version (2) · bit 5 padding · bits 4-0 count of reports, chunks or sources
 *  byte 1   packet type: 200 SR · 201 RR · 202 SDES · 203 BYE
 *  bytes 2-3    length in words of 32 bits, less one
 *  bytes 4-7    SSRC of the sender (SR, RR); SDES and BYE begin with their first chunk or source here
 * ```
 * SR goes on with 8-15 NTP time, 16-19 RTP timestamp, 20-23 packet count, 24-27 octet count; then report blocks of 24
 * bytes: 0-3 SSRC, 4 fraction lost, 5-7 cumulative lost (signed), 8-11 extended highest sequence, 12-15 jitter, 16-19 last
 * SR, 20-23 delay since it. An SDES chunk is an SSRC, then items of type, length and text, ended by a type 0 and filled to
 * a word.
 *
 * @see RFC 3550 §6.1, §6.4, §6.5, §6.6, A.2 (validity checks)
 */
export function parseRtcp(bytes: Uint8Array): RtcpResult {
  const packets: RtcpPacket[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < 4) return { ok: false, fault: 'too-short', offset };
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.length - offset);
    const first = view.getUint8(0);
    const packetType = view.getUint8(1);
    if (first >> 6 !== 2) return { ok: false, fault: 'bad-version', offset };
    const lengthBytes = 4 * (view.getUint16(2) + 1);
    if (lengthBytes > view.byteLength) return { ok: false, fault: 'bad-length', offset: offset + 2 };
    if (offset === 0 && packetType !== RTCP_TYPES.senderReport && packetType !== RTCP_TYPES.receiverReport) {
      return { ok: false, fault: 'bad-first', offset: 1 };
    }
    let bodyBytes = lengthBytes;
    if ((first & 0x20) !== 0) {
      const paddingBytes = view.getUint8(lengthBytes - 1);
      const isLast = offset + lengthBytes === bytes.length;
      if (paddingBytes === 0 || paddingBytes % 4 !== 0 || paddingBytes > lengthBytes - 4 || !isLast) {
        return { ok: false, fault: 'bad-padding', offset: offset + lengthBytes - 1 };
      }
      bodyBytes -= paddingBytes;
    }
    const body = new DataView(bytes.buffer, bytes.byteOffset + offset, bodyBytes);
    const packet = parseBody(packetType, { view: body, count: first & 0x1f });
    if (!packet) return { ok: false, fault: 'bad-count', offset };
    packets.push(packet);
    offset += lengthBytes;
  }
  return packets.length === 0 ? { ok: false, fault: 'too-short', offset: 0 } : { ok: true, packets };
}

function parseBody(packetType: number, body: Body): RtcpPacket | undefined {
  switch (packetType) {
    case RTCP_TYPES.senderReport:
      return parseSenderReport(body);
    case RTCP_TYPES.receiverReport: {
      const reports = parseReports(body, 8);
      return reports && { kind: 'receiver-report', ssrc: body.view.getUint32(4), reports };
    }
    case RTCP_TYPES.sourceDescription:
      return parseSourceDescription(body);
    case RTCP_TYPES.bye: {
      const { view, count } = body;
      if (4 + 4 * count > view.byteLength) return undefined;
      return { kind: 'bye', ssrcs: Array.from({ length: count }, (_, at) => view.getUint32(4 + 4 * at)) };
    }
    default:
      return { kind: 'other', packetType };
  }
}

function parseSenderReport(body: Body): RtcpPacket | undefined {
  const { view } = body;
  const reports = parseReports(body, 28);
  return (
    reports && {
      kind: 'sender-report',
      ssrc: view.getUint32(4),
      ntpSeconds: view.getUint32(8),
      ntpFraction: view.getUint32(12),
      rtpTimestamp: view.getUint32(16),
      packetCount: view.getUint32(20),
      octetCount: view.getUint32(24),
      reports,
    }
  );
}

function parseReports({ view, count }: Body, start: number): readonly ReportBlock[] | undefined {
  if (start + REPORT_BLOCK_BYTES * count > view.byteLength) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const at = start + REPORT_BLOCK_BYTES * index;
    return {
      ssrc: view.getUint32(at),
      fractionLost: view.getUint8(at + 4),
      cumulativeLost: (view.getInt32(at + 4) << 8) >> 8,
      extendedSequence: view.getUint32(at + 8),
      interarrivalJitter: view.getUint32(at + 12),
      lastSr: view.getUint32(at + 16),
      delaySinceLastSr: view.getUint32(at + 20),
    };
  });
}

function parseSourceDescription({ view, count }: Body): RtcpPacket | undefined {
  const chunks: { ssrc: number; cname: string | undefined }[] = [];
  let at = 4;
  for (let index = 0; index < count; index += 1) {
    if (at + 4 > view.byteLength) return undefined;
    const ssrc = view.getUint32(at);
    at += 4;
    let cname: string | undefined;
    for (;;) {
      if (at >= view.byteLength) return undefined;
      const type = view.getUint8(at);
      if (type === 0) break;
      if (at + 2 > view.byteLength) return undefined;
      const textBytes = view.getUint8(at + 1);
      if (at + 2 + textBytes > view.byteLength) return undefined;
      if (type === SDES_CNAME) {
        cname = CNAME_TEXT.decode(new Uint8Array(view.buffer, view.byteOffset + at + 2, textBytes));
      }
      at += 2 + textBytes;
    }
    at += 4 - (at % 4);
    chunks.push({ ssrc, cname });
  }
  return { kind: 'source-description', chunks };
}

import { REPORT_BLOCK_BYTES, type ReportBlock, RTCP_TYPES, type RtcpPacket, SDES_CNAME } from './rtcp-packet.ts';

/** Packets that can be written. */
export type SentRtcpPacket = Exclude<RtcpPacket, { kind: 'other' }>;

const MAX_COUNT = 31;
const LOST_LIMIT = 2 ** 23;

/**
 * Writes a compound packet in the order given; the layout stands at `parseRtcp`. Begin with SR or RR and let an SDES with a
 * CNAME follow (RFC 3550 §6.1). A cumulative loss outside 24 signed bits is clamped, as the RFC has it; other numbers are
 * cut to their field.
 *
 * @throws RangeError for more than 31 reports, chunks or sources, or a CNAME of more than 255 bytes.
 * @see RFC 3550 §6.4, §6.5, §6.6
 */
export function encodeRtcp(packets: readonly SentRtcpPacket[]): Uint8Array {
  const parts = packets.map(encodeOne);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encodeOne(packet: SentRtcpPacket): Uint8Array {
  switch (packet.kind) {
    case 'sender-report': {
      const view = begin(
        RTCP_TYPES.senderReport,
        packet.reports.length,
        28 + REPORT_BLOCK_BYTES * packet.reports.length,
      );
      view.setUint32(4, packet.ssrc);
      view.setUint32(8, packet.ntpSeconds);
      view.setUint32(12, packet.ntpFraction);
      view.setUint32(16, packet.rtpTimestamp);
      view.setUint32(20, packet.packetCount);
      view.setUint32(24, packet.octetCount);
      return withReports(view, 28, packet.reports);
    }
    case 'receiver-report': {
      const view = begin(
        RTCP_TYPES.receiverReport,
        packet.reports.length,
        8 + REPORT_BLOCK_BYTES * packet.reports.length,
      );
      view.setUint32(4, packet.ssrc);
      return withReports(view, 8, packet.reports);
    }
    case 'source-description':
      return encodeSourceDescription(packet.chunks);
    case 'bye': {
      const view = begin(RTCP_TYPES.bye, packet.ssrcs.length, 4 + 4 * packet.ssrcs.length);
      for (const [at, ssrc] of packet.ssrcs.entries()) view.setUint32(4 + 4 * at, ssrc);
      return bytesOf(view);
    }
    default:
      return packet satisfies never;
  }
}

function begin(packetType: number, count: number, lengthBytes: number): DataView {
  if (count > MAX_COUNT)
    throw new RangeError(`RTCP packet of type ${packetType} with ${count} entries, at most ${MAX_COUNT}`);
  const view = new DataView(new ArrayBuffer(lengthBytes));
  view.setUint8(0, 0x80 | count);
  view.setUint8(1, packetType);
  view.setUint16(2, lengthBytes / 4 - 1);
  return view;
}

function withReports(view: DataView, start: number, reports: readonly ReportBlock[]): Uint8Array {
  for (const [index, report] of reports.entries()) {
    const at = start + REPORT_BLOCK_BYTES * index;
    const lost = Math.min(LOST_LIMIT - 1, Math.max(-LOST_LIMIT, report.cumulativeLost));
    view.setUint32(at, report.ssrc);
    view.setUint32(at + 4, ((report.fractionLost & 0xff) << 24) | (lost & 0xffffff));
    view.setUint32(at + 8, report.extendedSequence);
    view.setUint32(at + 12, report.interarrivalJitter);
    view.setUint32(at + 16, report.lastSr);
    view.setUint32(at + 20, report.delaySinceLastSr);
  }
  return bytesOf(view);
}

function encodeSourceDescription(chunks: Extract<RtcpPacket, { kind: 'source-description' }>['chunks']): Uint8Array {
  const texts = chunks.map(({ cname }) => (cname === undefined ? undefined : new TextEncoder().encode(cname)));
  for (const text of texts) {
    if (text && text.length > 255) throw new RangeError(`CNAME of ${text.length} bytes, at most 255`);
  }
  const chunkBytes = texts.map((text) => {
    const itemsEnd = 4 + (text ? 2 + text.length : 0);
    return itemsEnd + 4 - (itemsEnd % 4);
  });
  const view = begin(RTCP_TYPES.sourceDescription, chunks.length, 4 + chunkBytes.reduce((sum, each) => sum + each, 0));
  const bytes = bytesOf(view);
  let at = 4;
  for (const [index, { ssrc }] of chunks.entries()) {
    view.setUint32(at, ssrc);
    const text = texts[index];
    if (text) {
      view.setUint8(at + 4, SDES_CNAME);
      view.setUint8(at + 5, text.length);
      bytes.set(text, at + 6);
    }
    at += chunkBytes[index] ?? 0;
  }
  return bytes;
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

import { type AmiPacket, eventName, firstValue } from '../ami/ami-packet.ts';

/** Which way the media went: `received` came from the provider to this PBX, `sent` went to the provider. */
export type MediaDirection = 'received' | 'sent';

/** The one report block that Asterisk reads and prints of an RTCP packet. Numbers as printed, none of them interpreted. */
export type ReportBlock = {
  /** Source that the block is about. */
  readonly sourceSsrc: number;
  /** Unsigned 24 bits as Asterisk prints them; RFC 3550 says signed. */
  readonly cumulativeLostRaw: number;
  /** Low 16 bits of the extended highest sequence number received. */
  readonly highestSequence: number;
  readonly sequenceCycles: number;
  /** In ticks of the stream's clock. */
  readonly interarrivalJitterTicks: number;
  /** What its sender had heard of the other side's clock by then; absent: no sender report of it seen yet. */
  readonly heard: HeardReport | undefined;
};

/** Which sender report had come last, and how long before. @see RFC 3550 §6.4.1 (LSR, DLSR) */
export type HeardReport = {
  /** Middle 32 bits of that report's NTP time: units of 1/65,536 s. */
  readonly ntpUnits: number;
  readonly delayMs: number;
};

/** One RTCP packet of a channel, as an AMI event tells it. */
export type RtcpReport = {
  readonly uniqueId: string;
  readonly channel: string;
  /** What the block speaks of: of what we received where we sent the packet, of what we sent where we received it. */
  readonly direction: MediaDirection;
  /** Absent where the packet has no block: its sender has not heard the other side since its last report, or never. */
  readonly block: ReportBlock | undefined;
  /** RTP packets that the sender of this RTCP packet has sent since its beginning; only in a sender report. */
  readonly senderPackets: number | undefined;
  /** When that was by the sender's own clock, middle 32 bits of NTP time: units of 1/65,536 s. Only in a sender report. */
  readonly senderNtpUnits: number | undefined;
  /** Undefined where it was not measured (no earlier sender report came back). */
  readonly rttMs: number | undefined;
  /** Asterisk's own score, 0 to 100. */
  readonly asteriskMes: number | undefined;
};

/** A report, or the field that cannot be what it should be. */
export type RtcpReportResult =
  | { readonly ok: true; readonly report: RtcpReport }
  | { readonly ok: false; readonly fault: 'missing-field' | 'bad-number'; readonly field: string };

const MAX_SEQUENCE = 0xffff;
const MAX_24_BITS = 0xff_ffff;
const MAX_32_BITS = 0xffff_ffff;
const NTP_UNITS_PER_S = 0x1_0000;
/** From 1900, where NTP begins, to 1970. @see RFC 5905 §6 */
const NTP_ERA_S = 2_208_988_800;

/**
 * Reads an `RTCPSent` or `RTCPReceived` event. Fields that are used, all of them text:
 *
 *     Channel, Uniqueid           of the channel
 *     SentPackets                 sender's packet count, in a sender report only (PT 200)
 *     SentNTP                     seconds since 1970 and microseconds, though RTCP counts from 1900; in a sender report only
 *     ReportCount                 0 or 1 and more; only block 0 is printed
 *     RTT                         seconds, 0.1 ms resolution, RTCPReceived only; 0.0000 with LSR 0 is "not measured"
 *     MES                         Asterisk's score; 0.0 without a block
 *     Report0SourceSSRC           0x and 8 hex digits
 *     Report0CumulativeLost       24 bits, printed unsigned
 *     Report0HighestSequence      low 16 bits
 *     Report0SequenceNumberCycles high 16 bits
 *     Report0IAJitter             ticks
 *     Report0LSR                  decimal; 0: no sender report seen yet
 *     Report0DLSR                 seconds, 0.1 ms resolution
 *
 * `SSRC` is not used: Asterisk 22.10.1 prints the NTP seconds in its place in the `RTCPReceived` of a sender report.
 * Unknown fields are passed over.
 *
 * @returns undefined for any other event.
 * @see RFC 3550 §6.4.1; https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/RTCPReceived/
 */
export function readRtcpReport(packet: AmiPacket): RtcpReportResult | undefined {
  const name = eventName(packet);
  if (name !== 'RTCPSent' && name !== 'RTCPReceived') return undefined;
  const uniqueId = firstValue(packet, 'Uniqueid');
  const channel = firstValue(packet, 'Channel');
  if (uniqueId === undefined) return { ok: false, fault: 'missing-field', field: 'Uniqueid' };
  if (channel === undefined) return { ok: false, fault: 'missing-field', field: 'Channel' };
  const fields = new FieldReader(packet);
  const reportCount = fields.whole('ReportCount', 31) ?? 0;
  const lsr = fields.optionalWhole('Report0LSR', MAX_32_BITS) ?? 0;
  const dlsrS = fields.optionalReal('Report0DLSR');
  const heard = lsr === 0 || dlsrS === undefined ? undefined : { ntpUnits: lsr, delayMs: dlsrS * 1000 };
  const block = reportCount === 0 ? undefined : readBlock(fields, heard);
  const senderPackets = fields.optionalWhole('SentPackets', MAX_32_BITS);
  const sentAtS = fields.optionalReal('SentNTP');
  const rttSeconds = fields.optionalReal('RTT');
  const mes = fields.optionalReal('MES');
  if (fields.fault !== undefined) return fields.fault;
  const report: RtcpReport = {
    uniqueId,
    channel,
    direction: name === 'RTCPSent' ? 'received' : 'sent',
    block,
    senderPackets,
    senderNtpUnits: sentAtS === undefined ? undefined : ntpUnitsOf(sentAtS),
    rttMs: rttSeconds === undefined || lsr === 0 ? undefined : rttSeconds * 1000,
    asteriskMes: block === undefined || mes === undefined || mes > 100 ? undefined : mes,
  };
  return { ok: true, report };
}

/** The middle 32 bits of an NTP time: they wrap every 18 hours. */
function ntpUnitsOf(epochS: number): number {
  return Math.trunc((epochS + NTP_ERA_S) * NTP_UNITS_PER_S) % (MAX_32_BITS + 1);
}

function readBlock(fields: FieldReader, heard: HeardReport | undefined): ReportBlock | undefined {
  const sourceSsrc = fields.hex('Report0SourceSSRC');
  const cumulativeLostRaw = fields.whole('Report0CumulativeLost', MAX_24_BITS);
  const highestSequence = fields.whole('Report0HighestSequence', MAX_SEQUENCE);
  const sequenceCycles = fields.whole('Report0SequenceNumberCycles', MAX_SEQUENCE);
  const interarrivalJitterTicks = fields.whole('Report0IAJitter', MAX_32_BITS);
  if (
    sourceSsrc === undefined ||
    cumulativeLostRaw === undefined ||
    highestSequence === undefined ||
    sequenceCycles === undefined ||
    interarrivalJitterTicks === undefined
  ) {
    return undefined;
  }
  return { sourceSsrc, cumulativeLostRaw, highestSequence, sequenceCycles, interarrivalJitterTicks, heard };
}

/** Reads numbers out of one packet and keeps the first fault. */
class FieldReader {
  readonly #packet: AmiPacket;
  fault: Extract<RtcpReportResult, { ok: false }> | undefined;

  constructor(packet: AmiPacket) {
    this.#packet = packet;
  }

  whole(field: string, max: number): number | undefined {
    return this.#number(field, /^\d{1,10}$/, Number, max) ?? this.#miss(field);
  }

  optionalWhole(field: string, max: number): number | undefined {
    return this.#number(field, /^\d{1,10}$/, Number, max);
  }

  optionalReal(field: string): number | undefined {
    return this.#number(field, /^\d{1,10}(\.\d{1,9})?$/, Number, Number.MAX_SAFE_INTEGER);
  }

  hex(field: string): number | undefined {
    const value = this.#number(field, /^0x[0-9a-f]{1,8}$/i, Number, MAX_32_BITS);
    return value ?? this.#miss(field);
  }

  #number(field: string, shape: RegExp, read: (text: string) => number, max: number): number | undefined {
    const text = firstValue(this.#packet, field)?.trim();
    if (text === undefined) return undefined;
    const value = shape.test(text) ? read(text) : Number.NaN;
    if (value <= max) return value;
    this.fault ??= { ok: false, fault: 'bad-number', field };
    return undefined;
  }

  #miss(field: string): undefined {
    this.fault ??= { ok: false, fault: 'missing-field', field };
    return undefined;
  }
}

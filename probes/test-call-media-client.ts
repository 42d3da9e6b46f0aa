import { randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { encodeRtcp } from './measure/rtp/rtcp-encode.ts';
import type { ReportBlock } from './measure/rtp/rtcp-packet.ts';
import { parseRtcp } from './measure/rtp/rtcp-parse.ts';
import { encodeRtp, parseRtp } from './measure/rtp/rtp-packet.ts';
import { addPacket, newStream, receptionOf, type StreamState } from './measure/rtp/stream-receiver.ts';
import type { AgreedMedia } from './measure/sip/sdp-offer.ts';
import { type MediaRecord, readStamp, writeStamp } from './test-call-media.ts';
import { openMediaPorts } from './test-call-ports-client.ts';

const NTP_AHEAD_S = 2_208_988_800;
const WORD = 2 ** 32;
/** One report every 2.5 s keeps below 5 % of a G.711 stream (RFC 3550 §6.2); its 5 s would give a short call one at most. */
const REPORT_EVERY_MS = 2500;
/** Octet of silence by law. @see ITU-T G.711 */
const SILENCE = { ulaw: 0xff, alaw: 0xd5 } as const;

/** RTP and RTCP of one test call, on a pair of ports of its own. */
export class TestCallMedia {
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly #nowMs: () => number;
  readonly #ssrc = randomInt(1, WORD - 1);
  readonly #token = randomInt(1, WORD - 1);
  readonly #firstSequence = randomInt(0, 32_768);
  readonly #firstTimestamp = randomInt(0, WORD - 1);
  readonly #sentAtMs: number[] = [];
  readonly #latesMs: number[] = [];
  readonly #echoRttsMs = new Map<number, number>();
  readonly #reportRttsMs: number[] = [];
  #media: AgreedMedia | undefined;
  #echo: StreamState = newStream(8000, 20);
  #stream: StreamState = newStream(8000, 20);
  #report: ReportBlock | undefined;
  #lastSr: { readonly middle: number; readonly atMs: number } | undefined;
  #startedAtMs = 0;
  #octets = 0;
  #timer: NodeJS.Timeout | undefined;
  #reportTimer: NodeJS.Timeout | undefined;

  private constructor(rtp: Socket, rtcp: Socket, nowMs: () => number) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.#nowMs = nowMs;
    rtp.on('message', (bytes, { address }) => this.#takeRtp(bytes, address));
    rtcp.on('message', (bytes, { address }) => this.#takeRtcp(bytes, address));
  }

  /**
   * Binds an even port and the one above it.
   *
   * @throws the system's error where the address cannot be bound or no pair is free.
   */
  static async open(address: string, nowMs: () => number): Promise<TestCallMedia> {
    const { rtcp, rtp } = await openMediaPorts(address);
    return new TestCallMedia(rtp, rtcp, nowMs);
  }

  get ports(): { readonly port: number; readonly rtcpPort: number } {
    return { port: this.#rtp.address().port, rtcpPort: this.#rtcp.address().port };
  }

  /** Begins to send and to count; what came before is not counted. */
  start(media: AgreedMedia): void {
    this.#media = media;
    this.#echo = newStream(media.clockRateHz, media.packetMs);
    this.#stream = newStream(media.clockRateHz, media.packetMs);
    this.#startedAtMs = this.#nowMs();
    if (!media.canSend) return;
    this.#sendDue();
    this.#reportTimer = setInterval(() => this.#sendReport(), REPORT_EVERY_MS);
  }

  /** Sends no more, and goes on listening for what is under way. */
  stopSending(): void {
    if (this.#timer === undefined && this.#reportTimer === undefined) return;
    clearTimeout(this.#timer);
    clearInterval(this.#reportTimer);
    this.#timer = undefined;
    this.#reportTimer = undefined;
    this.#sendReport();
  }

  /** Closes both sockets. */
  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#reportTimer);
    this.#rtp.close();
    this.#rtcp.close();
  }

  /** What was met so far; `undefined` before {@link TestCallMedia.start}. */
  record(): MediaRecord | undefined {
    if (!this.#media) return undefined;
    return {
      packetMs: this.#media.packetMs,
      clockRateHz: this.#media.clockRateHz,
      sent: this.#sentAtMs.length,
      latesMs: this.#latesMs,
      echoRttsMs: this.#echoRttsMs,
      echo: this.#echo,
      stream: this.#stream,
      report: this.#report,
      firstSequence: this.#firstSequence,
      reportRttsMs: this.#reportRttsMs,
    };
  }

  #sendDue(): void {
    const media = this.#media;
    if (!media) return;
    const { clockRateHz, packetMs, payloadType, address, port, codec } = media;
    for (;;) {
      const packetNumber = this.#sentAtMs.length;
      const slotMs = this.#startedAtMs + packetNumber * packetMs;
      const nowMs = this.#nowMs();
      if (slotMs > nowMs) {
        this.#timer = setTimeout(() => this.#sendDue(), slotMs - nowMs);
        return;
      }
      const samples = (clockRateHz * packetMs) / 1000;
      const payload = new Uint8Array(samples).fill(SILENCE[codec]);
      writeStamp(payload, this.#token, packetNumber);
      const header = {
        hasMarker: packetNumber === 0,
        payloadType,
        sequenceNumber: this.#firstSequence + packetNumber,
        rtpTimestamp: this.#firstTimestamp + packetNumber * samples,
        ssrc: this.#ssrc,
      };
      const bytes = encodeRtp(header, payload);
      this.#sentAtMs.push(this.#nowMs());
      this.#latesMs.push(nowMs - slotMs);
      this.#octets += payload.length;
      this.#rtp.send(bytes, port, address, () => undefined);
    }
  }

  #takeRtp(bytes: Uint8Array, source: string): void {
    const nowMs = this.#nowMs();
    const media = this.#media;
    if (media?.address !== source) return;
    const parsed = parseRtp(bytes);
    if (!parsed.ok || parsed.packet.payloadType !== media.payloadType) return;
    const { payload, ...packet } = parsed.packet;
    this.#stream = addPacket(this.#stream, packet, nowMs);
    const packetNumber = readStamp(payload, this.#token);
    const sentAtMs = packetNumber === undefined ? undefined : this.#sentAtMs[packetNumber];
    if (packetNumber === undefined || sentAtMs === undefined) return;
    const samples = (media.clockRateHz * media.packetMs) / 1000;
    const stamped = { ssrc: 1, sequenceNumber: packetNumber & 0xffff, rtpTimestamp: (packetNumber * samples) >>> 0 };
    this.#echo = addPacket(this.#echo, stamped, nowMs);
    if (!this.#echoRttsMs.has(packetNumber)) this.#echoRttsMs.set(packetNumber, nowMs - sentAtMs);
  }

  #takeRtcp(bytes: Uint8Array, source: string): void {
    const nowMs = this.#nowMs();
    if (this.#media?.rtcpAddress !== source) return;
    const parsed = parseRtcp(bytes);
    if (!parsed.ok) return;
    for (const packet of parsed.packets) {
      if (packet.kind === 'sender-report') {
        const middle = (((packet.ntpSeconds & 0xffff) << 16) | (packet.ntpFraction >>> 16)) >>> 0;
        this.#lastSr = { middle, atMs: nowMs };
      }
      if (packet.kind !== 'sender-report' && packet.kind !== 'receiver-report') continue;
      const report = packet.reports.find(({ ssrc }) => ssrc === this.#ssrc);
      if (!report) continue;
      this.#report = report;
      const { fraction, seconds } = ntpOf(nowMs);
      const middle = (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
      const units = (middle - report.lastSr - report.delaySinceLastSr) | 0;
      if (report.lastSr !== 0 && units >= 0) this.#reportRttsMs.push((units * 1000) / 65_536);
    }
  }

  #sendReport(): void {
    const media = this.#media;
    if (!media || media.rtcpPort === 0 || this.#sentAtMs.length === 0) return;
    const nowMs = this.#nowMs();
    const { fraction, seconds } = ntpOf(nowMs);
    const elapsedTicks = Math.round(((nowMs - this.#startedAtMs) * media.clockRateHz) / 1000);
    const report = {
      kind: 'sender-report',
      ssrc: this.#ssrc,
      ntpSeconds: seconds,
      ntpFraction: fraction,
      rtpTimestamp: (this.#firstTimestamp + elapsedTicks) >>> 0,
      packetCount: this.#sentAtMs.length,
      octetCount: this.#octets,
      reports: this.#reception(nowMs),
    } as const;
    const names = { kind: 'source-description', chunks: [{ ssrc: this.#ssrc, cname: `call-${this.#token}` }] } as const;
    this.#rtcp.send(encodeRtcp([report, names]), media.rtcpPort, media.rtcpAddress, () => undefined);
  }

  #reception(nowMs: number): readonly ReportBlock[] {
    const reception = receptionOf(this.#stream);
    if (!reception) return [];
    const { expected, extendedSequence, interarrivalJitter, received, ssrc } = reception;
    const lastSr = this.#lastSr?.middle ?? 0;
    const delaySinceLastSr = this.#lastSr ? Math.round(((nowMs - this.#lastSr.atMs) * 65_536) / 1000) : 0;
    const cumulativeLost = expected - received;
    const fractionLost = Math.max(0, Math.floor((256 * cumulativeLost) / Math.max(1, expected))) & 0xff;
    return [{ ssrc, fractionLost, cumulativeLost, extendedSequence, interarrivalJitter, lastSr, delaySinceLastSr }];
  }
}

/** NTP form of a time that is steady over the call; only differences of it matter here. */
function ntpOf(nowMs: number): { readonly seconds: number; readonly fraction: number } {
  const wallS = (performance.timeOrigin + nowMs) / 1000 + NTP_AHEAD_S;
  const seconds = Math.floor(wallS);
  return { seconds: seconds % WORD, fraction: Math.floor((wallS - seconds) * WORD) };
}

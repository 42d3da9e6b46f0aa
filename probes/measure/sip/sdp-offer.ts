import { parseIpAddress } from './host.ts';
import type { SdpAudio } from './sdp-session.ts';

/** Where our media are, and what names the session. */
export type SdpOffer = {
  /** IP literal without brackets. */
  readonly address: string;
  readonly port: number;
  readonly rtcpPort: number;
  readonly sessionId: number;
  /** Up by one for each description that differs from the one before. */
  readonly version: number;
};

/** Media that both sides have agreed to. */
export type AgreedMedia = {
  readonly address: string;
  readonly port: number;
  readonly rtcpAddress: string;
  /** 0: the far end names none. */
  readonly rtcpPort: number;
  readonly payloadType: number;
  /** As Asterisk names it. */
  readonly codec: 'ulaw' | 'alaw';
  readonly clockRateHz: number;
  /** Of the packets that we send; the far end's may differ. */
  readonly packetMs: number;
  readonly canSend: boolean;
  readonly canReceive: boolean;
};

/** Why an answer gives no media. */
export type MediaFault = 'no-audio' | 'rejected' | 'no-literal-address' | 'unknown-protocol' | 'no-common-codec';

/** What was agreed, or why nothing was. */
export type MediaResult =
  | { readonly ok: true; readonly media: AgreedMedia }
  | { readonly ok: false; readonly fault: MediaFault };

const PACKET_MS = 20;
/** Static payload types of G.711. @see RFC 3551 §6, table 4 */
const CODECS = [
  { payloadType: 0, codec: 'ulaw', name: 'pcmu' },
  { payloadType: 8, codec: 'alaw', name: 'pcma' },
] as const;

/**
 * An offer of G.711 in both laws at 20 ms, both ways.
 *
 * @see RFC 3264 §5; RFC 8866 §5; RFC 3605
 */
export function encodeOffer(offer: SdpOffer): string {
  const family = parseIpAddress(offer.address)?.family ?? 4;
  const lines = [
    'v=0',
    `o=- ${offer.sessionId} ${offer.version} IN IP${family} ${offer.address}`,
    's=-',
    `c=IN IP${family} ${offer.address}`,
    't=0 0',
    `m=audio ${offer.port} RTP/AVP 0 8`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    `a=ptime:${PACKET_MS}`,
    `a=rtcp:${offer.rtcpPort}`,
    'a=sendrecv',
    '',
  ];
  return lines.join('\r\n');
}

/**
 * What an answer to {@link encodeOffer} agrees to. Its first G.711 format counts. We send at the answer's ptime where that is a
 * multiple of 10 ms up to 60, at 20 ms otherwise.
 *
 * @see RFC 3264 §6.1, §7
 */
export function agree(audio: SdpAudio | undefined): MediaResult {
  if (!audio) return { ok: false, fault: 'no-audio' };
  if (audio.port === 0) return { ok: false, fault: 'rejected' };
  if (!/^RTP\/AVPF?$/.test(audio.protocol)) return { ok: false, fault: 'unknown-protocol' };
  if (audio.address === undefined) return { ok: false, fault: 'no-literal-address' };
  for (const payloadType of audio.payloadTypes) {
    const known = CODECS.find((each) => each.payloadType === payloadType);
    const named = audio.encodings.get(payloadType);
    if (!known || (named && (named.name !== known.name || named.clockRateHz !== 8000))) continue;
    const { packetMs = PACKET_MS } = audio;
    const media: AgreedMedia = {
      address: audio.address,
      port: audio.port,
      rtcpAddress: audio.rtcpAddress ?? audio.address,
      rtcpPort: audio.rtcpPort,
      payloadType,
      codec: known.codec,
      clockRateHz: 8000,
      packetMs: packetMs % 10 === 0 && packetMs <= 60 ? packetMs : PACKET_MS,
      canSend: audio.direction === 'sendrecv' || audio.direction === 'recvonly',
      canReceive: audio.direction === 'sendrecv' || audio.direction === 'sendonly',
    };
    return { ok: true, media };
  }
  return { ok: false, fault: 'no-common-codec' };
}

import { parseIpAddress } from './host.ts';

/** The audio stream of a session description, as far as a test call needs it. */
export type SdpAudio = {
  /** Literal address of its connection line; `undefined` for a host name, which nobody here looks up. */
  readonly address: string | undefined;
  /** 0: rejected, or put away. */
  readonly port: number;
  readonly rtcpPort: number;
  readonly rtcpAddress: string | undefined;
  readonly protocol: string;
  /** In the order of preference. */
  readonly payloadTypes: readonly number[];
  /** Encoding name in lower case and clock rate, by payload type, where an rtpmap says. */
  readonly encodings: ReadonlyMap<number, { readonly name: string; readonly clockRateHz: number }>;
  readonly packetMs: number | undefined;
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
};

/** A description with the number of its media, or why it is none and on which line, counted from 1. */
export type SdpResult =
  | { readonly ok: true; readonly audio: SdpAudio | undefined; readonly mediaCount: number }
  | { readonly ok: false; readonly fault: SdpFault; readonly line: number };

/** Everything that makes a text no session description. */
export type SdpFault = 'too-long' | 'bad-version' | 'bad-line' | 'bad-connection' | 'bad-media' | 'bad-attribute';

const MAX_CHARACTERS = 16_384;
const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
type Direction = (typeof DIRECTIONS)[number];
type Draft = { -readonly [Key in keyof SdpAudio]: SdpAudio[Key] } & {
  encodings: Map<number, { name: string; clockRateHz: number }>;
  hasRtcp: boolean;
};

/**
 * Reads a session description and its first audio stream. Never throws.
 *
 * ```
 * v=0                                          first line
 * c=IN IP4|IP6 ADDRESS[/TTL]                   of the session, or of a medium, which wins
 * a=sendrecv|sendonly|recvonly|inactive        likewise
 * m=audio PORT[/COUNT] PROTOCOL FORMAT...      begins a medium
 * a=rtpmap:TYPE NAME/RATE[/CHANNELS]
 * a=ptime:MS
 * a=rtcp:PORT [IN IP4|IP6 ADDRESS]             otherwise RTCP is one above the port
 * ```
 *
 * Lines end in CRLF or LF; other lines are passed over.
 *
 * @see RFC 8866 §5, §6; RFC 3605 §2.1 (`rtcp`); RFC 3264 §5, §6
 */
export function parseSdp(text: string): SdpResult {
  if (text.length > MAX_CHARACTERS) return { ok: false, fault: 'too-long', line: 1 };
  const lines = text.split(/\r?\n/);
  if (lines[0] !== 'v=0') return { ok: false, fault: 'bad-version', line: 1 };
  const session: { address: string | undefined; direction: Direction } = { address: undefined, direction: 'sendrecv' };
  let audio: Draft | undefined;
  let mediaCount = 0;
  let isInAudio = false;
  for (const [index, line] of lines.entries()) {
    const refuse = (fault: SdpFault) => ({ ok: false, fault, line: index + 1 }) as const;
    if (line === '' && lines.slice(index).every((rest) => rest === '')) break;
    const value = line.slice(2);
    if (!/^[a-z]=/.test(line)) return refuse('bad-line');
    if (line.startsWith('m=')) {
      const medium = readMedium(value, session);
      if (!medium) return refuse('bad-media');
      mediaCount += 1;
      isInAudio = audio === undefined && medium.isAudio;
      if (isInAudio) audio = medium.draft;
    } else if (line.startsWith('c=')) {
      const connection = /^IN IP[46] (\S+)$/.exec(value)?.[1];
      if (connection === undefined) return refuse('bad-connection');
      const address = literal(connection.split('/')[0] ?? '');
      if (mediaCount === 0) session.address = address;
      else if (isInAudio && audio) audio.address = address;
    } else if (line.startsWith('a=')) {
      const isSound =
        mediaCount === 0 ? readDirection(value, session) : !isInAudio || !audio || readAttribute(value, audio);
      if (!isSound) return refuse('bad-attribute');
    }
  }
  if (!audio) return { ok: true, audio: undefined, mediaCount };
  const { hasRtcp, ...stream } = audio;
  const rtcpPort = hasRtcp ? stream.rtcpPort : stream.port + 1;
  return { ok: true, audio: { ...stream, rtcpPort: rtcpPort > 65_535 ? 0 : rtcpPort }, mediaCount };
}

function readMedium(
  value: string,
  session: { readonly address: string | undefined; readonly direction: Direction },
): { readonly isAudio: boolean; readonly draft: Draft } | undefined {
  const match = /^(\S+) (\d{1,5})(?:\/\d{1,5})? (\S+)((?: \S+)+)$/.exec(value);
  if (!match || Number(match[2]) > 65_535) return undefined;
  const isAudio = match[1] === 'audio';
  const formats = (match[4] ?? '').trim().split(' ').map(Number);
  if (isAudio && !formats.every((type) => Number.isInteger(type) && type >= 0 && type <= 127)) return undefined;
  const draft: Draft = {
    address: session.address,
    port: Number(match[2]),
    rtcpPort: 0,
    rtcpAddress: undefined,
    protocol: match[3] ?? '',
    payloadTypes: formats,
    encodings: new Map(),
    packetMs: undefined,
    direction: session.direction,
    hasRtcp: false,
  };
  return { isAudio, draft };
}

function readAttribute(value: string, audio: Draft): boolean {
  if (value.startsWith('rtpmap:')) {
    const match = /^rtpmap:(\d{1,3}) ([^/\s]+)\/(\d{1,6})(?:\/\d+)?$/.exec(value);
    if (!match) return false;
    audio.encodings.set(Number(match[1]), { name: (match[2] ?? '').toLowerCase(), clockRateHz: Number(match[3]) });
  } else if (value.startsWith('ptime:')) {
    const packetMs = Number(/^ptime:(\d{1,4})(?:\.\d+)?$/.exec(value)?.[1]);
    if (!(packetMs >= 1 && packetMs <= 1000)) return false;
    audio.packetMs = packetMs;
  } else if (value.startsWith('rtcp:')) {
    const match = /^rtcp:(\d{1,5})(?: IN IP[46] (\S+))?$/.exec(value);
    if (!match || Number(match[1]) > 65_535) return false;
    audio.hasRtcp = true;
    audio.rtcpPort = Number(match[1]);
    audio.rtcpAddress = match[2] === undefined ? undefined : literal(match[2]);
  } else return readDirection(value, audio);
  return true;
}

function readDirection(value: string, target: { direction: Direction }): boolean {
  const direction = DIRECTIONS.find((each) => each === value);
  if (direction) target.direction = direction;
  return true;
}

function literal(text: string): string | undefined {
  return parseIpAddress(text) ? text : undefined;
}

import { MAX_MESSAGE_BYTES } from './message.ts';

/** Why a stream cannot be read on: where the next message begins is not known any more, so the connection must go. */
export type StreamFault = 'message-too-long' | 'no-content-length' | 'bad-content-length';

/** Whole messages found, and the bytes that wait for more; "need more" is no fault. */
export type StreamDecodeResult =
  | { readonly ok: true; readonly messages: readonly Uint8Array[]; readonly rest: Uint8Array }
  | { readonly ok: false; readonly fault: StreamFault; readonly messages: readonly Uint8Array[] };

/** What a stream begins with. */
export const NO_REST: Uint8Array = new Uint8Array(0);

const CR = 0x0d;
const LF = 0x0a;

type Head = { readonly kind: 'wait' } | { readonly kind: 'fault'; readonly fault: StreamFault } | Framed;
type Framed = { readonly kind: 'framed'; readonly endAt: number };

/**
 * Cuts a byte stream into SIP messages.
 *
 * ```
 * *CRLF             keep-alives between messages (RFC 5626 §3.5.1), passed over
 * start line, headers, CRLF CRLF
 * body              exactly Content-Length bytes
 * ```
 *
 * Only the frame is read; each message is then parsed as a datagram would be. Content-Length is needed on a stream, and
 * no message may be longer than {@link MAX_MESSAGE_BYTES}, head and body together.
 *
 * @param rest - what the last call left; start with {@link NO_REST}.
 * @param chunk - bytes as they came, cut anywhere.
 * @see RFC 3261 §18.3, §20.14, §7.5.
 */
export function decodeStream(rest: Uint8Array, chunk: Uint8Array): StreamDecodeResult {
  const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
  const messages: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    while (bytes[at] === CR && bytes[at + 1] === LF) at += 2;
    const head = readHead(bytes, at);
    if (head.kind === 'fault') return { ok: false, fault: head.fault, messages };
    if (head.kind === 'wait' || head.endAt > bytes.length) return { ok: true, messages, rest: bytes.subarray(at) };
    messages.push(bytes.subarray(at, head.endAt));
    at = head.endAt;
  }
}

function readHead(bytes: Buffer, at: number): Head {
  const blankAt = bytes.indexOf('\r\n\r\n', at, 'latin1');
  const headBytes = (blankAt < 0 ? bytes.length : blankAt + 4) - at;
  if (headBytes > MAX_MESSAGE_BYTES) return { kind: 'fault', fault: 'message-too-long' };
  if (blankAt < 0) return { kind: 'wait' };
  const lengths = contentLengths(bytes.toString('latin1', at, blankAt + 2));
  const [first] = lengths;
  if (first === undefined) return { kind: 'fault', fault: 'no-content-length' };
  if (!/^\d+$/.test(first) || lengths.some((other) => Number(other) !== Number(first))) {
    return { kind: 'fault', fault: 'bad-content-length' };
  }
  const bodyBytes = Number(first);
  if (headBytes + bodyBytes > MAX_MESSAGE_BYTES) return { kind: 'fault', fault: 'message-too-long' };
  return { kind: 'framed', endAt: blankAt + 4 + bodyBytes };
}

/** Every value of Content-Length or its compact form, folds undone. */
function contentLengths(head: string): readonly string[] {
  return head
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .slice(1)
    .flatMap((line) => {
      const match = /^(?:content-length|l)[ \t]*:(.*)$/is.exec(line);
      return match?.[1] === undefined ? [] : [match[1].trim()];
    });
}

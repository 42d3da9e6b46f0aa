import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES, parseMessage } from '../../../../probes/measure/sip/message.ts';
import { decodeStream, NO_REST } from '../../../../probes/measure/sip/message-stream.ts';

/** Two of RFC 4475's shapes: compact and folded Content-Length, a body with CRLF CRLF in it, and a keep-alive between. */
const FIRST =
  'SIP/2.0 200 OK\r\nv: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\nf: <sip:a@b>;tag=1\r\nt: <sip:c@d>;tag=2\r\n' +
  'i: 1@b\r\nCSeq: 1 OPTIONS\r\nl:\r\n  8\r\n\r\nab\r\n\r\ncd';
const SECOND =
  'SIP/2.0 503 Busy\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK2\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n' +
  'Call-ID: 2@b\r\nCSeq: 2 OPTIONS\r\nContent-Length: 0\r\n\r\n';
const STREAM = Buffer.from(`\r\n\r\n${FIRST}\r\n${SECOND}\r\n\r\n`, 'latin1');

function decodeAll(chunks: readonly Uint8Array[]) {
  let rest = NO_REST;
  const texts: string[] = [];
  for (const chunk of chunks) {
    const decoded = decodeStream(rest, chunk);
    texts.push(...decoded.messages.map((bytes) => Buffer.from(bytes).toString('latin1')));
    if (!decoded.ok) return { texts, rest, fault: decoded.fault };
    rest = decoded.rest;
  }
  return { texts, rest, fault: undefined };
}

describe('a stream', () => {
  test('gives the same messages wherever it is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const { texts, rest } = decodeAll([STREAM.subarray(0, cut), STREAM.subarray(cut)]);
      expect(texts, `cut at ${cut}`).toEqual([FIRST, SECOND]);
      expect(rest.length).toBe(0);
    }
  });

  test('gives the same messages byte by byte, and each parses', () => {
    const { texts } = decodeAll([...STREAM].map((byte) => Uint8Array.of(byte)));
    expect(texts).toEqual([FIRST, SECOND]);
    expect(texts.map((text) => parseMessage(Buffer.from(text, 'latin1')).ok)).toEqual([true, true]);
  });

  test.each([
    ['no-content-length', 'SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n'],
    ['bad-content-length', 'SIP/2.0 200 OK\r\nContent-Length: -5\r\n\r\n'],
    ['bad-content-length', 'SIP/2.0 200 OK\r\nContent-Length: 1\r\nl: 2\r\n\r\n'],
    ['message-too-long', 'SIP/2.0 200 OK\r\nContent-Length: 9999999999\r\n\r\n'],
    ['message-too-long', 'x'.repeat(MAX_MESSAGE_BYTES + 1)],
  ])('ends with %s, keeping the message before', (fault, text) => {
    const { texts, fault: found } = decodeAll([Buffer.from(SECOND + text, 'latin1')]);
    expect(found).toBe(fault);
    expect(texts).toEqual([SECOND]);
  });

  test('never throws and never holds more than the cap', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const { rest } = decodeAll(chunks);
        expect(rest.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      }),
    );
  });
});

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decoded, LineDecoder } from '../../../../probes/measure/line/line-decoder.ts';
import { dataHead, encodeMessage, type LineMessage } from '../../../../probes/measure/line/line-record.ts';
import { isSealed, lineKey, sealMessage } from '../../../../probes/measure/line/line-seal-probe.ts';
import { hex } from '../../../support/hex.ts';

const MAC = '00'.repeat(32);
const NONCE = Uint8Array.from({ length: 16 }, (_, at) => at + 1);

const OPEN = hex(`
  01 00 00 40 | open, 64 bytes
  01 02 00 00 | version 1, reverse
  00 40 00 00 | 4 MiB
  00 00 13 88 | 5000 ms
  00 00 c3 50 | 50000 kbit/s
  01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10
  ${MAC}      | MAC
`);
const RESULT = hex(`
  05 00 00 30 | result, 48 bytes
  00 13 12 d0 | 1250000 bytes
  00 4c 4b 40 | 5000000 µs
  00 09 89 68 | 625000 bytes
  00 26 25 a0 | 2500000 µs
  ${MAC}      | MAC
`);
const BYE = hex(`06 00 00 24 01 00 00 00 ${MAC}`);
const ACCEPT = hex(`02 00 00 30 01 00 00 00 00 00 00 05 00 00 00 06 00 00 27 10 ${MAC}`);
const END = hex(`04 00 00 28 00 00 00 07 00 00 00 01 ${MAC}`);
const DATA = hex('03 00 00 05 68 65 6c 6c 6f | data, 5 bytes');

const MESSAGES: readonly (readonly [Uint8Array, LineMessage])[] = [
  [OPEN, { kind: 'open', direction: 'reverse', maxBytes: 4_194_304, maxMs: 5000, maxKbps: 50_000, nonce: NONCE }],
  [ACCEPT, { kind: 'accept', maxBytes: 5, maxMs: 6, maxKbps: 10_000 }],
  [END, { kind: 'end', sentBytes: 7, isHeld: true }],
  [RESULT, { kind: 'result', bytes: 1_250_000, durationMs: 5000, steadyBytes: 625_000, steadyMs: 2500 }],
  [BYE, { kind: 'bye', because: 'live-calls' }],
];

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** What came, with neighbouring pieces of data taken together. */
function told(found: readonly Decoded[]): readonly unknown[] {
  const all: unknown[] = [];
  let bytes = 0;
  for (const each of found) {
    if (each.kind === 'data') {
      bytes += each.bytes;
      continue;
    }
    if (bytes > 0) all.push(bytes);
    bytes = 0;
    all.push(each.message);
  }
  return bytes > 0 ? [...all, bytes] : all;
}

describe('records of a line transfer', () => {
  it.each(MESSAGES)('are read from bytes written by hand', (bytes, message) => {
    const { fault, found } = new LineDecoder().take(bytes);
    expect({ fault, found }).toEqual({ fault: undefined, found: [{ kind: 'message', message, record: bytes }] });
  });

  it.each(MESSAGES)('are written as they are read, but for the MAC', (bytes, message) => {
    expect(encodeMessage(message)).toEqual(bytes);
  });

  it('mean the same wherever the stream is cut', () => {
    const stream = joined(OPEN, ACCEPT, DATA, dataHead(3), Uint8Array.of(1, 2, 3), END, RESULT, BYE);
    const whole = told(new LineDecoder().take(stream).found);
    expect(whole).toHaveLength(6);
    expect(whole[2]).toBe(8);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const decoder = new LineDecoder();
      const [first, second] = [decoder.take(stream.subarray(0, cut)), decoder.take(stream.subarray(cut))];
      expect(told([...first.found, ...second.found])).toEqual(whole);
      expect(second.fault).toBe(undefined);
    }
  });

  it.each([
    ['a kind that is not known', '07 00 00 04', 'bad-kind'],
    ['text of another protocol', '47 45 54 20', 'bad-kind'],
    ['an opening of another length', '01 00 00 41', 'bad-length'],
    ['an opening that would need memory', '01 ff ff ff', 'bad-length'],
    ['data of no length', '03 00 00 00', 'bad-length'],
    ['data above the most', '03 01 00 01', 'bad-length'],
    ['another version', `01 00 00 40 02 01 00 00 ${'00'.repeat(60)}`, 'bad-value'],
    ['a direction that is not known', `01 00 00 40 01 03 00 00 ${'00'.repeat(60)}`, 'bad-value'],
    ['a reason that is not known', `06 00 00 24 09 00 00 00 ${MAC}`, 'bad-value'],
  ])('end the reading at %s, and nothing after it is read', (_name, text, fault) => {
    const decoder = new LineDecoder();
    expect(decoder.take(hex(text))).toEqual({ found: [], fault });
    expect(decoder.take(END)).toEqual({ found: [], fault });
  });

  it('never throw, whatever comes in whatever pieces', () => {
    const pieces = fc.array(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(OPEN, DATA, END, RESULT)));
    fc.assert(
      fc.property(pieces, (all) => {
        const decoder = new LineDecoder();
        for (const piece of all) {
          const { found } = decoder.take(piece);
          const counted = found.reduce((sum, each) => sum + (each.kind === 'data' ? each.bytes : 0), 0);
          expect(counted).toBeLessThanOrEqual(piece.length);
        }
      }),
    );
  });
});

describe('the MAC of a record', () => {
  const key = lineKey(Buffer.alloc(32, 7).toString('base64url'));

  it('is HMAC-SHA-256 over label, nonce and record (RFC 2104)', () => {
    const record = sealMessage({ kind: 'end', sentBytes: 7, isHeld: true }, key, NONCE);
    const expected = createHmac('sha256', Buffer.alloc(32, 7))
      .update(Buffer.concat([Buffer.from('trunkward line 1'), NONCE, END.subarray(0, 12)]))
      .digest();
    expect(Buffer.from(record.subarray(12)).equals(expected)).toBe(true);
    expect(isSealed(record, key, NONCE)).toBe(true);
  });

  it('holds for no other key, nonce, kind or byte', () => {
    const record = sealMessage({ kind: 'end', sentBytes: 7, isHeld: true }, key, NONCE);
    expect(isSealed(record, lineKey(Buffer.alloc(32, 8).toString('base64url')), NONCE)).toBe(false);
    expect(isSealed(record, key, new Uint8Array(16))).toBe(false);
    for (let at = 0; at < record.length; at += 1) {
      const other = record.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(isSealed(other, key, NONCE)).toBe(false);
    }
    expect(isSealed(record.subarray(0, 20), key, NONCE)).toBe(false);
  });
});

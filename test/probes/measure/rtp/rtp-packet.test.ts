import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRtp, parseRtp, writeRtpHeader } from '../../../../probes/measure/rtp/rtp-packet.ts';
import { hex } from '../../../support/hex.ts';

// Written from the figure in RFC 3550 §5.1.
const PLAIN = hex(`
  80 00 12 34 | V=2, PT=0 (PCMU), sequence 0x1234
  00 00 00 a0 | timestamp 160
  de ad be ef | SSRC
  ff ff       | payload
`);
const FULL = hex(`
  b2 e5 ff ff | V=2, P, X, CC=2; marker, PT=101; sequence 65535
  ff ff ff 60 | timestamp 2^32 - 160
  00 00 00 01 | SSRC
  00 00 00 02 | CSRC
  ff ff ff ff | CSRC
  be de 00 01 | extension profile, 1 word
  10 aa 00 00 | extension
  01 02 03    | payload
  00 00 03    | padding of 3
`);

describe('an RTP packet (RFC 3550 §5.1)', () => {
  test('is read field by field', () => {
    expect(parseRtp(PLAIN)).toEqual({
      ok: true,
      packet: {
        hasMarker: false,
        payloadType: 0,
        sequenceNumber: 0x1234,
        rtpTimestamp: 160,
        ssrc: 0xdeadbeef,
        csrcs: [],
        payload: Uint8Array.of(0xff, 0xff),
      },
    });
  });

  test('is read with marker, CSRCs, header extension and padding', () => {
    expect(parseRtp(FULL)).toEqual({
      ok: true,
      packet: {
        hasMarker: true,
        payloadType: 101,
        sequenceNumber: 65_535,
        rtpTimestamp: 2 ** 32 - 160,
        ssrc: 1,
        csrcs: [2, 0xffffffff],
        payload: Uint8Array.of(1, 2, 3),
      },
    });
  });

  test('gives a view of the bytes, also inside a larger buffer', () => {
    const larger = new Uint8Array(40);
    larger.set(PLAIN, 7);
    const result = parseRtp(larger.subarray(7, 7 + PLAIN.length));
    expect(result.ok && result.packet.payload.byteOffset).toBe(19);
  });

  test.each([
    ['11 bytes', '80 00 12 34 00 00 00 a0 de ad be', 'too-short', 11],
    ['version 1', '40 00 12 34 00 00 00 a0 de ad be ef', 'bad-version', 0],
    ['an RTCP sender report', '80 c8 00 06 00 00 00 a0 de ad be ef', 'is-rtcp', 1],
    ['fewer CSRCs than it says', '81 00 12 34 00 00 00 a0 de ad be ef 00 00', 'truncated-csrcs', 14],
    ['no room for an extension header', '90 00 12 34 00 00 00 a0 de ad be ef be de', 'truncated-extension', 12],
    ['an extension past the end', '90 00 12 34 00 00 00 a0 de ad be ef be de 00 01 00 00', 'truncated-extension', 14],
    ['padding of 0', 'a0 00 12 34 00 00 00 a0 de ad be ef 00', 'bad-padding', 12],
    ['more padding than payload', 'a0 00 12 34 00 00 00 a0 de ad be ef 01 03', 'bad-padding', 13],
  ])('with %s is refused', (_, text, fault, offset) => {
    expect(parseRtp(hex(text))).toEqual({ ok: false, fault, offset });
  });

  test('is written as the RFC draws it, with counters cut to their fields', () => {
    const header = { hasMarker: false, payloadType: 0, sequenceNumber: 0x51234, rtpTimestamp: 160, ssrc: 0xdeadbeef };
    expect(encodeRtp(header, Uint8Array.of(0xff, 0xff))).toEqual(PLAIN);
    expect(() => writeRtpHeader(new Uint8Array(11), header)).toThrow(RangeError);
  });

  test('of any bytes never throws, and its payload lies within them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const result = parseRtp(bytes);
        const used = result.ok ? result.packet.payload.byteOffset + result.packet.payload.length : result.offset;
        expect(used).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  test('comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.record({
          hasMarker: fc.boolean(),
          payloadType: fc.integer({ min: 0, max: 71 }),
          sequenceNumber: fc.integer({ min: 0, max: 65_535 }),
          rtpTimestamp: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
          ssrc: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        }),
        fc.uint8Array({ maxLength: 200 }),
        (header, payload) => {
          expect(parseRtp(encodeRtp(header, payload))).toEqual({ ok: true, packet: { ...header, csrcs: [], payload } });
        },
      ),
    );
  });
});

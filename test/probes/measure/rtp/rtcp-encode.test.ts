import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRtcp, type SentRtcpPacket } from '../../../../probes/measure/rtp/rtcp-encode.ts';
import { parseRtcp } from '../../../../probes/measure/rtp/rtcp-parse.ts';
import { hex } from '../../../support/hex.ts';

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const report = fc.record({
  ssrc: uint32,
  fractionLost: fc.integer({ min: 0, max: 255 }),
  cumulativeLost: fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }),
  extendedSequence: uint32,
  interarrivalJitter: uint32,
  lastSr: uint32,
  delaySinceLastSr: uint32,
});
const reports = fc.array(report, { maxLength: 31 });
const first: fc.Arbitrary<SentRtcpPacket> = fc.oneof(
  fc.record({ kind: fc.constant('receiver-report' as const), ssrc: uint32, reports }),
  fc.record({
    kind: fc.constant('sender-report' as const),
    ssrc: uint32,
    ntpSeconds: uint32,
    ntpFraction: uint32,
    rtpTimestamp: uint32,
    packetCount: uint32,
    octetCount: uint32,
    reports,
  }),
);
const cname = fc.option(fc.string({ maxLength: 60 }), { nil: undefined });
const more: fc.Arbitrary<SentRtcpPacket> = fc.oneof(
  fc.record({
    kind: fc.constant('source-description' as const),
    chunks: fc.array(fc.record({ ssrc: uint32, cname }), { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant('bye' as const), ssrcs: fc.array(uint32, { maxLength: 31 }) }),
);

describe('encodeRtcp', () => {
  test('writes a receiver report, the CNAME and a BYE as the RFC draws them', () => {
    const block = {
      ssrc: 7,
      fractionLost: 64,
      cumulativeLost: -2,
      extendedSequence: 65_541,
      interarrivalJitter: 100,
      lastSr: 0xb7052000,
      delaySinceLastSr: 0x54000,
    };
    expect(
      encodeRtcp([
        { kind: 'receiver-report', ssrc: 1, reports: [block] },
        { kind: 'source-description', chunks: [{ ssrc: 1, cname: 'a@bc' }] },
        { kind: 'bye', ssrcs: [1] },
      ]),
    ).toEqual(
      hex(`
        81 c9 00 07 00 00 00 01 | RR, 8 words, SSRC
        00 00 00 07 40 ff ff fe | source, fraction 64/256, cumulative -2
        00 01 00 05 00 00 00 64 | one cycle and 5, jitter 100
        b7 05 20 00 00 05 40 00 | LSR, DLSR
        81 ca 00 03 00 00 00 01 | SDES, 4 words, SSRC
        01 04 61 40 62 63 00 00 | CNAME a@bc, end, filled to the word
        81 cb 00 01 00 00 00 01 | BYE
      `),
    );
  });

  test.each([
    [2 ** 23, '7f ff ff'],
    [-(2 ** 23) - 1, '80 00 00'],
  ])('clamps a cumulative loss of %i to 24 bits (RFC 3550 §6.4.1)', (cumulativeLost, text) => {
    const block = {
      ssrc: 0,
      fractionLost: 0,
      extendedSequence: 0,
      interarrivalJitter: 0,
      lastSr: 0,
      delaySinceLastSr: 0,
    };
    const bytes = encodeRtcp([{ kind: 'receiver-report', ssrc: 1, reports: [{ ...block, cumulativeLost }] }]);
    expect(bytes.subarray(13, 16)).toEqual(hex(text));
  });

  test('refuses more entries than the count can say, and a CNAME too long', () => {
    const ssrcs = Array.from({ length: 32 }, (_, at) => at);
    expect(() => encodeRtcp([{ kind: 'bye', ssrcs }])).toThrow('32 entries, at most 31');
    const chunks = [{ ssrc: 1, cname: 'x'.repeat(256) }];
    expect(() => encodeRtcp([{ kind: 'source-description', chunks }])).toThrow('256 bytes, at most 255');
  });

  test('writes what parseRtcp reads back', () => {
    fc.assert(
      fc.property(first, fc.array(more, { maxLength: 4 }), (head, tail) => {
        expect(parseRtcp(encodeRtcp([head, ...tail]))).toEqual({ ok: true, packets: [head, ...tail] });
      }),
    );
  });
});

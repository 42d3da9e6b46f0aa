import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRtcp } from '../../../../probes/measure/rtp/rtcp-parse.ts';
import { hex } from '../../../support/hex.ts';

// Written from the figures in RFC 3550 §6.4.1, §6.5 and §6.6.
const REPORT = `
  00 00 00 07 | SSRC of the source
  40 ff ff fe | fraction 64/256, cumulative lost -2
  00 01 00 05 | one cycle, sequence 5
  00 00 00 64 | jitter 100
  b7 05 20 00 | LSR
  00 05 40 00 | DLSR 5.25 s
`;
const SENDER_REPORT = `
  81 c8 00 0c | V=2, RC=1, SR, 13 words
  00 00 00 01 | SSRC
  b4 4d b7 05 | NTP seconds
  20 00 00 00 | NTP fraction
  00 00 03 e8 | RTP timestamp
  00 00 00 32 | packets
  00 00 1f 40 | octets
  ${REPORT}
`;
const DESCRIPTION = `
  81 ca 00 04 | V=2, SC=1, SDES, 5 words
  00 00 00 01 | SSRC
  02 01 78 01 | NAME "x", then CNAME …
  04 61 40 62 | … of 4 bytes: a@b
  63 00 00 00 | c, end, filled to the word
`;
const BYE = `
  82 cb 00 02 | V=2, SC=2, BYE
  00 00 00 01
  00 00 00 02
`;

describe('compound RTCP (RFC 3550 §6)', () => {
  test('is read packet by packet, with a signed cumulative loss', () => {
    expect(parseRtcp(hex(SENDER_REPORT + DESCRIPTION + BYE))).toEqual({
      ok: true,
      packets: [
        {
          kind: 'sender-report',
          ssrc: 1,
          ntpSeconds: 0xb44db705,
          ntpFraction: 0x20000000,
          rtpTimestamp: 1000,
          packetCount: 50,
          octetCount: 8000,
          reports: [
            {
              ssrc: 7,
              fractionLost: 64,
              cumulativeLost: -2,
              extendedSequence: 65_541,
              interarrivalJitter: 100,
              lastSr: 0xb7052000,
              delaySinceLastSr: 5.25 * 65_536,
            },
          ],
        },
        { kind: 'source-description', chunks: [{ ssrc: 1, cname: 'a@bc' }] },
        { kind: 'bye', ssrcs: [1, 2] },
      ],
    });
  });

  test('may be a receiver report without blocks, padded, or followed by kinds that nobody reads', () => {
    expect(parseRtcp(hex('80 c9 00 01 00 00 00 09  80 cc 00 01 00 00 00 09'))).toEqual({
      ok: true,
      packets: [
        { kind: 'receiver-report', ssrc: 9, reports: [] },
        { kind: 'other', packetType: 204 },
      ],
    });
    expect(parseRtcp(hex('a0 c9 00 02 00 00 00 09 00 00 00 04'))).toEqual({
      ok: true,
      packets: [{ kind: 'receiver-report', ssrc: 9, reports: [] }],
    });
  });

  test.each([
    ['nothing', '', 'too-short', 0],
    ['3 bytes', '80 c9 00', 'too-short', 0],
    ['version 0', '00 c9 00 01 00 00 00 09', 'bad-version', 0],
    ['a length past the end', '80 c9 00 02 00 00 00 09', 'bad-length', 2],
    ['an SDES first', '80 ca 00 00', 'bad-first', 1],
    ['a report count above its length', '81 c9 00 01 00 00 00 09', 'bad-count', 0],
    ['an SR without its sender part', '80 c8 00 01 00 00 00 09', 'bad-count', 0],
    ['a BYE with more sources than bytes', '80 c9 00 01 00 00 00 09 83 cb 00 01 00 00 00 09', 'bad-count', 8],
    ['an SDES item past its chunk', '80 c9 00 01 00 00 00 09 81 ca 00 02 00 00 00 09 01 ff 61 00', 'bad-count', 8],
    ['an SDES chunk without end', '80 c9 00 01 00 00 00 09 81 ca 00 01 00 00 00 09', 'bad-count', 8],
    ['padding that is no word', 'a0 c9 00 02 00 00 00 09 00 00 00 03', 'bad-padding', 11],
    ['padding before the last packet', 'a0 c9 00 02 00 00 00 09 00 00 00 04 80 cb 00 00', 'bad-padding', 11],
  ])('with %s is refused', (_, text, fault, offset) => {
    expect(parseRtcp(hex(text))).toEqual({ ok: false, fault, offset });
  });

  test('cut anywhere but between its packets is refused', () => {
    const bytes = hex(SENDER_REPORT + DESCRIPTION + BYE);
    const ends = [52, 72];
    for (let cut = 0; cut < bytes.length; cut += 1) {
      expect([cut, parseRtcp(bytes.subarray(0, cut)).ok]).toEqual([cut, ends.includes(cut)]);
    }
  });

  test('of any bytes never throws', () => {
    const likely = fc.uint8Array({ maxLength: 80 }).map((bytes) => Uint8Array.of(0x81, 0xc9, 0, 1, ...bytes));
    fc.assert(
      fc.property(fc.oneof(likely, fc.uint8Array({ maxLength: 80 })), (bytes) => {
        expect(parseRtcp(bytes)).toHaveProperty('ok');
      }),
    );
  });
});

import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  memoryPackets,
  packetBytes,
  readMeshPacket,
  writeReply,
  writeRequest,
} from '../../../../probes/measure/rtp/mesh-packet.ts';
import { isSealed, seal, sessionTag } from '../../../../probes/measure/rtp/mesh-seal-probe.ts';
import { hex } from '../../../support/hex.ts';

const REQUEST = hex(`
  80 00 00 05 | RTP: V=2, PT=0, sequence 5
  00 00 03 20 | timestamp 800
  de ad be ef | SSRC
  01 01 00 00 | version 1, request
  01 23 45 67 89 ab cd ef | tag
  00 01 00 05 | extended 65541
  00 06 4a 3f 12 34 56 78 | sent
  00 00 01 f4 | 500 us late
  ${'00 '.repeat(52)} | the reflector's part
  ${'00 '.repeat(16)} | MAC
`);
const request = { tag: '0123456789abcdef', extended: 65_541, sentAtUs: 0x64a3f * 2 ** 32 + 0x12345678, lateUs: 500 };

describe('a packet of the mesh', () => {
  test('is read and written as its layout says', () => {
    expect(readMeshPacket(REQUEST)).toEqual({ kind: 'request', ssrc: 0xdeadbeef, rtpTimestamp: 800, ...request });
    const bytes = new Uint8Array(packetBytes(96));
    writeRequest(bytes, { ssrc: 0xdeadbeef, rtpTimestamp: 800 }, request);
    expect(bytes).toEqual(REQUEST);
  });

  test.each([
    ['too short', REQUEST.subarray(0, 107)],
    ['no RTP', REQUEST.with(0, 0x90)],
    ['of another version', REQUEST.with(12, 2)],
    ['of no known kind', REQUEST.with(13, 4)],
    ['whose two numbers disagree', REQUEST.with(3, 6)],
  ])('that is %s is none', (_, bytes) => {
    expect(readMeshPacket(bytes)).toBeUndefined();
  });

  test('a reply has the length of its request, and speaks of 512 packets with 160 bytes of payload', () => {
    expect(memoryPackets(96)).toBe(0);
    expect(memoryPackets(160)).toBe(512);
    const bytes = new Uint8Array(packetBytes(160));
    const memory = new Uint8Array(64).fill(0xa5);
    const reply = {
      ...request,
      kind: 'pause',
      because: 'live-calls',
      replyExtended: 70_000,
      receivedAtUs: 2 ** 52 + 1,
      repliedAtUs: 2 ** 52 + 3,
      highest: 65_541,
      distinct: 9,
      duplicates: 1,
      reordered: 2,
      jitterUs: 1234,
      correctionMs: -1.5,
      clockErrorMs: 0.25,
      dropMarks: 200,
      memory,
    } as const;
    writeReply(bytes, { ssrc: 7, rtpTimestamp: 1 }, reply);
    expect(bytes).toHaveLength(172);
    expect(readMeshPacket(bytes)).toEqual({ ssrc: 7, rtpTimestamp: 1, ...reply });
  });

  test('of any bytes never throws', () => {
    const likely = fc.uint8Array({ minLength: 100, maxLength: 200 }).map((bytes) => Uint8Array.of(0x80, 0, ...bytes));
    fc.assert(
      fc.property(fc.oneof(likely, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(() => readMeshPacket(bytes)).not.toThrow();
      }),
    );
  });
});

describe('the seal of a packet', () => {
  test('is the HMAC-SHA-256 of RFC 4231, cut to 16 bytes', () => {
    // RFC 4231 §4.2: key of twenty 0b, "Hi There".
    const packet = Uint8Array.of(...new TextEncoder().encode('Hi There'), ...new Uint8Array(16));
    const key = createSecretKey(new Uint8Array(20).fill(0x0b));
    seal(packet, key);
    expect(packet.subarray(8)).toEqual(hex('b0344c61d8db38535ca8afceaf0bf12b'));
    expect(isSealed(packet, key)).toBe(true);
  });

  test('is broken by any changed bit, another key, or a cut packet', () => {
    const key = createSecretKey(new Uint8Array(32).fill(1));
    const packet = REQUEST.slice();
    seal(packet, key);
    for (let at = 0; at < packet.length; at += 1)
      expect(isSealed(packet.with(at, (packet[at] ?? 0) ^ 1), key)).toBe(false);
    expect(isSealed(packet, createSecretKey(new Uint8Array(32).fill(2)))).toBe(false);
    expect(isSealed(packet.subarray(0, 15), key)).toBe(false);
  });

  test('a tag is of the session and of the key', () => {
    const key = createSecretKey(new Uint8Array(32).fill(1));
    const tags = [
      sessionTag('session-1', key),
      sessionTag('session-2', key),
      sessionTag('session-1', createSecretKey(new Uint8Array(32))),
    ];
    expect(new Set(tags).size).toBe(3);
    expect(tags[0]).toMatch(/^[0-9a-f]{16}$/);
  });
});

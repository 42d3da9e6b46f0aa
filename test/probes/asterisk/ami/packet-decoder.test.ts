import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allValues, firstValue } from '../../../../probes/asterisk/ami/ami-packet.ts';
import {
  DEFAULT_DECODER_LIMITS,
  type Decoded,
  type DecoderFault,
  PacketDecoder,
} from '../../../../probes/asterisk/ami/packet-decoder.ts';
import { readCapture } from '../../../support/ami-capture.ts';

const GREETING = 'Asterisk Call Manager/11.0.0\r\n';

type Whole = { readonly found: readonly Decoded[]; readonly fault: DecoderFault | undefined };

function decode(pieces: readonly (string | Uint8Array)[], limits = DEFAULT_DECODER_LIMITS): Whole {
  const decoder = new PacketDecoder(limits);
  const found: Decoded[] = [];
  let fault: DecoderFault | undefined;
  for (const piece of pieces) {
    const step = decoder.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
    found.push(...step.found);
    fault = step.fault;
  }
  return { found, fault };
}

function headersOf(whole: Whole): readonly (readonly (readonly [string, string])[])[] {
  return whole.found.flatMap((item) => (item.kind === 'packet' ? [item.packet.headers] : []));
}

describe('what a stream says', () => {
  test('the greeting gives the version of the interface', () => {
    expect(decode([GREETING]).found).toEqual([{ kind: 'greeting', amiVersion: '11.0.0' }]);
  });

  test.each(['SSH-2.0-OpenSSH_9.2\r\n', 'Asterisk Call Manager/\r\n', 'asterisk call manager/1.0\r\n', '\r\n'])(
    'a first line that is no greeting is a fault: %j',
    (line) => {
      expect(decode([line, 'Event: X\r\n\r\n'])).toEqual({ found: [], fault: 'bad-greeting' });
    },
  );

  test('repeated keys stay in order, and one blank after the colon is taken off, no more', () => {
    const whole = decode([
      GREETING,
      'Response: Success\r\nOutput:   two  \r\nOutput: \r\nOutput:\r\nOutput:x:y\r\n\r\n',
    ]);
    const [headers = []] = headersOf(whole);
    expect(headers).toEqual([
      ['Response', 'Success'],
      ['Output', '  two  '],
      ['Output', ''],
      ['Output', ''],
      ['Output', 'x:y'],
    ]);
    expect(allValues({ headers, wireBytes: 0 }, 'output')).toEqual(['  two  ', '', '', 'x:y']);
  });

  test('hostile keys are plain text and shadow nothing', () => {
    const [headers = []] = headersOf(
      decode([GREETING, '__proto__: a\r\nconstructor: b\r\n__proto__: c\r\nhasOwnProperty: d\r\n\r\n']),
    );
    const packet = { headers, wireBytes: 0 };
    expect(allValues(packet, '__proto__')).toEqual(['a', 'c']);
    expect(firstValue(packet, 'constructor')).toBe('b');
    expect(firstValue(packet, 'toString')).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
  });

  test('bare LF line ends are taken, and a CR inside a value stays', () => {
    const whole = decode(['Asterisk Call Manager/9.0\n', 'Event: A\rB\nKey: v\n\nEvent: C\r\n\n']);
    expect(headersOf(whole)).toEqual([
      [
        ['Event', 'A\rB'],
        ['Key', 'v'],
      ],
      [['Event', 'C']],
    ]);
  });

  test('a line that is no header is passed over and named by its place; the packet around it is good', () => {
    const whole = decode([GREETING, 'Event: A\r\nno colon here\r\n: no key\r\nKey: v\r\n\r\n']);
    expect(whole.found.slice(1)).toEqual([
      { kind: 'malformed-line', lineNumber: 3, lineBytes: 13 },
      { kind: 'malformed-line', lineNumber: 4, lineBytes: 8 },
      {
        kind: 'packet',
        packet: {
          headers: [
            ['Event', 'A'],
            ['Key', 'v'],
          ],
          wireBytes: 10 + 15 + 10 + 8 + 2,
        },
      },
    ]);
    expect(whole.fault).toBeUndefined();
  });

  test('blank lines between packets make no empty packet', () => {
    expect(headersOf(decode([GREETING, '\r\n\r\nEvent: A\r\n\r\n\r\n\r\n']))).toEqual([[['Event', 'A']]]);
  });

  const names = readdirSync(new URL('../../../vectors/ami/', import.meta.url)).filter((name) => name.endsWith('.txt'));

  test.each(names)('%s, recorded from a real Asterisk, decodes to its last byte without a malformed line', (name) => {
    const stream = readCapture(name.slice(0, -'.txt'.length));
    const whole = decode([stream]);
    expect(whole.fault).toBeUndefined();
    expect(whole.found.filter(({ kind }) => kind === 'malformed-line')).toEqual([]);
    const bytes = whole.found.reduce((sum, item) => sum + (item.kind === 'packet' ? item.packet.wireBytes : 0), 0);
    expect(bytes + GREETING.length).toBe(stream.length);
  });
});

describe('however the stream is cut', () => {
  test('every cut position of a real stream gives the same packets', () => {
    const stream = readCapture('inbound');
    const whole = decode([stream]);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      expect(decode([stream.subarray(0, cut), stream.subarray(cut)]), `cut at ${cut}`).toEqual(whole);
    }
  });

  test('one byte at a time gives the same packets, with characters of several bytes and a reused buffer', () => {
    const text = `${GREETING}Event: Grüße\r\nName: 電話 \u{1f4de}\r\n\r\nnonsense\r\nEvent: B\r\n\r\n`;
    const stream = Buffer.from(text);
    const decoder = new PacketDecoder();
    const one = Buffer.alloc(1);
    const found: Decoded[] = [];
    for (const byte of stream) {
      one[0] = byte;
      found.push(...decoder.push(one).found);
    }
    expect(found).toEqual(decode([stream]).found);
    expect(found).toHaveLength(4);
  });

  test('an answer of 40,000 lines in small pieces is one packet', () => {
    const lines = Array.from({ length: 40_000 }, (_, index) => `Output: line ${index}\r\n`);
    const stream = Buffer.from(`${GREETING}Response: Success\r\n${lines.join('')}\r\n`);
    const pieces = [];
    for (let at = 0; at < stream.length; at += 97) pieces.push(stream.subarray(at, at + 97));
    const [headers = []] = headersOf(decode(pieces));
    expect(headers).toHaveLength(40_001);
    expect(headers.at(-1)).toEqual(['Output', 'line 39999']);
  });

  test('no bytes at all can make it throw, and no cut changes what is found', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 30 }).map((text) => `${text}\r\n`),
      fc.constantFrom('\r\n', '\n', 'Event: A\r\n', 'K: v\n', '\r\r\n', ':\r\n'),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.array(fc.nat(200), { maxLength: 5 }), (lines, cuts) => {
        const stream = Buffer.from(GREETING + lines.join(''));
        const places = [0, ...cuts.map((cut) => Math.min(cut, stream.length)), stream.length].toSorted((a, b) => a - b);
        const pieces = places.slice(1).map((end, index) => stream.subarray(places[index], end));
        expect(decode(pieces)).toEqual(decode([stream]));
      }),
      { seed: 22_101, numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        decode([GREETING, bytes, bytes]);
      }),
      { seed: 22_102, numRuns: 300 },
    );
  });
});

describe('hard caps', () => {
  const limits = { maxLineBytes: 40, maxPacketBytes: 100, maxHeaders: 3 };

  test('a line at the cap is read, one byte more is a fault, whole or in pieces', () => {
    const atCap = `K: ${'x'.repeat(37)}`;
    expect(headersOf(decode([GREETING, `${atCap}\r\n\r\n`], limits))).toEqual([[['K', 'x'.repeat(37)]]]);
    expect(headersOf(decode([GREETING, atCap, '\r', '\n\r\n'], limits))).toEqual([[['K', 'x'.repeat(37)]]]);
    expect(decode([GREETING, `${atCap}x\r\n\r\n`], limits).fault).toBe('line-too-long');
    expect(decode([GREETING, ...Array.from(`${atCap}xy`)], limits).fault).toBe('line-too-long');
  });

  test('a packet at the cap is read, one byte more is a fault', () => {
    const lines = (lastLength: number): string =>
      `A: ${'x'.repeat(35)}\r\nB: ${'x'.repeat(35)}\r\nC:${'x'.repeat(lastLength)}\r\n\r\n`;
    expect(headersOf(decode([GREETING, lines(16)], limits))).toHaveLength(1);
    expect(decode([GREETING, lines(17)], limits).fault).toBe('packet-too-long');
  });

  test('headers at the cap are read, one more is a fault, and lines that are none count towards the bytes', () => {
    expect(headersOf(decode([GREETING, 'A: 1\r\nB: 2\r\nC: 3\r\n\r\n'], limits))).toHaveLength(1);
    expect(decode([GREETING, 'A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n'], limits).fault).toBe('too-many-headers');
    expect(decode([GREETING, 'nonsense\r\n'.repeat(11)], limits).fault).toBe('packet-too-long');
  });

  test('what came before a fault is still given, and nothing after it', () => {
    const whole = decode(
      [GREETING, `Event: A\r\n\r\n${'x'.repeat(60)}\r\nEvent: B\r\n\r\n`, 'Event: C\r\n\r\n'],
      limits,
    );
    expect(headersOf(whole)).toEqual([[['Event', 'A']]]);
    expect(whole.fault).toBe('line-too-long');
  });
});

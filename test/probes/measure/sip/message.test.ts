import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SIP_FAULTS, type SipFault } from '../../../../probes/measure/sip/fault.ts';
import { fieldValue, MAX_MESSAGE_BYTES, parseMessage } from '../../../../probes/measure/sip/message.ts';

const CORPUS = new URL('../../../vectors/sip-torture/', import.meta.url);
const FILES = ['valid', 'invalid'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, CORPUS)).map((name) => readFileSync(new URL(`${folder}/${name}`, CORPUS))),
);

const HEADERS = [
  'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa1;received=192.0.2.9;rport=40000',
  'From: <sip:192.0.2.1>;tag=f1',
  'To: <sip:192.0.2.7>;tag=t1',
  'Call-ID: c1',
  'CSeq: 7 OPTIONS',
];

function datagram(startLine: string, headers: readonly string[], body = ''): Buffer {
  return Buffer.from([startLine, ...headers, '', body].join('\r\n'), 'latin1');
}

function parseResponse(headers: readonly string[], body = '') {
  return parseMessage(datagram('SIP/2.0 200 OK', headers, body));
}

function faultOf(bytes: Uint8Array): SipFault | undefined {
  const parsed = parseMessage(bytes);
  return parsed.ok ? undefined : parsed.fault;
}

describe('the OPTIONS exchange of RFC 3261 §11', () => {
  test('its request and its response are read', () => {
    const lines = (...text: string[]) => Buffer.from([...text, '', ''].join('\r\n'));
    const request = parseMessage(
      lines(
        'OPTIONS sip:carol@chicago.com SIP/2.0',
        'Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKhjhs8ass877',
        'Max-Forwards: 70',
        'To: <sip:carol@chicago.com>',
        'From: Alice <sip:alice@atlanta.com>;tag=1928301774',
        'Call-ID: a84b4c76e66710',
        'CSeq: 63104 OPTIONS',
        'Contact: <sip:alice@pc33.atlanta.com>',
        'Accept: application/sdp',
        'Content-Length: 0',
      ),
    );
    expect(request).toMatchObject({ ok: true, value: { kind: 'request', method: 'OPTIONS', maxForwards: 70 } });
    const response = parseMessage(
      lines(
        'SIP/2.0 200 OK',
        'Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKhjhs8ass877',
        ' ;received=192.0.2.4',
        'To: <sip:carol@chicago.com>;tag=93810874',
        'From: Alice <sip:alice@atlanta.com>;tag=1928301774',
        'Call-ID: a84b4c76e66710',
        'CSeq: 63104 OPTIONS',
        'Contact: <sip:carol@chicago.com>',
        'Contact: <mailto:carol@chicago.com>',
        'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE',
      ),
    );
    expect(response).toMatchObject({ ok: true, value: { statusCode: 200, cseq: { sequenceNumber: 63_104 } } });
    expect(response.ok && response.value.vias[0].parameters.get('received')).toBe('192.0.2.4');
  });
});

describe('framing', () => {
  test('keep-alive CRLFs before the start line are passed over (RFC 3261 §7.5)', () => {
    expect(parseMessage(Buffer.concat([Buffer.from('\r\n\r\n'), datagram('SIP/2.0 200 OK', HEADERS)])).ok).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['a keep-alive alone', '\r\n\r\n'],
  ])('%s is empty', (_, text) => {
    expect(faultOf(Buffer.from(text))).toBe('empty');
  });

  test('a line that begins with a tab or a space goes on with the one before (RFC 3261 §7.3.1)', () => {
    const parsed = parseResponse([...HEADERS, 'Subject: one', '\ttwo', ' three', 'X-Last: y']);
    expect(parsed.ok && fieldValue(parsed.value, 'subject')).toBe('one  \ttwo   three');
    expect(parsed.ok && fieldValue(parsed.value, 'x-last')).toBe('y');
  });

  test('bytes behind Content-Length are ignored (RFC 3261 §18.3)', () => {
    const parsed = parseResponse([...HEADERS, 'Content-Length: 3'], 'abcdef');
    expect(parsed.ok && Buffer.from(parsed.value.body).toString()).toBe('abc');
  });

  test('without Content-Length the body is what is left (RFC 3261 §18.3)', () => {
    const parsed = parseResponse(HEADERS, 'abcdef');
    expect(parsed.ok && Buffer.from(parsed.value.body).toString()).toBe('abcdef');
  });

  test('the body is a view into the datagram, also into one that is itself a view', () => {
    const bytes = datagram('SIP/2.0 200 OK', [...HEADERS, 'l: 2'], 'xy');
    const padded = Buffer.concat([Buffer.from('junk'), bytes]);
    const parsed = parseMessage(padded.subarray(4));
    expect(parsed.ok && parsed.value.body.buffer).toBe(padded.buffer);
    expect(parsed.ok && Buffer.from(parsed.value.body).toString()).toBe('xy');
  });

  test('a datagram cut at any byte of its headers is refused, cut in its body too', () => {
    const whole = datagram('SIP/2.0 200 OK', [...HEADERS, 'Content-Length: 4'], 'body');
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseMessage(whole.subarray(0, length)).ok).toBe(false);
    }
    expect(parseMessage(whole).ok).toBe(true);
  });

  test('65,535 bytes are read, one more is refused unread', () => {
    const head = datagram('SIP/2.0 200 OK', HEADERS);
    const largest = Buffer.concat([head, Buffer.alloc(MAX_MESSAGE_BYTES - head.length)]);
    expect(parseMessage(largest).ok).toBe(true);
    expect(parseMessage(Buffer.concat([largest, Buffer.alloc(1)]))).toEqual({
      ok: false,
      fault: 'too-large',
      offset: MAX_MESSAGE_BYTES,
    });
  });

  test('a last space is not needed when there is no reason phrase', () => {
    expect(parseMessage(datagram('SIP/2.0 200', HEADERS))).toMatchObject({ ok: true, value: { reasonPhrase: '' } });
  });
});

describe('faults', () => {
  const without = (name: string) => HEADERS.filter((line) => !line.startsWith(name));
  test.each<[SipFault, string, readonly string[]]>([
    ['bad-status-code', 'SIP/2.0 099 Low', HEADERS],
    ['bad-status-code', 'SIP/2.0 700 High', HEADERS],
    ['bad-status-code', 'SIP/2.0 20 Short', HEADERS],
    ['bad-status-code', 'SIP/2.0 2000 Long', HEADERS],
    ['unsupported-version', 'SIP/3.0 200 OK', HEADERS],
    ['bad-start-line', 'HTTP/1.1 200 OK', HEADERS],
    ['bad-start-line', 'OPTIONS', HEADERS],
    ['bad-request-uri', 'OPTIONS nonsense SIP/2.0', HEADERS],
    ['bad-line-ending', 'SIP/2.0 200 OK\nX: y', HEADERS],
    ['bad-line-ending', 'SIP/2.0 200 OK', [...HEADERS, 'X: a\nInjected: b']],
    ['bad-line-ending', 'SIP/2.0 200 OK', [...HEADERS, 'X: a\rb']],
    ['bad-header', 'SIP/2.0 200 OK', [...HEADERS, 'no colon here']],
    ['bad-header', 'SIP/2.0 200 OK', [...HEADERS, ': no name']],
    ['bad-header', 'SIP/2.0 200 OK', [' folded onto nothing', ...HEADERS]],
    ['missing-header', 'SIP/2.0 200 OK', without('Via')],
    ['missing-header', 'SIP/2.0 200 OK', without('From')],
    ['missing-header', 'SIP/2.0 200 OK', without('To')],
    ['missing-header', 'SIP/2.0 200 OK', without('Call-ID')],
    ['missing-header', 'SIP/2.0 200 OK', without('CSeq')],
    ['repeated-header', 'SIP/2.0 200 OK', [...HEADERS, 'i: c2']],
    ['bad-call-id', 'SIP/2.0 200 OK', [...without('Call-ID'), 'Call-ID: a b']],
    ['bad-call-id', 'SIP/2.0 200 OK', [...without('Call-ID'), 'Call-ID: a@']],
    ['bad-cseq', 'SIP/2.0 200 OK', [...without('CSeq'), 'CSeq: 4294967296 OPTIONS']],
    ['bad-cseq', 'SIP/2.0 200 OK', [...without('CSeq'), 'CSeq: 7']],
    ['bad-via', 'SIP/2.0 200 OK', [...without('Via'), 'Via: SIP/2.0/UDP 192.0.2.256']],
    ['bad-max-forwards', 'OPTIONS sip:a@b.example SIP/2.0', [...HEADERS, 'Max-Forwards: 256']],
    ['bad-content-length', 'SIP/2.0 200 OK', [...HEADERS, 'Content-Length: 1e2']],
    ['body-truncated', 'SIP/2.0 200 OK', [...HEADERS, 'Content-Length: 1']],
  ])('%s: %s with %j', (fault, startLine, headers) => {
    expect(faultOf(datagram(startLine, headers))).toBe(fault);
  });

  test('a response with a Contact it should not have made is still read: nothing here needs it (RFC 3261 §8.2)', () => {
    expect(parseResponse([...HEADERS, 'Contact: ???']).ok).toBe(true);
  });
});

describe('hostile bytes', () => {
  const expectTotal = (bytes: Uint8Array) => {
    const parsed = parseMessage(bytes);
    if (parsed.ok) {
      expect(parsed.value.body.byteLength).toBeLessThanOrEqual(bytes.length);
    } else {
      expect(SIP_FAULTS).toContain(parsed.fault);
      expect(parsed.offset).toBeGreaterThanOrEqual(0);
      expect(parsed.offset).toBeLessThanOrEqual(bytes.length);
    }
  };

  test('random bytes never throw, and every refusal points into the datagram', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 2000 }), expectTotal);
    expect(fc.check(property, { seed: 4475, numRuns: 2000 })).toMatchObject({ failed: false, counterexample: null });
  });

  test('the corpus with bytes changed, cut out or doubled never throws', () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...FILES),
        fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 8 }),
        fc.nat(4000),
        fc.nat(200),
        fc.boolean(),
      )
      .map(([file, changes, at, length, isDoubled]) => {
        const bytes = Buffer.from(file);
        for (const [place, value] of changes) bytes[place % bytes.length] = value;
        const start = at % bytes.length;
        const piece = bytes.subarray(start, start + length);
        return isDoubled
          ? Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(start)])
          : Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
      });
    const property = fc.property(mutated, expectTotal);
    expect(fc.check(property, { seed: 4475, numRuns: 5000 })).toMatchObject({ failed: false, counterexample: null });
  });

  test.each([
    ['one header line of commas', `Contact: ${','.repeat(65_000)}`],
    ['one header line of blanks', `X: ${' '.repeat(65_000)}y`],
    ['folds upon folds', `X: a${'\r\n a'.repeat(16_000)}`],
    ['quotes that never end', `To: ${'"\\'.repeat(32_000)}`],
    ['parameters without end', `From: <sip:a@b.example>${';a=b'.repeat(16_000)}`],
    ['Vias without end', `Via: SIP/2.0/UDP h.example${',SIP/2.0/UDP h.example'.repeat(2_800)}`],
    ['tokens without end', `To: ${'a '.repeat(32_000)}`],
    ['URI headers without end', `m: <sip:h.example?a=b${'&a=b'.repeat(16_000)}>`],
  ])('64 KiB of %s neither throws nor stalls', (_, line) => {
    const bytes = datagram('OPTIONS sip:a@b.example SIP/2.0', [line]);
    expect(bytes.length).toBeGreaterThan(60_000);
    expectTotal(bytes);
  });

  test('a message read once reads the same again: parsing keeps nothing', () => {
    for (const file of FILES) expect(parseMessage(file)).toEqual(parseMessage(file));
  });
});

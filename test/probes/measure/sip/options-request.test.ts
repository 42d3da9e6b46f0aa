import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../../../probes/measure/sip/message.ts';
import { buildOptionsRequest, type OptionsRequest } from '../../../../probes/measure/sip/options-request.ts';

const PLAIN: OptionsRequest = {
  requestUri: 'sip:edge1.provider.example:5070',
  localAddress: '192.0.2.10',
  localPort: 40_000,
  branch: 'z9hG4bKabc123',
  callId: 'f00d',
  fromTag: 'beef',
  sequenceNumber: 17,
  userAgent: 'trunkward/0.1.0',
};

function textOf(request: OptionsRequest): string {
  const built = buildOptionsRequest(request);
  if (!built.ok) throw new Error(built.fault);
  return Buffer.from(built.bytes).toString('latin1');
}

describe('buildOptionsRequest', () => {
  test('writes the request byte for byte (RFC 3261 §11.1, RFC 3581 §3)', () => {
    expect(textOf({ ...PLAIN, fromUser: 'pbx1' })).toBe(
      [
        'OPTIONS sip:edge1.provider.example:5070 SIP/2.0',
        'Via: SIP/2.0/UDP 192.0.2.10:40000;branch=z9hG4bKabc123;rport',
        'Max-Forwards: 70',
        'From: <sip:pbx1@192.0.2.10>;tag=beef',
        'To: <sip:edge1.provider.example:5070>',
        'Call-ID: f00d',
        'CSeq: 17 OPTIONS',
        'Contact: <sip:pbx1@192.0.2.10:40000>',
        'Accept: application/sdp',
        'User-Agent: trunkward/0.1.0',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  });

  test('puts an IPv6 address into brackets and leaves an absent user out', () => {
    const text = textOf({ ...PLAIN, localAddress: '2001:db8::10' });
    expect(text).toContain('Via: SIP/2.0/UDP [2001:db8::10]:40000;');
    expect(text).toContain('From: <sip:[2001:db8::10]>;');
    expect(text).toContain('Contact: <sip:[2001:db8::10]:40000>');
  });

  test.each<[string, Partial<OptionsRequest>]>([
    ['bad-request-uri', { requestUri: 'sip:a@b.example\r\nX: y' }],
    ['bad-request-uri', { requestUri: 'sips:a@b.example' }],
    ['bad-request-uri', { requestUri: 'tel:+1212' }],
    ['bad-request-uri', { requestUri: 'sip:a@b.example?X=y' }],
    ['bad-request-uri', { requestUri: `sip:${'a'.repeat(300)}@b.example` }],
    ['bad-local-address', { localAddress: 'pbx.example' }],
    ['bad-local-address', { localAddress: '192.0.2.10\r\n' }],
    ['bad-local-port', { localPort: 0 }],
    ['bad-local-port', { localPort: 1.5 }],
    ['bad-branch', { branch: 'abc' }],
    ['bad-branch', { branch: 'z9hG4bK' }],
    ['bad-branch', { branch: 'z9hG4bKa\r\nX: y' }],
    ['bad-call-id', { callId: '' }],
    ['bad-call-id', { callId: 'a b' }],
    ['bad-from-tag', { fromTag: 'a;b' }],
    ['bad-sequence-number', { sequenceNumber: 2 ** 31 }],
    ['bad-sequence-number', { sequenceNumber: -1 }],
    ['bad-user-agent', { userAgent: 'a\r\nX: y' }],
    ['bad-user-agent', { userAgent: '' }],
    ['bad-from-user', { fromUser: 'a@b' }],
    ['bad-from-user', { fromUser: 'a>\r\nX: <' }],
    ['bad-from-user', { fromUser: 'a:b' }],
  ])('%s: %j', (fault, change) => {
    expect(buildOptionsRequest({ ...PLAIN, ...change })).toEqual({ ok: false, fault });
  });

  test('no argument, whatever it holds, adds a line or exceeds 1,300 bytes', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('\r\n', 'x\r\nY: z', '\n'));
    const request = fc.record({
      requestUri: fc.oneof(
        text,
        text.map((user) => `sip:${user}@b.example`),
      ),
      localAddress: fc.oneof(fc.ipV4(), fc.ipV6(), text),
      localPort: fc.integer({ min: -5, max: 70_000 }),
      branch: text.map((token) => `z9hG4bK${token}`),
      callId: text,
      fromTag: text,
      sequenceNumber: fc.integer(),
      userAgent: text,
      fromUser: text,
    });
    fc.assert(
      fc.property(
        request,
        fc.subarray(Object.keys(PLAIN) as (keyof OptionsRequest)[], { minLength: 6 }),
        (wild, keep) => {
          const mixed = { ...wild, ...Object.fromEntries(keep.map((key) => [key, PLAIN[key]])) };
          const built = buildOptionsRequest(mixed);
          if (!built.ok) return;
          expect(built.bytes.length).toBeLessThan(1300);
          expect(Buffer.from(built.bytes).toString('latin1').split('\r\n')).toHaveLength(13);
          expect(parseMessage(built.bytes)).toMatchObject({ ok: true, value: { method: 'OPTIONS', maxForwards: 70 } });
        },
      ),
      { seed: 3261, numRuns: 3000 },
    );
  });
});

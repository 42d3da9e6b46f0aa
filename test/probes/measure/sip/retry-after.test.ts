import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildOptionsRequest } from '../../../../probes/measure/sip/options-request.ts';
import { parseRetryAfterS, quietMs } from '../../../../probes/measure/sip/retry-after.ts';

test.each([
  ['18000;duration=3600', 18_000],
  ['120 (I am in a meeting)', 120],
  ['0', 0],
  ['999999999999', 86_400],
])('Retry-After: %s is %i s (RFC 3261 §20.33, at most a day)', (value, seconds) => {
  expect(parseRetryAfterS(value)).toBe(seconds);
});

test.each(['', '-1', '1.5', 'soon', '12x', 'Fri, 01 Jan 2027 00:00:00 GMT'])('Retry-After: %s is none', (value) => {
  expect(parseRetryAfterS(value)).toBeUndefined();
});

test('Retry-After never makes the parser throw, and never asks for more than the cap', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(quietMs(parseRetryAfterS(value) ?? 0, 300)).toBeLessThanOrEqual(300_000);
    }),
  );
});

test('an authorization stands in the request as one line, and can bring no second', () => {
  const request = {
    requestUri: 'sip:192.0.2.1;transport=tls',
    localAddress: '192.0.2.9',
    localPort: 40_000,
    branch: 'z9hG4bK1',
    callId: 'c',
    fromTag: 'f',
    sequenceNumber: 1,
    userAgent: 'test',
    transport: 'tls',
  } as const;
  const built = buildOptionsRequest({ ...request, authorization: 'Authorization: Digest username="a"' });
  const text = built.ok ? Buffer.from(built.bytes).toString('latin1') : '';
  expect(text).toContain('\r\nAuthorization: Digest username="a"\r\n');
  expect(text).toContain('\r\nVia: SIP/2.0/TLS 192.0.2.9:40000;branch=z9hG4bK1;rport\r\n');
  expect(text).toContain('\r\nContact: <sip:192.0.2.9:40000;transport=tls>\r\n');
  expect(buildOptionsRequest({ ...request, authorization: 'Authorization: a\r\nVia: b' })).toEqual({
    ok: false,
    fault: 'bad-authorization',
  });
});

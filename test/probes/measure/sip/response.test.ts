import { describe, expect, test } from 'vitest';
import { parseMessage, type SipRequest } from '../../../../probes/measure/sip/message.ts';
import { buildResponse, responseDestination } from '../../../../probes/measure/sip/response.ts';

function request(via: string, to = '<sip:b.example>'): SipRequest {
  const text = `OPTIONS sip:b.example SIP/2.0\r\nVia: ${via}\r\nMax-Forwards: 70\r\nf: "A" <sip:a.example>;tag=f1\r\nt: ${to}\r\ni: c1\r\nCSeq: 9 OPTIONS\r\n\r\n`;
  const parsed = parseMessage(Buffer.from(text));
  if (!parsed.ok || parsed.value.kind !== 'request') throw new Error('not a request');
  return parsed.value;
}

const SOURCE = { address: '192.0.2.1', port: 9988 };
const OK = { statusCode: 200, reasonPhrase: 'OK', toTag: 't1' };

describe('buildResponse', () => {
  test('copies the fields and fills received and rport in (RFC 3261 §8.2.6, RFC 3581 §6)', () => {
    const bytes = buildResponse(request('SIP/2.0/UDP 10.1.1.1:4540;rport;branch=z9hG4bKkjshdyff'), SOURCE, {
      ...OK,
      headers: ['Allow: OPTIONS'],
      body: 'hi',
    });
    expect(Buffer.from(bytes).toString()).toBe(
      [
        'SIP/2.0 200 OK',
        'Via: SIP/2.0/UDP 10.1.1.1:4540;rport=9988;branch=z9hG4bKkjshdyff;received=192.0.2.1',
        'From: "A" <sip:a.example>;tag=f1',
        'To: <sip:b.example>;tag=t1',
        'Call-ID: c1',
        'CSeq: 9 OPTIONS',
        'Allow: OPTIONS',
        'Content-Length: 2',
        '',
        'hi',
      ].join('\r\n'),
    );
  });

  test('keeps a To tag that is there, gives 100 none, and keeps lower Vias as they were', () => {
    const text = (to: string, statusCode: number) =>
      Buffer.from(
        buildResponse(
          request('SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1, SIP/2.0/TCP x.example;branch=z9hG4bK2', to),
          SOURCE,
          {
            ...OK,
            statusCode,
          },
        ),
      ).toString();
    expect(text('<sip:b.example>;tag=own', 200)).toContain('To: <sip:b.example>;tag=own\r\n');
    expect(text('<sip:b.example>', 100)).toContain('To: <sip:b.example>\r\n');
    expect(text('<sip:b.example>', 200)).toContain(
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nVia: SIP/2.0/TCP x.example;branch=z9hG4bK2\r\n',
    );
  });
});

describe('responseDestination', () => {
  test.each([
    ['SIP/2.0/UDP 10.1.1.1:4540;rport', 9988],
    ['SIP/2.0/UDP 10.1.1.1:4540', 4540],
    ['SIP/2.0/UDP 10.1.1.1', 5060],
    ['SIP/2.0/UDP 10.1.1.1:4540;maddr=203.0.113.9', 4540],
  ])('%s is answered to the source address, port %d (RFC 3261 §18.2.2, RFC 3581 §4)', (via, port) => {
    expect(responseDestination(request(via), SOURCE)).toEqual({ address: '192.0.2.1', port });
  });
});

import { describe, expect, test } from 'vitest';
import { encodeVia, parseVias } from '../../../../probes/measure/sip/via.ts';

describe('parseVias', () => {
  test('reads what RFC 3581 §4 shows: received and a filled rport', () => {
    const [via] = parseVias('SIP/2.0/UDP 10.1.1.1:4540;received=192.0.2.1;rport=9988;branch=z9hG4bKkjshdyff') ?? [];
    expect(via).toMatchObject({ transport: 'UDP', host: '10.1.1.1', port: 4540 });
    expect(via?.parameters.get('rport')).toBe('9988');
    expect(via?.parameters.get('received')).toBe('192.0.2.1');
  });

  test('reads an IPv6 sent-by and a bare IPv6 received (RFC 5118 §4.5)', () => {
    const [via] = parseVias('SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3-111') ?? [];
    expect(via).toMatchObject({ host: '[2001:db8::9:1]', port: undefined });
    expect(via?.parameters.get('received')).toBe('2001:db8::9:255');
  });

  test('keeps the order of several values and a comma inside quotes', () => {
    const vias = parseVias('SIP/2.0/UDP a.example;x="1,2" , SIP/2.0/TCP b.example');
    expect(vias?.map(({ host }) => host)).toEqual(['a.example', 'b.example']);
    expect(vias?.[0]?.parameters.get('x')).toBe('"1,2"');
  });

  test.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0/UDPhost.example',
    'SIP/2.0 host.example',
    'SIP/3.0/UDP host.example',
    'HTTP/2.0/UDP host.example',
    'SIP/2.0/UDP host.example,',
    'SIP/2.0/UDP host.example;branch=',
    'SIP/2.0/UDP host.example;branch=a;branch=b',
    'SIP/2.0/UDP host.example;x="open',
    'SIP/2.0/UDP host.example trailing',
  ])('%j is refused', (text) => expect(parseVias(text)).toBeUndefined());

  test('what is written is read back the same', () => {
    const text = 'SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bK1;rport';
    const [via] = parseVias(text) ?? [];
    expect(via && encodeVia(via)).toBe(text);
  });
});

import { describe, expect, test } from 'vitest';
import { parseUri } from '../../../../probes/measure/sip/uri.ts';

describe('parseUri', () => {
  test('takes a SIP URI apart (RFC 3261 §19.1.1)', () => {
    const uri = parseUri('SIP:alice:secret@[2001:db8::9]:5070;Transport=udp;lr?Subject=x&b=');
    expect(uri).toMatchObject({
      kind: 'sip',
      scheme: 'sip',
      user: 'alice',
      password: 'secret',
      host: '[2001:db8::9]',
      port: 5070,
      headers: 'Subject=x&b=',
    });
    expect(uri?.kind === 'sip' && [...uri.parameters]).toEqual([
      ['transport', 'udp'],
      ['lr', undefined],
    ]);
  });

  test.each(['sip:example.com', 'sips:+1-212@192.0.2.3', 'sip:a@host.', 'sip:1234@[::ffff:192.0.2.1]'])(
    '%s is a SIP URI',
    (text) => expect(parseUri(text)?.kind).toBe('sip'),
  );

  test.each(['tel:+12125551212', 'http://www.example.com/?a=b', 'urn:service:sos', 'isbn:2983792873'])(
    '%s is a URI of another scheme',
    (text) => expect(parseUri(text)?.kind).toBe('other'),
  );

  test.each([
    '',
    'example.com',
    ':x',
    'sip:',
    'sip:@example.com',
    'sip:a@',
    'sip:a@b@example.com',
    'sip:a b@example.com',
    'sip:a%2@example.com',
    'sip:a%zz@example.com',
    'sip:a@exa_mple.com',
    'sip:a@-example.com',
    'sip:a@example..com',
    'sip:a@192.0.2.300',
    'sip:a@1.2.3',
    'sip:a@[2001:db8::1::2]',
    'sip:a@[1:2:3:4:5:6:7]',
    'sip:a@[1:2:3:4:5:6:7:8:9]',
    'sip:a@[12345::]',
    'sip:a@2001:db8::1',
    'sip:a@example.com:',
    'sip:a@example.com:65536',
    'sip:a@example.com:5060x',
    'sip:a@example.com;',
    'sip:a@example.com;=x',
    'sip:a@example.com;x=',
    'sip:a@example.com;x=1;X=2',
    'sip:a@example.com?',
    'sip:a@example.com?x',
    'sip:a@example.com>\r\nX: y',
    'tel:',
    'tel:1 2',
    '1tel:12',
  ])('%j is none', (text) => expect(parseUri(text)).toBeUndefined());
});

import { describe, expect, test } from 'vitest';
import { parseContacts, parseNameAddr } from '../../../../probes/measure/sip/name-addr.ts';

describe('parseNameAddr', () => {
  test.each([
    ['<sip:a@b.example>', ''],
    ['sip:a@b.example', ''],
    ['sip <sip:a@b.example>', 'sip'],
    ['Two  Words <sip:a@b.example>', 'Two  Words'],
    ['"Bell, \\"A\\" <x>" <sip:a@b.example>', '"Bell, \\"A\\" <x>"'],
  ])('%s has the display name %j (RFC 3261 §20.10)', (text, displayName) => {
    expect(parseNameAddr(text)).toMatchObject({ displayName, uri: { user: 'a', host: 'b.example' } });
  });

  test.each([
    '',
    'Alice',
    '"Alice"',
    '<sip:a@b.example',
    '"A" sip:a@b.example',
    '<sip:a@b.example> x',
    'a, b <sip:c@d.example>',
  ])('%j is refused', (text) => expect(parseNameAddr(text)).toBeUndefined());
});

describe('parseContacts', () => {
  test('* names none, a list names each, parameters stay with their own', () => {
    expect(parseContacts('*')).toEqual([]);
    const contacts = parseContacts('"A, B" <sip:a@b.example>;q=0.1, sip:c@d.example;expires=60');
    expect(contacts?.map(({ uri }) => uri.kind === 'sip' && uri.user)).toEqual(['a', 'c']);
    expect(contacts?.map(({ parameters }) => [...parameters])).toEqual([[['q', '0.1']], [['expires', '60']]]);
  });

  test.each(['', ',', '<sip:a@b.example>,', '*, <sip:a@b.example>'])('%j is refused', (text) => {
    expect(parseContacts(text)).toBeUndefined();
  });
});

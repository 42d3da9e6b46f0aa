import { expect, test } from 'vitest';
import { findDebianMirror } from './debian-mirror.ts';

test('a deb822 source gives its Debian archive and keyring, comments and security archives passed over', () => {
  const text = `Types: deb
URIs: http://mirror.invalid/debian-security
Suites: bookworm-security

Types: deb
# http://old.invalid/debian
URIs: http://mirror.invalid/debian
Suites: bookworm
Signed-By: /usr/share/keyrings/some.gpg
`;
  expect(findDebianMirror(text)).toEqual({
    uri: 'http://mirror.invalid/debian',
    keyring: '/usr/share/keyrings/some.gpg',
  });
});

test('a one-line source gives its archive, with and without options', () => {
  expect(
    findDebianMirror('# deb http://no.invalid/debian x main\ndeb https://m.invalid/debian/ bookworm main\n'),
  ).toEqual({
    uri: 'https://m.invalid/debian/',
    keyring: undefined,
  });
  expect(findDebianMirror('deb [arch=amd64 signed-by=/k.gpg] http://m.invalid/debian bookworm main')).toEqual({
    uri: 'http://m.invalid/debian',
    keyring: '/k.gpg',
  });
});

test('a source of something else, or one switched off, gives none', () => {
  expect(findDebianMirror('deb https://m.invalid/node_24.x nodistro main')).toBeUndefined();
  expect(findDebianMirror('Enabled: no\nURIs: http://m.invalid/debian\n')).toBeUndefined();
});

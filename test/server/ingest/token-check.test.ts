import { describe, expect, it } from 'vitest';
import { bearerToken, isLoopbackHost, ROLE_RANK } from '../../../server/ingest/token-check.ts';
import { tokenFault } from '../../../wire/token.ts';

const GOOD = 'mF_9.B5f-4.1JqM~mF+9/B5f==';

describe('a bearer token (RFC 6750 2.1)', () => {
  it.each([
    ['as the RFC writes it', `Bearer ${GOOD}`, GOOD],
    ['with the scheme in any case', `bEARER ${GOOD}`, GOOD],
  ])('is read %s', (_name, header, token) => {
    expect(bearerToken(header)).toBe(token);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Bearer  ${GOOD}`,
    `Basic ${GOOD}`,
    `Bearer ${GOOD} `,
    `Bearer ${GOOD},x`,
    `Bearer a=b`,
    `Bearer ${'x'.repeat(513)}`,
    `Bearer x${'='.repeat(65)}`,
    `x Bearer ${GOOD}`,
    `Bearer ${GOOD}\nBearer y`,
  ])('is not read out of %j', (header) => {
    expect(bearerToken(header)).toBeUndefined();
  });

  it('that a configuration may name is always one that a header can bring', () => {
    for (const token of [GOOD, 'a'.repeat(22), 'b'.repeat(512)]) {
      expect(tokenFault(token)).toBeUndefined();
      expect(bearerToken(`Bearer ${token}`)).toBe(token);
    }
  });
});

it('what a role may do, the greater may too', () => {
  expect(ROLE_RANK.viewer).toBeLessThan(ROLE_RANK.operator);
  expect(ROLE_RANK.operator).toBeLessThan(ROLE_RANK.admin);
});

describe('a loopback host', () => {
  it.each(['127.0.0.1', '127.0.0.1:8480', '127.1.2.3:1', 'localhost:8480', '[::1]:8480'])('%s is one', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.example:8480',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1:8480',
    '[::2]',
  ])('%s is none, so a rebound name opens no view (rule 10)', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});

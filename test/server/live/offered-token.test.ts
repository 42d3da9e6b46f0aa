import { describe, expect, it } from 'vitest';
import { offeredToken } from '../../../server/live/offered-token.ts';

describe('the token that a browser offers as a subprotocol', () => {
  it.each([
    ['alone', 'bearer.c2VjcmV0LXRva2Vu', 'secret-token'],
    ['behind the protocol', 'trunkward.live.v1, bearer.c2VjcmV0LXRva2Vu', 'secret-token'],
    ['before it, without spaces', 'bearer.c2VjcmV0LXRva2Vu,trunkward.live.v1', 'secret-token'],
    ['with the letters of base64url', 'bearer.-_-_', Buffer.from('fbffbf', 'hex').toString('utf8')],
  ])('is read %s', (_name, header, token) => {
    expect(offeredToken(header)).toBe(token);
  });

  it.each([
    undefined,
    '',
    'trunkward.live.v1',
    'bearer.',
    'bearer.a+b/',
    'bearer.YQ==',
    'Bearer.YQ',
    `bearer.${'a'.repeat(701)}`,
    'xbearer.YQ',
  ])('is not read out of %j', (header) => {
    expect(offeredToken(header)).toBeUndefined();
  });
});

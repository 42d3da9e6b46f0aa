import fc from 'fast-check';
import { expect, test } from 'vitest';
import { liveProtocols } from '../../../../dashboards/live/src/bearer-protocol.ts';

test('without a token only the contract is offered, so that a hub on loopback may let anyone view', () => {
  expect(liveProtocols(undefined)).toEqual(['trunkward.live.v1']);
  expect(liveProtocols('')).toEqual(['trunkward.live.v1']);
});

test('the token is offered in base64url without padding (RFC 4648 section 10 vectors)', () => {
  expect(liveProtocols('f')[1]).toBe('bearer.Zg');
  expect(liveProtocols('foobar')[1]).toBe('bearer.Zm9vYmFy');
  expect(liveProtocols('ü?>')[1]).toBe('bearer.w7w_Pg');
});

test('any token stays inside the characters of a subprotocol and is read back whole', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (token) => {
      const offered = liveProtocols(token)[1] ?? '';
      expect(offered).toMatch(/^bearer\.[A-Za-z0-9_-]+$/);
      expect(Buffer.from(offered.slice('bearer.'.length), 'base64url').toString()).toBe(token);
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDeepLink, parseDeepLink } from '../../../../dashboards/live/src/deep-link.ts';

test.each([
  ['', { kind: 'none' }],
  ['#paths', { kind: 'none' }],
  ['#/', { kind: 'none' }],
  ['#/path/', { kind: 'none' }],
  ['#/admin/x', { kind: 'none' }],
  ['#/path/%E0%A4%A', { kind: 'none' }],
  ['#/state/splendid', { kind: 'none' }],
  ['#/state/hard-down', { kind: 'state', state: 'hard-down' }],
  ['#/path/fra-1%3Ea.a1', { kind: 'path', key: 'fra-1>a.a1' }],
  ['#/verdict/v-7', { kind: 'verdict', id: 'v-7' }],
  ['#/pbx/fra-1', { kind: 'pbx', name: 'fra-1' }],
  ['#/trunk/*%3Ea', { kind: 'trunk', key: '*>a' }],
  ['#/route/fra-1%2Fnational', { kind: 'route', key: 'fra-1/national' }],
])('%j opens %j', (hash, link) => {
  expect(parseDeepLink(hash)).toEqual(link);
});

test('any name comes back from its own link, which stays a fragment', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      for (const link of [
        { kind: 'path', key: name },
        { kind: 'verdict', id: name },
        { kind: 'pbx', name },
        { kind: 'trunk', key: name },
        { kind: 'route', key: name },
      ] as const) {
        const hash = formatDeepLink(link);
        expect(hash).toMatch(/^#\/[a-z]+\/[^\s#<>"]+$/);
        expect(parseDeepLink(hash)).toEqual(link);
      }
    }),
  );
});

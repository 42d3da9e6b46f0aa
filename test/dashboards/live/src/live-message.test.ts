import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLiveMessage } from '../../../../dashboards/live/src/live-message.ts';
import { badNight } from '../../../browser/support/bad-night.ts';

test.each([
  ['', 'not-json'],
  ['<html>502</html>', 'not-json'],
  ['null', 'not-json'],
  ['7', 'not-json'],
  ['[]', 'unknown-type'],
  ['{"type":"hello","sequence":1}', 'unknown-type'],
  ['{"type":"delta","sequence":"1","changes":[]}', 'bad-sequence'],
  ['{"type":"delta","sequence":1.5,"changes":[]}', 'bad-sequence'],
  ['{"type":"delta","sequence":1}', 'missing-list'],
  ['{"type":"snapshot","sequence":1,"pbxes":[],"paths":[],"verdicts":[],"routes":[]}', 'missing-list'],
])('%j is refused as %s', (text, fault) => {
  expect(parseLiveMessage(text)).toEqual({ ok: false, fault });
});

test('a snapshot and a delta are taken as they are', () => {
  const night = badNight();
  expect(parseLiveMessage(JSON.stringify(night))).toEqual({ ok: true, message: night });
  expect(parseLiveMessage('{"type":"delta","sequence":0,"atEpochMs":1,"changes":[]}').ok).toBe(true);
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseLiveMessage(text)).toHaveProperty('ok');
    }),
  );
});

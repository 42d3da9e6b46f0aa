import { expect, test } from 'vitest';
import {
  abstentionOf,
  newDropTaint,
  takeDropMarks,
  takeOwnDrops,
} from '../../../../probes/measure/rtp/mesh-own-drops.ts';

test('without drops and in time both directions are reported', () => {
  const taint = newDropTaint();
  takeDropMarks(taint, 7);
  takeDropMarks(taint, 7);
  expect(abstentionOf(taint, 3, 20)).toEqual({});
  expect(abstentionOf(taint, undefined, 20)).toEqual({});
});

test('drops at our own socket silence two reports of the way back alone', () => {
  const taint = newDropTaint();
  takeOwnDrops(taint);
  expect(abstentionOf(taint, 0, 20)).toEqual({ reverse: 'own-drops' });
  expect(abstentionOf(taint, 0, 20)).toEqual({ reverse: 'own-drops' });
  expect(abstentionOf(taint, 0, 20)).toEqual({});
});

test("drops at the reflector's socket silence two reports of the way there alone", () => {
  const taint = newDropTaint();
  takeDropMarks(taint, 255);
  takeDropMarks(taint, 0);
  expect(abstentionOf(taint, 0, 20)).toEqual({ forward: 'own-drops' });
  expect(abstentionOf(taint, 0, 20)).toEqual({ forward: 'own-drops' });
  expect(abstentionOf(taint, 0, 20)).toEqual({});
});

test('a host that sends too late reports neither direction', () => {
  expect(abstentionOf(newDropTaint(), 20.1, 20)).toEqual({ forward: 'late-pacing', reverse: 'late-pacing' });
  expect(abstentionOf(newDropTaint(), 20, 20)).toEqual({});
});

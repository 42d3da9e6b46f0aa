import { expect, test } from 'vitest';
import { stampedEpochMs, statusCodeOf } from '../../../../probes/asterisk/calls/call-ended.ts';

const packet = (key: string, value: string) => ({ headers: [[key, value] as const], wireBytes: 0 });

test.each([
  ['486', 486],
  ['100', 100],
  ['699', 699],
  ['700', undefined],
  ['99', undefined],
  ['486 Busy Here', undefined],
  ['', undefined],
])('TechCause %j is status %s', (text, statusCode) => {
  expect(statusCodeOf(packet('TechCause', text))).toBe(statusCode);
});

test.each([
  ['1795500210.123456', 1_795_500_210_123],
  ['1795500151.001', 1_795_500_151_001],
  ['1795500149.999', 1_795_500_210_000],
  ['1795500271.001', 1_795_500_210_000],
  ['soon', 1_795_500_210_000],
])('Timestamp %s, arrived at 1795500210.000, is taken as %i: at most a minute from the arrival', (text, epochMs) => {
  expect(stampedEpochMs(packet('Timestamp', text), 1_795_500_210_000)).toBe(epochMs);
});

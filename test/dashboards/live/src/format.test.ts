import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatClock,
  formatDuration,
  formatMs,
  formatPercent,
  formatUtc,
  formatWindow,
  plural,
} from '../../../../dashboards/live/src/format.ts';

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('formatPercent', () => {
  test.each([
    [0, '0 %'],
    [0.0004, '<0.1 %'],
    [0.004, '0.4 %'],
    [0.0949, '9.5 %'],
    [0.0996, '10 %'],
    [0.31, '31 %'],
    [0.9934, '99.3 %'],
    [0.9996, '>99.9 %'],
    [1, '100 %'],
    [-0.1, '?'],
    [1.01, '?'],
    [Number.NaN, '?'],
  ])('%d is written %s', (ratio, text) => {
    expect(spaced(formatPercent(ratio))).toBe(text);
  });

  test('only nothing is 0 % and only all is 100 % (honest figures, safety rule 1)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true, maxExcluded: true }), (ratio) => {
        expect(['0 %', '0.0 %', '100 %', '100.0 %']).not.toContain(spaced(formatPercent(ratio)));
      }),
    );
  });
});

describe('durations', () => {
  test.each([
    [0, '0.0 ms'],
    [0.3149, '0.31 ms'],
    [8.34, '8.3 ms'],
    [-3.2, '-3.2 ms'],
    [120.4, '120 ms'],
    [2140, '2.1 s'],
    [48_000, '48 s'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('a measured %d ms is written %s', (durationMs, text) => {
    expect(spaced(formatMs(durationMs))).toBe(text);
  });

  test.each([
    [-5000, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [7_500_000, '2 h 05 min'],
    [273_600_000, '3 d 4 h'],
    [Number.NaN, '?'],
  ])('an age of %d ms is written %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  test.each([
    [60_000, '60 s'],
    [300_000, '5 min'],
    [90_500, '90.5 s'],
    [250, '250 ms'],
  ])('a window of %d ms is written %s, never rounded to a nicer one', (windowMs, text) => {
    expect(formatWindow(windowMs)).toBe(text);
  });
});

describe('wall times', () => {
  const at = Date.UTC(2026, 2, 14, 2, 43, 59);

  test('a time of today is local without its date', () => {
    expect(formatClock(at, at + 60_000, 'Europe/Berlin')).toBe('03:43:59');
  });

  test('a time of another local day carries its date, even within 24 hours', () => {
    expect(formatClock(at, at + 79_200_000, 'Europe/Berlin')).toBe('2026-03-14 03:43:59');
  });

  test('UTC is written with its name', () => {
    expect(formatUtc(at)).toBe('2026-03-14 02:43:59 UTC');
  });

  test.each([Number.NaN, 9e15, Number.POSITIVE_INFINITY])('%d is no time, and no exception', (epochMs) => {
    expect([formatClock(epochMs, at), formatUtc(epochMs)]).toEqual(['?', '?']);
  });
});

test('a count agrees with its noun and parts its thousands', () => {
  expect([plural(1, 'path'), plural(0, 'path'), plural(12_000, 'PBX', 'PBXs')]).toEqual([
    '1 path',
    '0 paths',
    '12,000 PBXs',
  ]);
});

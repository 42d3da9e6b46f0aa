import { expect, test } from 'vitest';
import {
  describePath,
  lossInFull,
  rttFigure,
  rttInFull,
  STATE_LOOKS,
  stateLook,
} from '../../../../dashboards/live/src/path-look.ts';
import { path } from '../../../browser/support/fleet.ts';

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');

test('each state has a glyph and a word of its own: colour is never the only sign', () => {
  const looks = Object.values(STATE_LOOKS);
  expect(new Set(looks.map(({ glyph }) => glyph)).size).toBe(looks.length);
  expect(new Set(looks.map(({ word }) => word)).size).toBe(looks.length);
});

test('only healthy looks good; a state of a newer hub looks unknown and keeps its name (safety rule 2)', () => {
  const good = Object.entries(STATE_LOOKS).filter(([, { tone }]) => tone === 'good');
  expect(good.map(([state]) => state)).toEqual(['healthy']);
  expect(stateLook('splendid' as 'healthy')).toMatchObject({ tone: 'unknown', glyph: '?', word: 'splendid' });
});

test('every figure opens to its n, window and interval (safety rule 1)', () => {
  const lossy = path('fra-1', 'a.a1', 'telco-a', {
    sent: 300,
    lost: 36,
    lossLowRatio: 0.087,
    lossHighRatio: 0.162,
    windowMs: 300_000,
  });
  expect(spaced(lossInFull(lossy))).toBe('12 % (36 of 300 SIP OPTIONS lost in 5 min; interval 8.7 % to 16 %)');
  expect(spaced(rttInFull(lossy))).toBe('p50 12 ms, p95 15 ms (n 60 SIP OPTIONS answered in 5 min)');
  expect(spaced(describePath(lossy))).toContain('fra-1 to a.a1 of telco-a: healthy. Loss 12 %');
});

test('without samples no figure is made up', () => {
  const blank = path('fra-1', 'a.a1', 'telco-a', { sent: 0, rttN: 0 });
  expect(lossInFull(blank)).toBe('no SIP OPTIONS asked in the last 60 s');
  expect(rttInFull(blank)).toBe('no SIP OPTIONS answered in the last 60 s');
  expect(rttFigure(blank)).toBe('–');
});

import { expect, test } from 'vitest';
import { hopLoss, hopRtts, traceLook } from '../../../../dashboards/live/src/trace-look.ts';
import type { ShownHop, ShownTrace } from '../../../../wire/traces.ts';

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');
const HOP: ShownHop = { hop: 3, sent: 30, lost: 9, lowRatio: 0.1666, highRatio: 0.4788, remark: '' };
const TRACE: ShownTrace = {
  pbx: 'fra-1',
  target: 'a.a1',
  endedAtEpochMs: 0,
  outcome: 'blamed',
  sentence: '',
  source: '',
  hops: [],
};

test('only loss that lasts to the target looks bad, and a trace without an answer looks unknown (safety rule 2)', () => {
  const tones = (['blamed', 'unplaced', 'no-loss', 'not-reached', 'failed'] as const).map(
    (outcome) => traceLook({ ...TRACE, outcome }).tone,
  );
  expect(tones).toEqual(['bad', 'warn', 'good', 'unknown', 'unknown']);
});

test('an outcome of a newer hub looks unknown and keeps its name', () => {
  const outcome = 'looped' as ShownTrace['outcome'];
  expect(traceLook({ ...TRACE, outcome })).toMatchObject({ word: 'looped', tone: 'unknown' });
});

test('a hop shows what it lost with the interval; nothing sent is no loss', () => {
  expect(spaced(hopLoss(HOP))).toBe('9, 30 % (17 % to 48 %)');
  const { lowRatio: _low, highRatio: _high, ...bare } = HOP;
  expect(spaced(hopLoss(bare))).toBe('9, 30 %');
  expect(hopLoss({ ...bare, sent: 0, lost: 0 })).toBe('–');
});

test('a silent hop has no round trip', () => {
  expect(hopRtts(HOP)).toEqual(['–', '–', '–']);
  expect(hopRtts({ ...HOP, bestMs: 1, averageMs: 2, worstMs: 30 }).map(spaced)).toEqual(['1.0 ms', '2.0 ms', '30 ms']);
});

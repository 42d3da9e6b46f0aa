import { describe, expect, it } from 'vitest';
import { figureGround, figureName, figureValue } from '../../../../dashboards/live/src/figure-look.ts';
import type { Figure } from '../../../../wire/figures.ts';

const FIGURE: Figure = {
  kind: 'mesh-loss',
  direction: 'forward',
  value: 0.04,
  unit: 'ratio',
  low: 0.02,
  high: 0.06,
  n: 1500,
  sample: 'RTP packet',
  windowMs: 300_000,
  newestAtEpochMs: 0,
  source: 'own stream',
  notes: ['lost in bursts'],
};

describe('a figure in words', () => {
  it('is named with its direction', () => {
    expect(figureName(FIGURE)).toBe('RTP mesh loss, to there');
    expect(figureName({ ...FIGURE, kind: 'asr', direction: 'none' })).toBe('Answered (ASR)');
  });

  it('of a kind that this page does not know keeps its own name', () => {
    expect(figureName({ ...FIGURE, kind: 'gain' as Figure['kind'] })).toBe('gain, to there');
  });

  it.each([
    [0.04, 'ratio', '4.0\u00a0%'],
    [12.4, 'milliseconds', '12\u00a0ms'],
    [95.2, 'seconds', '95\u00a0s'],
    [4.2371, 'mos', '4.24'],
    [2_400_000, 'bits-per-second', '2.4 Mbit/s'],
    [128_000, 'bits-per-second', '128 kbit/s'],
    [12.34, 'days', '12.3 days'],
    [1, 'state', 'yes'],
    [78.4, 'score', '78.4'],
    [Number.NaN, 'ratio', '?'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(figureValue(value, unit)).toBe(text);
  });

  it('says n, window, interval, source and every note', () => {
    expect(figureGround(FIGURE)).toEqual([
      'n = 1,500 (RTP packet) in 5 min.',
      'Interval 2.0\u00a0% to 6.0\u00a0%.',
      'Source: own stream.',
      'lost in bursts.',
    ]);
  });

  it('says where no interval can be stated', () => {
    const { high: _high, low: _low, ...bare } = FIGURE;
    expect(figureGround(bare)).toContain('No interval can be stated.');
  });
});

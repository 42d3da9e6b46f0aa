import { describe, expect, it } from 'vitest';
import { codecGround } from '../../../../../server/paths/quality/e-model/codec-table.ts';
import { mosOfRating, mosOfWideBandRating, ratingOfMos } from '../../../../../server/paths/quality/e-model/mos.ts';
import { rateWideBand } from '../../../../../server/paths/quality/e-model/wide-band.ts';

describe('mosOfRating (ITU-T G.107 B-4)', () => {
  it.each([
    [-5, 1],
    [0, 1],
    [5, 1],
    [6.5, 1],
    [10, 1.035],
    [20, 1.252],
    [30, 1.609],
    [40, 2.064],
    [50, 2.575],
    [60, 3.1],
    [70, 3.597],
    [80, 4.024],
    [90, 4.339],
    [93.2, 4.409286],
    [94.1, 4.426024],
    [100, 4.5],
    [140, 4.5],
  ])('R %d is MOS %d', (rFactor, mos) => {
    expect(mosOfRating(rFactor)).toBeCloseTo(mos, 5);
  });

  it('never goes below 1 where the cubic does', () => {
    for (let rFactor = 0; rFactor <= 7; rFactor += 0.05) expect(mosOfRating(rFactor)).toBeGreaterThanOrEqual(1);
  });
});

describe('ratingOfMos (ITU-T G.107 appendix I)', () => {
  it.each([
    [3.6, 70.064],
    [4, 79.371],
    [4.03, 80.159],
    [3.1, 60],
    [2.5, 48.568],
  ])('MOS %d is R %d', (mos, rFactor) => {
    expect(ratingOfMos(mos)).toBeCloseTo(rFactor, 2);
  });

  it('undoes the mapping from 10 to 99', () => {
    for (let rFactor = 10; rFactor < 100; rFactor += 1) {
      expect(ratingOfMos(mosOfRating(rFactor))).toBeCloseTo(rFactor, 5);
    }
  });
});

describe('the wide-band scale (ITU-T G.107.1)', () => {
  const CLEAN = { bpl: 4.3, lossPercent: 0, burstRatio: 1 };

  it.each([
    [0, 129, 4.5],
    [13, 116, 4.3371],
    [20, 109, 4.182],
    [31, 98, 3.863],
  ])('Ie,wb %d is R %d and MOS %d', (ie, rFactor, mos) => {
    const rating = rateWideBand({ ie, ...CLEAN }, 0);
    expect(rating).toBeCloseTo(rFactor, 9);
    expect(mosOfWideBandRating(rating)).toBeCloseTo(mos, 4);
  });

  it('keeps the constant 95 under loss: AMR-WB 12.65 diotic at 2 %', () => {
    const rating = rateWideBand({ ie: 20, bpl: 4.3, lossPercent: 2, burstRatio: 1 }, 0);
    expect(129 - rating).toBeCloseTo(43.8095, 4);
    expect(mosOfWideBandRating(rating)).toBeCloseTo(3.4062, 4);
  });
});

describe('codecGround', () => {
  it.each(['opus', 'g722', 'gsm', 'speex', undefined])('gives no ground for a MOS of %s, and says why', (codec) => {
    const ground = codecGround(codec);
    expect(ground.scale).toBe('none');
    expect(ground.sayHow).toContain('no MOS');
  });

  it('grounds both laws of G.711 alike', () => {
    expect(codecGround('ulaw')).toEqual(codecGround('alaw'));
    expect(codecGround('ulaw')).toMatchObject({ scale: 'narrow-band', ie: 0, bpl: 25.1 });
  });
});

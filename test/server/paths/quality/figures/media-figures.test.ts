import { describe, expect, it } from 'vitest';
import { burstRatio, jitterFigure, lossFigure } from '../../../../../server/paths/quality/figures/loss-figures.ts';
import { mosFigure, narrowBandMos } from '../../../../../server/paths/quality/figures/mos-figure.ts';
import { type MediaInterval, MediaWindow } from '../../../../../server/paths/quality/media-window.ts';

const NOW = 10 * 3_600_000;
const SUBJECT = { kind: 'call-loss', direction: 'reverse', source: 'RTCP', notes: ['own'], windowMs: 300_000 } as const;

function poolOf(...intervals: readonly MediaInterval[]) {
  const media = new MediaWindow();
  for (const interval of intervals) media.add(NOW, interval);
  const pool = media.pool(0);
  if (!pool) throw new Error('no pool');
  return pool;
}

const times = (n: number, interval: MediaInterval) => Array.from({ length: n }, () => interval);

describe('lossFigure', () => {
  it('gives packets lost of packets expected, between the ends of its interval', () => {
    const figure = lossFigure(poolOf(...times(4, { expected: 250, lost: 25 })), SUBJECT);
    expect(figure).toMatchObject({ value: 0.1, n: 1000, unit: 'ratio', newestAtEpochMs: NOW, notes: ['own'] });
    expect(figure.low).toBeCloseTo(0.0829, 3);
    expect(figure.high).toBeCloseTo(0.1202, 3);
  });

  it('says that loss came in bursts, that a far end heard nothing, and that intervals are too few to tell', () => {
    const bursts = lossFigure(poolOf({ expected: 250, lost: 100 }, ...times(3, { expected: 250, lost: 0 })), SUBJECT);
    expect(bursts.notes.join()).toMatch(/lost in bursts: counts for \d+ independent packets/);
    const silent = lossFigure(poolOf({ expected: 250, lost: 250, isSilent: true }), SUBJECT);
    expect(silent.notes).toContain('1 intervals in which the far end heard nothing');
    expect(silent.notes).toContain('fewer than three intervals: bursts cannot be told');
  });
});

describe('jitterFigure', () => {
  it('weights intervals by their packets, and is absent where none was measured (rule 2)', () => {
    const pool = poolOf({ expected: 300, lost: 0, jitterMs: 2 }, { expected: 100, lost: 0, jitterMs: 6 });
    expect(jitterFigure(pool, { ...SUBJECT, kind: 'call-jitter' })).toMatchObject({ value: 3, n: 2 });
    expect(jitterFigure(poolOf({ expected: 300, lost: 0 }), SUBJECT)).toBeUndefined();
  });
});

describe('mosFigure', () => {
  const ground = { codec: 'ulaw', rttMs: 40, burstRatio: 1 };

  it('falls with loss, and lies between the MOS at both ends of the loss', () => {
    const clean = mosFigure(poolOf(...times(4, { expected: 250, lost: 0 })), SUBJECT, ground);
    const lossy = mosFigure(poolOf(...times(4, { expected: 250, lost: 10 })), SUBJECT, ground);
    expect(clean?.value).toBeCloseTo(4.36, 2);
    expect(lossy?.kind).toBe('mos-nb');
    expect(lossy?.value).toBeLessThan(clean?.value ?? 0);
    expect(lossy?.low).toBeLessThan(lossy?.value ?? 0);
    expect(lossy?.high).toBeGreaterThan(lossy?.value ?? 5);
  });

  it('a wide-band codec gets a MOS of its own scale and kind, never mixed with narrow band', () => {
    const pool = poolOf(...times(4, { expected: 250, lost: 5 }));
    const figure = mosFigure(pool, SUBJECT, { codec: 'amr-wb', rttMs: undefined, burstRatio: 1 });
    expect(figure?.kind).toBe('mos-wb');
    expect(figure?.value).toBeCloseTo(3.4, 1);
    expect(figure?.source).toContain('G.107.1');
    expect(figure?.notes.join()).toContain('network delay not measured, taken as 0');
    expect(narrowBandMos(0, { codec: 'amr-wb', rttMs: 0, burstRatio: 1 })).toBeUndefined();
  });

  it.each(['opus', 'g722', 'gsm', undefined])('%s has no ground, so no MOS', (codec) => {
    expect(mosFigure(poolOf({ expected: 250, lost: 0 }), SUBJECT, { ...ground, codec })).toBeUndefined();
  });
});

describe('burstRatio', () => {
  it('is the mean run of losses over that of random loss, and 1 where runs are not known', () => {
    expect(burstRatio(poolOf({ expected: 1000, lost: 100, lossRuns: 25 }))).toBeCloseTo(4 * 0.9, 10);
    expect(burstRatio(poolOf({ expected: 1000, lost: 100, lossRuns: 100 }))).toBe(1);
    expect(burstRatio(poolOf({ expected: 1000, lost: 100 }))).toBe(1);
  });
});

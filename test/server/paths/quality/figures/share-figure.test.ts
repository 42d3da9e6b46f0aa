import { describe, expect, it } from 'vitest';
import { CallWindow, type CountedCall } from '../../../../../server/paths/quality/call-window.ts';
import { callFigures } from '../../../../../server/paths/quality/figures/share-figure.ts';

const NOW = 10 * 3_600_000;
const WINDOW_MS = 300_000;
const FAILED: CountedCall = {
  isAnswered: false,
  statusCode: undefined,
  causeCode: undefined,
  hasRung: false,
  missedEvents: false,
  pddMs: undefined,
  talkMs: undefined,
};

function figuresOf(...calls: readonly Partial<CountedCall>[]) {
  const window = new CallWindow();
  for (const call of calls) window.add(NOW, { ...FAILED, ...call });
  const pool = window.pool(NOW - WINDOW_MS, NOW);
  if (!pool) throw new Error('no pool');
  return new Map(callFigures(pool, WINDOW_MS).map((figure) => [figure.kind, figure]));
}

describe('callFigures', () => {
  it('gives each share with its number of calls and Wilson interval', () => {
    const answered = { isAnswered: true, hasRung: true, pddMs: 1500, talkMs: 60_000 };
    const figures = figuresOf(...Array.from({ length: 9 }, () => answered), { statusCode: 503, causeCode: 34 });
    expect(figures.get('asr')).toMatchObject({ value: 0.9, n: 10, windowMs: WINDOW_MS, newestAtEpochMs: NOW });
    expect(figures.get('asr')?.low).toBeCloseTo(0.596, 3);
    expect(figures.get('asr')?.high).toBeCloseTo(0.982, 3);
    expect(figures.get('isa')).toMatchObject({ value: 0.1, n: 10 });
    expect(figures.get('acd')).toMatchObject({ value: 60, low: 60, high: 60, n: 9 });
    expect(figures.get('pdd')).toMatchObject({ value: 1500, n: 9 });
  });

  it('a share that no call stands in is not there, and is never 0 (rule 2)', () => {
    expect([...figuresOf({ missedEvents: true }).keys()]).toEqual([]);
    expect([...figuresOf({ causeCode: 26 }).keys()]).toEqual([]);
    expect([...figuresOf({ statusCode: 302 }).keys()]).toEqual(['asr', 'ner', 'isa']);
  });

  it('says how many calls are in no share, and why', () => {
    const figures = figuresOf({ missedEvents: true }, { causeCode: 26 }, { causeCode: 16 }, { statusCode: 486 });
    expect(figures.get('ner')).toMatchObject({ value: 1, n: 1 });
    expect(figures.get('ner')?.notes).toEqual([
      '1 given up by the caller before it rang are left out',
      '1 branches of forked dials that another one won are no attempts',
      '1 calls hidden by a gap in the events are in no share',
    ]);
  });

  it('one call gives a mean without an interval', () => {
    const acd = figuresOf({ isAnswered: true, talkMs: 3000 }).get('acd');
    expect(acd).toMatchObject({ value: 3, n: 1, notes: ['one call: no interval'] });
    expect(acd).not.toHaveProperty('low');
  });
});

import { describe, expect, it } from 'vitest';
import { TestCallQuality } from '../../../../server/paths/quality/test-call-quality.ts';
import type { StreamFigures, TestCallMeasurement } from '../../../../wire/rtp-measurement.ts';

const NOW = 10 * 3_600_000;
const STREAM: StreamFigures = {
  expected: 500,
  received: 480,
  lost: 20,
  duplicates: 6,
  reordered: 12,
  lossRuns: [20, 0, 0, 0, 0, 0, 0, 0],
  jitterMs: 2,
};
const CALL: TestCallMeasurement = {
  kind: 'test-call',
  target: 'a.a1',
  trunk: 'a',
  edge: 'a1',
  startedAtMs: 0,
  outcome: 'answered',
  talkMs: 10_000,
  endedBy: 'bye',
  far: 'tone',
  codec: 'ulaw',
  received: STREAM,
  receivedCovers: 'reverse',
};
const { received: _received, receivedCovers: _covers, ...MUTE } = CALL;

function figuresOf(calls: readonly TestCallMeasurement[], notes: readonly string[] = []) {
  const quality = new TestCallQuality();
  for (const call of calls) quality.add(call, NOW);
  const figures = quality.figures(NOW, notes);
  return {
    figures,
    of: (kind: string, direction?: string) =>
      figures.find((each) => each.kind === kind && (direction ?? each.direction) === each.direction),
  };
}

describe('figures of test calls', () => {
  it('are none before a call, and every one says its n, window, source and age', () => {
    expect(new TestCallQuality().figures(NOW, [])).toEqual([]);
    const { figures } = figuresOf([
      { ...CALL, pddMs: 700, forward: { expected: 400, lost: 4, jitterMs: 1 }, rttMs: 40 },
    ]);
    expect(figures.map(({ direction, kind }) => `${kind} ${direction}`)).toEqual([
      'test-call-answered none',
      'test-call-media none',
      'test-call-copies none',
      'test-call-loss reverse',
      'test-call-jitter reverse',
      'test-call-reordered reverse',
      'test-call-duplicates reverse',
      'mos-nb reverse',
      'test-call-loss forward',
      'test-call-jitter forward',
      'mos-nb forward',
      'test-call-pdd none',
    ]);
    for (const { n, newestAtEpochMs, source, windowMs } of figures) {
      expect(n).toBeGreaterThan(0);
      expect(windowMs).toBeGreaterThan(0);
      expect(newestAtEpochMs).toBe(NOW);
      expect(source).toContain('test calls of the probe itself to a test number');
    }
  });

  it('give the share answered with its interval; what was not placed is no attempt (rule 2)', () => {
    const { of } = figuresOf([
      CALL,
      { ...MUTE, outcome: 'timed-out', talkMs: 0 },
      { ...MUTE, outcome: 'over-budget', talkMs: 0 },
      { ...MUTE, outcome: 'recovered', talkMs: 0 },
    ]);
    expect(of('test-call-answered')).toMatchObject({
      value: 0.5,
      n: 2,
      low: expect.closeTo(0.0945, 3),
      high: expect.closeTo(0.9055, 3),
    });
    expect(figuresOf([{ ...MUTE, outcome: 'over-budget', talkMs: 0 }]).figures).toEqual([]);
  });

  it('tell answered calls without media, and why their answer could not be met', () => {
    const deaf = { ...CALL, received: { ...STREAM, received: 0, lost: 500 } };
    const { of } = figuresOf([CALL, { ...MUTE, mediaFault: 'no-common-codec' }, deaf, { ...MUTE, far: 'none' }]);
    expect(of('test-call-media')).toMatchObject({
      value: 1 / 3,
      n: 3,
      notes: ['1 answers could not be met: no-common-codec'],
    });
    expect(of('test-call-answered')).toMatchObject({ value: 1, n: 4 });
  });

  it('count copies of requests, and packets that came twice or out of order', () => {
    const { of } = figuresOf([{ ...CALL, inviteCopies: 2, byeCopies: 1 }, CALL]);
    expect(of('test-call-copies')).toMatchObject({
      value: 3,
      n: 2,
      notes: expect.arrayContaining(['2 of INVITE, 1 of BYE']),
    });
    expect(of('test-call-duplicates')).toMatchObject({ value: 12 / 960, n: 960 });
    expect(of('test-call-reordered')).toMatchObject({ value: 24 / 960, n: 960 });
  });

  it('reckon a MOS of one way only, never of an echo, and never without a codec of published values', () => {
    const echo = { ...CALL, far: 'echo', receivedCovers: 'round-trip' } as const;
    expect(figuresOf([echo]).of('mos-nb')).toBeUndefined();
    expect(figuresOf([{ ...CALL, codec: 'opus' }]).of('mos-nb')).toBeUndefined();
    const { of } = figuresOf([CALL]);
    expect(of('mos-nb')).toMatchObject({ direction: 'reverse', n: 500, unit: 'mos' });
    expect(of('mos-nb')?.notes).toContain('of test calls, not of calls of users');
  });
});

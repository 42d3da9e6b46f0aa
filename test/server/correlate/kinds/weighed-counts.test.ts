import { describe, expect, it } from 'vitest';
import { shareOf, weighedMedia, weighedRuns } from '../../../../server/correlate/kinds/weighed-counts.ts';

describe('echoes and calls', () => {
  it('count runs of losses, and as trials what followed a success, each at half weight', () => {
    expect(weighedRuns('icmp', { sent: 60, lost: 8, lossRuns: 2 })).toEqual({
      events: 1,
      trials: 26,
      sent: 60,
      lost: 8,
    });
  });

  it('of which all were lost are one event of one trial', () => {
    expect(weighedRuns('calls', { sent: 7, lost: 7, lossRuns: 1 })).toEqual({
      events: 0.5,
      trials: 0.5,
      sent: 7,
      lost: 7,
    });
  });

  it('whose run began before the window count as one event all the same', () => {
    expect(weighedRuns('icmp', { sent: 9, lost: 2, lossRuns: 0 }).events).toBe(0.5);
  });
});

describe('media', () => {
  /** Sum of lost² / expected over intervals of 250 packets. */
  const squares = (lost: readonly number[]) => lost.reduce((sum, each) => sum + each ** 2 / 250, 0);

  it('count a second of a stream as one trial, at half weight', () => {
    const clean = weighedMedia('rtcp', { sent: 3000, lost: 0, intervals: 12, lostSquares: 0 });
    expect(clean).toEqual({ events: 0, trials: 30, sent: 3000, lost: 0 });
  });

  it('that lose evenly keep nearly their whole loss, over a dispersion of 4 that counts as two intervals more', () => {
    const even = Array.from({ length: 20 }, () => 25);
    const { events } = weighedMedia('rtcp', { sent: 5000, lost: 500, intervals: 20, lostSquares: squares(even) });
    // Dispersion (19 · 1 + 2 · 4) / 21 = 27/21; 500 / (27/21) / 50 / 2.
    expect(events).toBeCloseTo((500 * 21) / 27 / 100, 9);
  });

  it('that lose all of it in one interval of twenty weigh far less: the path itself shows how it varies', () => {
    const lost = [250, ...Array.from({ length: 19 }, () => 0)];
    const burst = weighedMedia('rtcp', { sent: 5000, lost: 250, intervals: 20, lostSquares: squares(lost) });
    const even = Array.from({ length: 20 }, () => 12.5);
    const spread = weighedMedia('rtcp', { sent: 5000, lost: 250, intervals: 20, lostSquares: squares(even) });
    expect(burst.events).toBeLessThan(spread.events / 50);
  });

  it('count runs where the stream tells them: a run of fifty packets is one loss', () => {
    const count = { sent: 15_000, lost: 300, intervals: 60, lostSquares: squares(Array.from({ length: 60 }, () => 5)) };
    expect(weighedMedia('mesh', { ...count, lossRuns: 6 }).events).toBeCloseTo(6 / 100, 9);
    expect(weighedMedia('mesh', { ...count, lossRuns: 300 }).events).toBe(weighedMedia('mesh', count).events);
  });

  it('of few intervals count as if they were as uneven as streams usually are', () => {
    const { events } = weighedMedia('rtcp', { sent: 500, lost: 40, intervals: 2, lostSquares: squares([20, 20]) });
    expect(events).toBeCloseTo(40 / 4 / 100, 9);
  });

  it('are shared out whole over the edges that they may have used', () => {
    const whole = weighedMedia('rtcp', { sent: 500, lost: 40, intervals: 2, lostSquares: squares([20, 20]) });
    const third = shareOf(whole, 1 / 3);
    expect(third.events * 3).toBeCloseTo(whole.events, 12);
    expect(third.sent * 3).toBeCloseTo(500, 9);
  });
});

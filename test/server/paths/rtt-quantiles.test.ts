import { describe, expect, it } from 'vitest';
import { RTT_CAPACITY, RttWindow, rttQuantiles } from '../../../server/paths/rtt-quantiles.ts';

describe('round-trip quantiles', () => {
  it('are nearest-rank: always a value that was measured', () => {
    const rtts = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(rttQuantiles(rtts)).toEqual({ n: 100, p50Ms: 50, p95Ms: 95, p99Ms: 99 });
    expect(rttQuantiles([7])).toEqual({ n: 1, p50Ms: 7, p95Ms: 7, p99Ms: 7 });
  });

  it('leave out what is older than the window', () => {
    const window = new RttWindow();
    window.add(1000, 500);
    window.add(50_000, 20);
    window.add(60_000, 30);
    expect(window.estimate(60_000, 61_000)).toMatchObject({ n: 2, p50Ms: 20, p99Ms: 30, windowMs: 60_000 });
    expect(window.estimate(60_000, 200_000)).toBeUndefined();
  });

  it('name the shorter window that was really held (safety rule 1)', () => {
    const window = new RttWindow();
    for (let at = 0; at < RTT_CAPACITY + 72; at += 1) window.add(at * 100, 20);
    const estimate = window.estimate(60_000, 20_000);
    expect(estimate).toMatchObject({ n: RTT_CAPACITY, windowMs: 20_000 - 7200 });
  });

  it('are undefined where nothing was ever answered', () => {
    expect(new RttWindow().estimate(60_000, 1000)).toBeUndefined();
  });
});

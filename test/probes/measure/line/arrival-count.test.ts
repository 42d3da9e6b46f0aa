import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArrivalCount } from '../../../../probes/measure/line/arrival-count.ts';

describe('ArrivalCount', () => {
  it('tells the steady part by itself, so that a first burst is not in its rate', () => {
    const count = new ArrivalCount();
    count.add(1000, 100_000);
    for (let atMs = 1010; atMs <= 3000; atMs += 10) count.add(atMs, 2500);
    const { bytes, durationMs, steadyBytes, steadyMs } = count.count();
    expect({ bytes, durationMs }).toEqual({ bytes: 600_000, durationMs: 2000 });
    expect((steadyBytes * 8) / steadyMs).toBeCloseTo(2000, 6);
    expect((bytes * 8) / durationMs).toBe(2400);
  });

  it('is not led astray by what TCP holds back behind a lost packet and hands on all at once', () => {
    for (const [lostAtMs, waitMs] of [
      [400, 2200],
      [900, 300],
      [1900, 300],
      [2400, 300],
      [3900, 300],
      [4700, 300],
    ] as const) {
      const count = new ArrivalCount();
      let heldBytes = 0;
      for (let atMs = 0; atMs < 5000; atMs += 6) {
        heldBytes += 1448;
        if (atMs >= lostAtMs && atMs < lostAtMs + waitMs) continue;
        count.add(atMs, heldBytes);
        heldBytes = 0;
      }
      const { steadyBytes, steadyMs } = count.count(5000);
      expect(Math.abs((steadyBytes * 8) / steadyMs / ((1448 * 8) / 6) - 1)).toBeLessThan(0.03);
    }
  });

  it('counts the silence before time was up, and none behind the end', () => {
    const count = new ArrivalCount();
    for (let atMs = 0; atMs <= 500; atMs += 10) count.add(atMs, 1000);
    expect(count.count(2000)).toMatchObject({ bytes: 51_000, durationMs: 2000, steadyBytes: 0, steadyMs: 0 });
    expect(count.count()).toMatchObject({ durationMs: 500 });
  });

  it('tells no steady rate of what was over at once', () => {
    const count = new ArrivalCount();
    for (let atMs = 0; atMs <= 40; atMs += 10) count.add(atMs, 1000);
    expect(count.count()).toEqual({ bytes: 5000, durationMs: 40, steadyBytes: 0, steadyMs: 0 });
    expect(new ArrivalCount().count(1000)).toEqual({ bytes: 0, durationMs: 0, steadyBytes: 0, steadyMs: 0 });
  });

  it('never tells more than came, nor a longer time than passed', () => {
    const arrivals = fc.array(fc.record({ gapMs: fc.integer({ min: 0, max: 200 }), bytes: fc.nat({ max: 70_000 }) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(arrivals, fc.nat({ max: 5000 }), (all, cutAfterMs) => {
        const count = new ArrivalCount();
        let atMs = 17;
        for (const { bytes, gapMs } of all) {
          atMs += gapMs;
          count.add(atMs, bytes);
        }
        const got = count.count(atMs + cutAfterMs);
        const sum = all.reduce((total, { bytes }) => total + bytes, 0);
        expect(got.bytes).toBe(sum);
        expect(got.steadyBytes).toBeLessThanOrEqual(sum);
        expect(got.steadyMs).toBeLessThanOrEqual(got.durationMs);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProbeClocks } from '../../../server/paths/probe-clocks.ts';

/** Hub time is this far ahead of the probe's clock. */
const AHEAD_MS = 1_000_000;

describe('ProbeClocks', () => {
  it('takes the time of sending as it is while every batch takes the same way', () => {
    const clocks = new ProbeClocks();
    for (let sentAtMs = 1000; sentAtMs < 200_000; sentAtMs += 500) {
      expect(clocks.shownAtMs('p', 'i', sentAtMs, sentAtMs + AHEAD_MS + 20)).toBe(sentAtMs);
    }
  });

  it('finds a batch older by as much as it was held back', () => {
    const clocks = new ProbeClocks();
    clocks.shownAtMs('p', 'i', 1000, 1020 + AHEAD_MS);
    expect(clocks.shownAtMs('p', 'i', 2000, 17_020 + AHEAD_MS)).toBe(17_000);
    expect(clocks.shownAtMs('p', 'i', 17_100, 17_120 + AHEAD_MS)).toBe(17_100);
  });

  it('takes a clock that was paused, as that of a machine moved elsewhere, as it is after two minutes at most', () => {
    const clocks = new ProbeClocks();
    const pausedMs = 30_000;
    for (let atMs = 0; atMs <= 60_000; atMs += 1000) clocks.shownAtMs('p', 'i', atMs, atMs + AHEAD_MS);
    let shownMs = 0;
    for (let atMs = 61_000; atMs <= 181_000; atMs += 1000) {
      shownMs = clocks.shownAtMs('p', 'i', atMs, atMs + AHEAD_MS + pausedMs);
    }
    expect(shownMs).toBe(181_000);
  });

  it('knows nothing of the clock of another instance, nor of one unheard of for minutes, nor of another PBX', () => {
    const clocks = new ProbeClocks();
    clocks.shownAtMs('p', 'i', 50_000, AHEAD_MS);
    expect(clocks.shownAtMs('p', 'j', 10, AHEAD_MS + 100)).toBe(10);
    expect(clocks.shownAtMs('q', 'i', 10, AHEAD_MS + 100)).toBe(10);
    expect(clocks.shownAtMs('p', 'j', 200_000, AHEAD_MS + 300_000)).toBe(200_000);
  });

  it('never shows a time before that of sending, nor one later than the longest way explains', () => {
    const way = fc.record({ gapMs: fc.integer({ min: 1, max: 90_000 }), delayMs: fc.integer({ min: 0, max: 20_000 }) });
    fc.assert(
      fc.property(fc.array(way, { minLength: 1, maxLength: 50 }), (ways) => {
        const clocks = new ProbeClocks();
        let sentAtMs = 0;
        let cameAtMs = 0;
        for (const { delayMs, gapMs } of ways) {
          sentAtMs += gapMs;
          cameAtMs = Math.max(cameAtMs, sentAtMs + delayMs);
          const shownMs = clocks.shownAtMs('p', 'i', sentAtMs, cameAtMs + AHEAD_MS);
          expect(shownMs).toBeGreaterThanOrEqual(sentAtMs);
          expect(shownMs - sentAtMs).toBeLessThanOrEqual(cameAtMs - sentAtMs);
        }
      }),
    );
  });
});

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

  it.each([10_000, 30_000, 119_000])(
    'takes a clock that stood still for %i ms as it is ten seconds after it went on',
    (pausedMs) => {
      const clocks = new ProbeClocks();
      for (let atMs = 0; atMs <= 60_000; atMs += 500) clocks.shownAtMs('p', 'i', atMs, atMs + AHEAD_MS + (atMs % 90));
      const late: number[] = [];
      for (let atMs = 60_500; atMs <= 90_000; atMs += 500) {
        const behindMs = clocks.shownAtMs('p', 'i', atMs, atMs + AHEAD_MS + pausedMs + (atMs % 90)) - atMs;
        if (behindMs > 100) late.push(atMs);
      }
      expect(late.at(-1)).toBe(70_000);
    },
  );

  it('takes a clock that stood still for less as it is after two minutes at most', () => {
    const clocks = new ProbeClocks();
    for (let atMs = 0; atMs <= 60_000; atMs += 1000) clocks.shownAtMs('p', 'i', atMs, atMs + AHEAD_MS);
    const shownMs = Array.from({ length: 121 }, (_, at) => 61_000 + at * 1000).map((atMs) =>
      clocks.shownAtMs('p', 'i', atMs, atMs + AHEAD_MS + 4000),
    );
    expect(shownMs[20]).toBe(81_000 + 4000);
    expect(shownMs.at(-1)).toBe(181_000);
  });

  it('takes no full queue for a clock that stood still: its delays wander, and batches sent before it filled are as old as they are', () => {
    const clocks = new ProbeClocks();
    for (let atMs = 0; atMs <= 30_000; atMs += 500) clocks.shownAtMs('p', 'i', atMs, atMs + AHEAD_MS + 20);
    let cameAtMs = 0;
    for (let atMs = 30_500; atMs <= 80_000; atMs += 500) {
      const queuedMs = 8000 + 1500 * Math.sin(atMs / 2500);
      cameAtMs = Math.max(cameAtMs, atMs + queuedMs);
      expect(clocks.shownAtMs('p', 'i', atMs, cameAtMs + AHEAD_MS + 20)).toBeCloseTo(cameAtMs, 6);
    }
  });

  it('takes no batches for a clock that stood still that were all held back and come at once', () => {
    const clocks = new ProbeClocks();
    for (let atMs = 0; atMs <= 30_000; atMs += 500) clocks.shownAtMs('p', 'i', atMs, atMs + AHEAD_MS + 20);
    for (let atMs = 30_500; atMs <= 60_000; atMs += 500) {
      expect(clocks.shownAtMs('p', 'i', atMs, 66_000 + AHEAD_MS + 20)).toBe(66_000);
    }
    expect(clocks.shownAtMs('p', 'i', 66_500, 66_500 + AHEAD_MS + 20)).toBe(66_500);
  });

  it('asks for five batches that are alike, however far apart they are', () => {
    const clocks = new ProbeClocks();
    clocks.shownAtMs('p', 'i', 0, AHEAD_MS);
    const shown = [10_000, 15_000, 20_000, 25_000, 30_000].map(
      (atMs) => clocks.shownAtMs('p', 'i', atMs, atMs + AHEAD_MS + 20_000) - atMs,
    );
    expect(shown).toEqual([20_000, 20_000, 20_000, 20_000, 0]);
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

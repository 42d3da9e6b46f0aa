import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earn, spend, startPace } from '../../../../probes/measure/line/send-pace.ts';

/** Sends all that may be sent at each of these times. @returns bytes sent in all. */
function sendAll(kbps: number, gapsMs: readonly number[]): { readonly sentBytes: number; readonly atMs: number } {
  let pace = startPace(1000);
  let sentBytes = 0;
  let atMs = 1000;
  for (const gapMs of gapsMs) {
    atMs += gapMs;
    pace = earn(pace, kbps, atMs);
    const bytes = Math.floor(pace.creditBytes);
    sentBytes += bytes;
    pace = spend(pace, bytes);
  }
  return { sentBytes, atMs: atMs - 1000 };
}

describe('the pace of a sender', () => {
  it('keeps to its rate: 50 Mbit/s are 6250 bytes in a millisecond', () => {
    expect(
      sendAll(
        50_000,
        Array.from({ length: 200 }, () => 5),
      ).sentBytes,
    ).toBe(6_250_000);
  });

  it('saves up 20 ms of it at most while the line takes nothing', () => {
    expect(sendAll(50_000, [3000]).sentBytes).toBe(125_000);
    expect(sendAll(100, [3000]).sentBytes).toBe(1500);
  });

  it('never goes beyond its rate, however unevenly it is asked', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 100, max: 1_000_000 }), (all, kbps) => {
        const { atMs, sentBytes } = sendAll(kbps, all);
        expect(sentBytes).toBeLessThanOrEqual((atMs * kbps) / 8 + 1);
      }),
    );
  });
});

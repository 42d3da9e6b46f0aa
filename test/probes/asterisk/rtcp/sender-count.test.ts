import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldSenderCount, packetsAt, type SenderCount } from '../../../../probes/asterisk/rtcp/sender-count.ts';

const UNITS_PER_MS = 65.536;

/** A report of `packets` packets, known here at `atMs` and made at `madeAtMs` where its sender says when. */
function report(
  count: SenderCount | undefined,
  packets: number | undefined,
  atMs: number,
  { madeAtMs, beganAtMs }: { madeAtMs?: number; beganAtMs?: number } = {},
): SenderCount | undefined {
  const senderNtpUnits = madeAtMs === undefined ? undefined : units(madeAtMs);
  return foldSenderCount(count, { senderPackets: packets, senderNtpUnits }, atMs, beganAtMs);
}

/** Close before the wrap, so that every test goes over it. */
function units(ms: number): number {
  return (0xffff_ffff - 300_000 + Math.round(ms * UNITS_PER_MS)) % 0x1_0000_0000;
}

describe('the count of a sender between its reports', () => {
  it('goes on as fast as the last two reports say', () => {
    const first = report(undefined, 1000, 0);
    expect(packetsAt(first, 100, undefined)).toBeUndefined();
    const second = report(first, 1250, 5000);
    expect(packetsAt(second, 5000, undefined)).toBe(1250);
    expect(packetsAt(second, 7500, undefined)).toBe(1375);
  });

  it('is known from the first report on where its beginning is', () => {
    expect(packetsAt(report(undefined, 250, 6000, { beganAtMs: 1000 }), 6100, undefined)).toBe(255);
  });

  it('stands still after a receiver report: that side sends nothing now', () => {
    const sending = report(undefined, 250, 6000, { beganAtMs: 1000, madeAtMs: 6000 });
    const resting = report(sending, undefined, 11_000, { beganAtMs: 1000 });
    expect(packetsAt(resting, 15_000, undefined)).toBe(250);
    expect(packetsAt(resting, 11_100, { ntpUnits: units(6000), delayMs: 5000 })).toBe(250);
  });

  it('a count that falls, or goes faster than any codec, says nothing of its pace', () => {
    const sending = report(undefined, 250, 6000, { beganAtMs: 1000 });
    expect(packetsAt(report(sending, 3, 11_000), 11_000, undefined)).toBeUndefined();
    expect(packetsAt(report(undefined, 5000, 6000, { beganAtMs: 5900 }), 6000, undefined)).toBeUndefined();
  });

  it('is exact by what the other side has heard, however late the events are handed out', () => {
    // 50 a second for 5 s, then 40 a second: the phone's network loses a fifth.
    const begun = report(undefined, 250, 5000, { beganAtMs: 0, madeAtMs: 5000 });
    const late = report(begun, 450, 10_800, { madeAtMs: 10_000 });
    expect(packetsAt(late, 11_300, { ntpUnits: units(10_000), delayMs: 500 })).toBe(470);
    // A report that was made between our two speaks of the first.
    expect(packetsAt(late, 10_900, { ntpUnits: units(5000), delayMs: 4500 })).toBe(430);
    expect(packetsAt(late, 10_900, undefined)).toBe(453);
  });

  it('does not believe a far end whose delay cannot be: the time of the events stands', () => {
    const begun = report(undefined, 250, 5000, { beganAtMs: 0, madeAtMs: 5000 });
    const count = report(begun, 500, 10_000, { madeAtMs: 10_000 });
    for (const heard of [
      { ntpUnits: units(10_000), delayMs: 65_000_000 },
      // The delay since our report is never told: 0.
      { ntpUnits: units(5000), delayMs: 0 },
      { ntpUnits: 0x3000_0000, delayMs: 0 },
      { ntpUnits: units(10_000) ^ 0x4000_0000, delayMs: 0 },
    ]) {
      expect(packetsAt(count, 10_200, heard)).toBe(510);
    }
  });

  it('a clock that is set back begins anew, and nothing is counted between', () => {
    const begun = report(undefined, 250, 5000, { beganAtMs: 0, madeAtMs: 5000 });
    const stepped = report(begun, 500, 10_000, { madeAtMs: 1000 });
    expect(stepped?.reports).toHaveLength(1);
    expect(packetsAt(stepped, 10_100, { ntpUnits: units(1000), delayMs: 100 })).toBe(505);
  });

  it('follows a steady stream to the packet, whatever the delivery of its events', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(delays, fc.integer({ min: 0, max: 4999 }), (lates, delayMs) => {
        let count: SenderCount | undefined;
        for (const [index, lateMs] of lates.entries()) {
          const madeAtMs = (index + 1) * 5000;
          count = report(count, madeAtMs / 20, madeAtMs + lateMs, { madeAtMs, beganAtMs: 0 });
        }
        const lastMs = lates.length * 5000;
        const got = packetsAt(count, lastMs + delayMs, { ntpUnits: units(lastMs), delayMs });
        expect(Math.abs((got ?? 0) - (lastMs + delayMs) / 20)).toBeLessThanOrEqual(1);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReportBlock } from '../../../../probes/asterisk/rtcp/rtcp-report.ts';
import {
  beginStream,
  type StreamFigures,
  signedCumulativeLost,
  stepStream,
  stepUnheard,
} from '../../../../probes/asterisk/rtcp/stream-deltas.ts';

function block(extended: number, cumulativeLost: number, sourceSsrc = 7): ReportBlock {
  return {
    sourceSsrc,
    cumulativeLostRaw: cumulativeLost < 0 ? cumulativeLost + 0x100_0000 : cumulativeLost,
    highestSequence: extended & 0xffff,
    sequenceCycles: Math.floor(extended / 0x1_0000),
    interarrivalJitterTicks: 0,
    heard: undefined,
  };
}

function between(before: ReportBlock, after: ReportBlock): Omit<StreamFigures, 'intervalMs'> | undefined {
  const { figures } = stepStream(beginStream(before, undefined, 0), after, undefined, 5000);
  if (figures === undefined) return undefined;
  const { intervalMs: _intervalMs, ...counts } = figures;
  return counts;
}

describe('signedCumulativeLost (RFC 3550 §6.4.1)', () => {
  it.each([
    [0, 0],
    [5, 5],
    [0x7f_ffff, 8_388_607],
    [0x80_0000, -8_388_608],
    [0xff_ffff, -1],
  ])('%d is %d', (raw, signed) => {
    expect(signedCumulativeLost(raw)).toBe(signed);
  });
});

describe('stepStream', () => {
  it('counts by differences, not by totals', () => {
    expect(between(block(1000, 400), block(1250, 425))).toEqual({ expected: 250, lost: 25, isSilent: false });
  });

  it('goes on over the wrap of the sequence number', () => {
    expect(between(block(65_500, 0), block(65_750, 3))).toEqual({ expected: 250, lost: 3, isSilent: false });
  });

  it('duplicates make the loss negative, and are told as they are', () => {
    expect(between(block(1000, 1), block(1250, -2))).toEqual({ expected: 250, lost: -3, isSilent: false });
  });

  it('another source begins anew: no jump is ever counted', () => {
    expect(between(block(60_000, 9), block(100, 0, 8))).toBeUndefined();
    expect(between(block(1000, 9), block(1000 + 200_000, 9))).toBeUndefined();
  });

  it('a highest number that stands still while we go on sending is total loss, and is not counted twice', () => {
    const first = beginStream(block(1000, 0), 1000, 0);
    const silent = stepStream(first, block(1000, 0), 1250, 5000);
    expect(silent.figures).toEqual({ intervalMs: 5000, expected: 250, lost: 250, isSilent: true });
    const back = stepStream(silent.state, block(1500, 250), 1500, 10_000);
    expect(back.figures).toEqual({ intervalMs: 5000, expected: 250, lost: 0, isSilent: false });
  });

  it('says nothing of a stand-still where the sender does not say what it sent (rule 2)', () => {
    expect(between(block(1000, 0), block(1000, 0))).toBeUndefined();
    const unheard = stepUnheard(beginStream(block(1000, 0), undefined, 0), undefined, 5000);
    expect(unheard.figures).toBeUndefined();
  });

  it('the sum of all intervals is what the counters say, whatever the reports in between', () => {
    const steps = fc.array(
      fc.record({ sent: fc.integer({ min: 1, max: 500 }), lost: fc.integer({ min: 0, max: 500 }) }),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 70_000 }), (intervals, start) => {
        let state = beginStream(block(start, 0), undefined, 0);
        let [extended, cumulative, expected, lost] = [start, 0, 0, 0];
        for (const { sent, lost: dropped } of intervals) {
          extended += sent;
          cumulative += Math.min(sent, dropped);
          const step = stepStream(state, block(extended, cumulative), undefined, 1);
          state = step.state;
          expected += step.figures?.expected ?? 0;
          lost += step.figures?.lost ?? 0;
        }
        expect([expected, lost]).toEqual([extended - start, cumulative]);
      }),
    );
  });
});

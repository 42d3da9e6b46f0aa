import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lossPattern } from '../../../../probes/measure/rtp/loss-pattern.ts';

/** `x` for a lost packet, `.` for a received one. */
function fates(text: string): readonly boolean[] {
  return Array.from(text.replaceAll(' ', ''), (each) => each === 'x');
}
const FIFTEEN = '.'.repeat(15);
const SIXTEEN = '.'.repeat(16);

describe('loss runs', () => {
  test('are counted by length in the bounds of the wire', () => {
    const runs = [1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 100];
    const text = runs.map((length) => 'x'.repeat(length)).join('.');
    const { lost, lossRuns } = lossPattern(fates(text), 20);
    expect(lost).toBe(runs.reduce((sum, each) => sum + each, 0));
    expect(lossRuns).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });

  test('at both ends count, and none without a loss', () => {
    expect(lossPattern(fates('xx...x'), 20).lossRuns).toEqual([1, 1, 0, 0, 0, 0, 0, 0]);
    expect(lossPattern(fates('.....'), 20)).toEqual({ lost: 0, lossRuns: [0, 0, 0, 0, 0, 0, 0, 0] });
    expect(lossPattern([], 20).lost).toBe(0);
  });
});

describe('bursts and gaps (RFC 3611 §4.7.2, Gmin 16)', () => {
  test('two losses with 15 received between them are one burst', () => {
    expect(lossPattern(fates(`${SIXTEEN} x ${FIFTEEN} x ${SIXTEEN}`), 20).burst).toEqual({
      burstDensityRatio: 2 / 17,
      gapDensityRatio: 0,
      burstDurationMs: 340,
      gapDurationMs: 320,
    });
  });

  test('with 16 received between them both are of the gap', () => {
    expect(lossPattern(fates(`x ${SIXTEEN} x`), 20).burst).toEqual({
      burstDensityRatio: 0,
      gapDensityRatio: 2 / 18,
      burstDurationMs: 0,
      gapDurationMs: 360,
    });
  });

  test('the durations are means, and a gap may hold a loss of its own', () => {
    const { burst } = lossPattern(fates(`xxx ${SIXTEEN} x ${SIXTEEN} xx.x ${SIXTEEN}`), 20);
    expect(burst).toEqual({
      burstDensityRatio: 6 / 7,
      gapDensityRatio: 1 / 49,
      burstDurationMs: 70,
      gapDurationMs: (49 * 20) / 2,
    });
  });

  test('a stream that is lost whole is one burst without a gap', () => {
    expect(lossPattern(fates('xxxx'), 20).burst).toEqual({
      burstDensityRatio: 1,
      gapDensityRatio: 0,
      burstDurationMs: 80,
      gapDurationMs: 0,
    });
  });

  test('agree with the counters of the algorithm in RFC 3611 A.2 on losses anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 400 }), (draws) => {
        const isLost = draws.map((draw) => draw < 0.05);
        const { burst } = lossPattern(isLost, 20);
        const { c11, c13, c14, c22, c23, c33 } = countersOf(isLost);
        if (!isLost.includes(true)) {
          expect(burst).toBeUndefined();
          return;
        }
        // c13 counts burst ends, c14 single losses; losses within bursts are c13 + c23 + c33.
        const burstLost = c13 + c23 + c33;
        const burstPackets = burstLost + c22;
        const gapPackets = c11 + c14;
        expect(burst?.burstDensityRatio).toBeCloseTo(burstPackets === 0 ? 0 : burstLost / burstPackets, 12);
        expect(burst?.gapDensityRatio).toBeCloseTo(gapPackets === 0 ? 0 : c14 / gapPackets, 12);
        expect(burst?.burstDurationMs).toBeCloseTo(c13 === 0 ? 0 : (burstPackets * 20) / c13, 9);
      }),
    );
  });
});

/**
 * Transition counters as the RFC's sample code keeps them, but with c22 and c11 counting packets, and every received packet
 * before a loss in the burst in c22 (the sample leaves one out, since it counts transitions).
 */
function countersOf(isLost: readonly boolean[]) {
  const counts = { c11: 0, c13: 0, c14: 0, c22: 0, c23: 0, c33: 0 };
  let pkt = 0;
  let lost = 0;
  const close = (): void => {
    if (lost === 1) counts.c14 += 1;
    else if (lost > 1) counts.c13 += 1;
    counts.c11 += pkt;
    pkt = 0;
  };
  for (const isGone of isLost) {
    if (!isGone) {
      pkt += 1;
      continue;
    }
    if (pkt >= 16 || lost === 0) {
      close();
      lost = 1;
    } else {
      lost += 1;
      if (pkt === 0) counts.c33 += 1;
      else counts.c23 += 1;
      counts.c22 += pkt;
      pkt = 0;
    }
  }
  close();
  return counts;
}

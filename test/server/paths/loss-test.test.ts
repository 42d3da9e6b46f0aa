import { describe, expect, it } from 'vitest';
import { addLossSample, FRESH_LOSS_TEST, type LossTest } from '../../../server/paths/loss-test.ts';
import { seeded } from '../../support/seeded.ts';

function fold(samples: readonly boolean[], from: LossTest = FRESH_LOSS_TEST): LossTest {
  return samples.reduce((test, isLost) => addLossSample(test, isLost), from);
}

function samplesUntil(isRaised: boolean, lossRatio: number, random: () => number, from: LossTest): number {
  let test = from;
  let count = 0;
  while (test.isRaised !== isRaised && count < 1_000_000) {
    test = addLossSample(test, random() < lossRatio);
    count += 1;
  }
  return count;
}

describe('sequential loss test (CUSUM, 1 % against 10 %)', () => {
  const raised = fold([true, true, true, true]);

  it('is raised by four losses in a row (9.2 reaches 9), not by three', () => {
    expect(fold([true, true, true]).isRaised).toBe(false);
    expect(raised.isRaised).toBe(true);
  });

  it('is cleared by 95 answers in a row, not by 94', () => {
    expect(
      fold(
        Array.from({ length: 94 }, () => false),
        raised,
      ).isRaised,
    ).toBe(true);
    expect(
      fold(
        Array.from({ length: 95 }, () => false),
        raised,
      ),
    ).toEqual(FRESH_LOSS_TEST);
  });

  it('notices 10 % loss after 55 samples in the median and 179 at the 99th percentile', () => {
    const random = seeded(41);
    const counts = Array.from({ length: 4000 }, () => samplesUntil(true, 0.1, random, FRESH_LOSS_TEST));
    counts.sort((a, b) => a - b);
    expect(Math.abs((counts[2000] ?? 0) - 55)).toBeLessThanOrEqual(5);
    expect(Math.abs((counts[3960] ?? 0) - 179)).toBeLessThanOrEqual(20);
  });

  it('is not raised by 0.2 % loss in 200,000 samples, nor cleared by 10 % loss in 20,000', () => {
    const random = seeded(42);
    const quiet = Array.from({ length: 200_000 }, () => random() < 0.002);
    let test = FRESH_LOSS_TEST;
    let raises = 0;
    for (const isLost of quiet) {
      test = addLossSample(test, isLost);
      if (test.isRaised) raises += 1;
    }
    expect(raises).toBe(0);
    expect(samplesUntil(false, 0.1, random, raised)).toBeGreaterThan(20_000);
  });

  it('keeps its state between the two ratios: separate tests raise and clear', () => {
    const threePercent = Array.from({ length: 99 }, (_, at) => at % 33 === 0);
    expect(fold(threePercent).isRaised).toBe(false);
    expect(fold(threePercent, raised).isRaised).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { missesForHardDown } from '../../wire/hard-down.ts';
import { addToLoss, carefulLossRatio, NO_LOSS_SEEN } from '../../wire/loss-before-run.ts';

/** So many attempts one after another, of which every `missEvery`-th is missed. */
function seen(attempts: number, missEvery = Number.POSITIVE_INFINITY) {
  let memory = NO_LOSS_SEEN;
  for (let at = 1; at <= attempts; at += 1) memory = addToLoss(memory, 1, at % missEvery === 0 ? 1 : 0);
  return memory;
}

describe('loss before a run of misses', () => {
  it('is 1 with nothing seen, so that a run must be longest', () => {
    expect(carefulLossRatio(NO_LOSS_SEEN)).toBe(1);
  });

  it.each([
    [20, 9],
    [60, 7],
    [180, 5],
    [520, 4],
  ])('asks for fewer misses the more is known: after %i clean attempts %i', (attempts, needed) => {
    expect(missesForHardDown(carefulLossRatio(seen(attempts)))).toBe(needed);
  });

  it('is the upper end of the Wilson interval: 10 of 100 reads as 17.4 %, a little more with the fading', () => {
    expect(carefulLossRatio({ sent: 100, missed: 10 })).toBeCloseTo(0.1744, 4);
    expect(carefulLossRatio(seen(100, 10))).toBeGreaterThan(0.1744);
  });

  it('forgets: loss of old gives way to what came since', () => {
    const lossy = seen(1000, 5);
    expect(carefulLossRatio(lossy)).toBeGreaterThan(0.2);
    expect(carefulLossRatio(addToLoss(lossy, 5000, 0))).toBeLessThan(0.01);
  });
});

import { describe, expect, it } from 'vitest';
import { shutDown } from '../../server/shutdown.ts';

function recorded(failing: readonly number[]) {
  const taken: string[] = [];
  const steps = [1, 2, 3].map((step) => async () => {
    taken.push(`${step} begins`);
    await Promise.resolve();
    taken.push(`${step} ends`);
    if (failing.includes(step)) throw new Error(`step ${step}`);
  });
  return { taken, steps };
}

const IN_ORDER = [1, 2, 3].flatMap((step) => [`${step} begins`, `${step} ends`]);

describe('shutting down', () => {
  it('takes each step after the one before has ended', async () => {
    const { taken, steps } = recorded([]);
    await shutDown(steps);
    expect(taken).toEqual(IN_ORDER);
  });

  it.each([
    [[1], 'step 1'],
    [[2, 3], 'step 2'],
    [[3], 'step 3'],
  ])('takes every step though %j fail, and says so afterwards', async (failing, message) => {
    const { taken, steps } = recorded(failing);
    await expect(shutDown(steps)).rejects.toThrow(message);
    expect(taken).toEqual(IN_ORDER);
  });

  it('takes the later steps after one that throws at once', async () => {
    const { taken, steps } = recorded([]);
    const throwing = () => {
      throw new Error('at once');
    };
    await expect(shutDown([throwing, ...steps])).rejects.toThrow('at once');
    expect(taken).toEqual(IN_ORDER);
  });
});

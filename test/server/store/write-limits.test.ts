import { describe, expect, it } from 'vitest';
import { retryDelayMs, WRITE_LIMITS } from '../../../server/store/write-limits.ts';

describe('the wait between attempts to write again', () => {
  it('doubles up to its bound and stays there', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 7, 5000].map((attempts) => retryDelayMs(attempts, WRITE_LIMITS));
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });
});

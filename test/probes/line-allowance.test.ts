import { describe, expect, it } from 'vitest';
import { allowLine, type BegunLine } from '../../probes/line-allowance.ts';

const LIMITS = { leastEveryMs: 600_000, maxBytesPerDay: 3000 };
const DAY_MS = 86_400_000;

/** Orders in this sequence, and what becomes of each. */
function become(orders: readonly (readonly [peer: string, atMs: number, bytes: number])[]) {
  let begun: readonly BegunLine[] = [];
  return orders.map(([peer, atMs, bytes]) => {
    const allowance = allowLine(begun, { peer, bytes }, LIMITS, atMs);
    begun = allowance.begun;
    return allowance.because ?? 'begun';
  });
}

describe('transfers that a hub may order', () => {
  it('are one with a peer in so long, counted from its beginning; a refused one moves nothing', () => {
    expect(
      become([
        ['far', 0, 100],
        ['far', 599_999, 100],
        ['far', 600_000, 100],
      ]),
    ).toEqual(['begun', 'too-soon', 'begun']);
  });

  it('with another peer may follow at once', () => {
    expect(
      become([
        ['far', 0, 100],
        ['near', 1, 100],
      ]),
    ).toEqual(['begun', 'begun']);
  });

  it('with all peers move so many bytes in any 24 hours', () => {
    expect(
      become([
        ['far', 0, 2000],
        ['near', 3_600_000, 1000],
        ['other', 7_200_000, 1],
        ['other', DAY_MS - 1, 1],
        ['other', DAY_MS, 2000],
        ['far', DAY_MS + 1, 1],
      ]),
    ).toEqual(['begun', 'begun', 'day-spent', 'day-spent', 'begun', 'day-spent']);
  });

  it('of more than a day ago are forgotten', () => {
    const begun: readonly BegunLine[] = [{ peer: 'far', atMs: 0, bytes: 5 }];
    expect(allowLine(begun, { peer: 'far', bytes: 1 }, LIMITS, DAY_MS).begun).toEqual([
      { peer: 'far', atMs: DAY_MS, bytes: 1 },
    ]);
  });
});

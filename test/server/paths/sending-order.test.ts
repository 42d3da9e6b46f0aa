import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SendingOrder, type Standing } from '../../../server/paths/sending-order.ts';

/** Where a sample stands among all of these, found by sorting them. */
function sortedStanding(
  known: readonly (readonly [number, boolean])[],
  atMs: number,
): Pick<Standing, 'before' | 'after' | 'lostBefore'> {
  const sorted = known
    .map(([sentAtMs, isLost]) => ({ atMs: sentAtMs, isLost }))
    .toSorted((one, other) => one.atMs - other.atMs);
  const before = sorted.filter((sample) => sample.atMs <= atMs);
  return {
    before: before.at(-1),
    after: sorted[before.length],
    lostBefore: before.findLast(({ isLost }) => isLost),
  };
}

describe('the order of sending', () => {
  it('tells nothing of an answer beside answers, which changes no run', () => {
    const order = new SendingOrder();
    expect(order.add(1000, false)).toBeUndefined();
    expect(order.add(3000, false)).toBeUndefined();
    expect(order.add(2000, false)).toBeUndefined();
  });

  it('tells where an answer stands that comes before a loss', () => {
    const order = new SendingOrder();
    order.add(1000, true);
    order.add(3000, true);
    expect(order.add(2000, false)).toEqual({
      before: { atMs: 1000, isLost: true },
      after: { atMs: 3000, isLost: true },
      lostBefore: { atMs: 1000, isLost: true },
      isBeyondMemory: false,
    });
  });

  it('tells of every loss, and of every answer before one, what sorting them all tells', () => {
    const samples = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.boolean()), {
      maxLength: 30,
      selector: ([at]) => at,
    });
    fc.assert(
      fc.property(samples, (all) => {
        const order = new SendingOrder();
        for (const [nth, [atMs, isLost]] of all.entries()) {
          const wanted = sortedStanding(all.slice(0, nth), atMs);
          const isTelling = isLost || wanted.after?.isLost === true;
          expect(order.add(atMs, isLost)).toEqual(isTelling ? { ...wanted, isBeyondMemory: false } : undefined);
        }
      }),
    );
  });

  it('says of a sample from before all that it remembers that it does not know', () => {
    const order = new SendingOrder();
    for (let second = 1; second <= 40; second += 1) order.add(second * 1000, false);
    expect(order.add(500, true)).toMatchObject({ isBeyondMemory: true, before: undefined });
    expect(order.add(500, false)).toBeUndefined();
  });
});

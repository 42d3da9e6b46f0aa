import { describe, expect, it } from 'vitest';
import { afterAttempt, dueDeliveries, LONGEST_WAIT_MS } from '../../../server/actuate/delivery-schedule.ts';
import type { Delivery } from '../../../server/store/delivery-store.ts';

function delivery(id: string, changes: Partial<Delivery> = {}): Delivery {
  return {
    deliveryId: id,
    actuator: 'webhook',
    hook: 'noc',
    lane: id,
    body: '{}',
    madeAtEpochMs: 0,
    state: 'pending',
    attempts: 0,
    dueAtEpochMs: 0,
    lastReason: undefined,
    ...changes,
  };
}

const FAILED = { kind: 'failed', reason: 'answered 500' } as const;

describe('after an attempt', () => {
  it('that went wrong the next follows after 1, 2, 4 … seconds, and after the last it is given up', () => {
    let current = delivery('x');
    const waitsMs: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const after = afterAttempt(current, FAILED, { attempts: 5 }, { atMs: 1000, chance: 1 });
      if (after.kind !== 'again') throw new Error(after.kind);
      waitsMs.push(after.delivery.dueAtEpochMs - 1000);
      current = after.delivery;
    }
    expect(waitsMs).toEqual([1000, 2000, 4000, 8000]);
    expect(afterAttempt(current, FAILED, { attempts: 5 }, { atMs: 1000, chance: 1 })).toMatchObject({
      kind: 'give-up',
      delivery: { state: 'dead', attempts: 5, lastReason: 'answered 500' },
    });
  });

  it.each([
    ['half of it at the least', 0, {}, 500],
    ['as long as the receiver asks', 1, { retryAfterMs: 30_000 }, 30_000],
    ['five minutes at the longest', 1, { retryAfterMs: 86_400_000 }, LONGEST_WAIT_MS],
  ])('the wait is %s', (_name, chance, wish, waitMs) => {
    const after = afterAttempt(delivery('x'), { ...FAILED, ...wish }, { attempts: 5 }, { atMs: 0, chance });
    expect(after).toMatchObject({ kind: 'again', delivery: { dueAtEpochMs: waitMs } });
  });

  it('that was refused it is given up at once', () => {
    const refused = { kind: 'refused', reason: 'answered 404' } as const;
    expect(afterAttempt(delivery('x'), refused, { attempts: 5 }, { atMs: 0, chance: 0 }).kind).toBe('give-up');
  });
});

describe('what is due', () => {
  it('goes in order within a lane: the later waits for the earlier, due or under way', () => {
    const waiting = [
      delivery('1', { lane: 'fra', dueAtEpochMs: 50 }),
      delivery('2', { lane: 'fra' }),
      delivery('3', { lane: 'ams' }),
    ];
    const due = dueDeliveries(waiting, new Set(), { atOnce: 4 }, 10);
    expect(due.now.map(({ deliveryId }) => deliveryId)).toEqual(['3']);
    expect(due.nextAtMs).toBe(50);
    expect(dueDeliveries(waiting, new Set(['1']), { atOnce: 4 }, 60).now.map(({ deliveryId }) => deliveryId)).toEqual([
      '3',
    ]);
  });

  it('is never more at once than its hook allows', () => {
    const waiting = Array.from({ length: 10 }, (_each, at) => delivery(String(at)));
    expect(dueDeliveries(waiting, new Set(['0', '1']), { atOnce: 4 }, 0).now).toHaveLength(2);
    expect(dueDeliveries(waiting, new Set(['0', '1', '2', '3']), { atOnce: 4 }, 0).now).toEqual([]);
  });
});

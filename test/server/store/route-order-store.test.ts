import { describe, expect, it } from 'vitest';
import type { StoredRouteOrder } from '../../../server/store/route-order-store.ts';
import { DRIVERS, handClock, START_EPOCH_MS, storeFor, temporaryFile } from './store-fixture.ts';

const DAY_MS = 86_400_000;
const PIN: StoredRouteOrder = {
  kind: 'pin',
  orderId: 'p-1',
  asked: { scope: { site: 'fra' }, trunks: ['a', 'b'] },
  actor: 'night-shift',
  reason: 'ticket 7',
  orderedAtEpochMs: START_EPOCH_MS,
  fromEpochMs: START_EPOCH_MS,
  untilEpochMs: START_EPOCH_MS + 3_600_000,
  beganAtEpochMs: START_EPOCH_MS,
};
const GIVEN = { kind: 'pin-set', actor: 'night-shift', scope: { site: 'fra' }, sentence: 'pin p-1' };
const ENDED = { kind: 'pin-ended', actor: 'hub', sentence: 'pin p-1 is over' };

describe.each(DRIVERS)('orders of routes on %s', (driver) => {
  it('are kept with their journal entry and found again by another life of the hub', async () => {
    const file = temporaryFile();
    const store = await storeFor({ driver, file });
    expect(await store.routeOrders.give(PIN, GIVEN)).toMatchObject(GIVEN);
    await store.close();
    const again = await storeFor({ driver, file });
    expect(await again.routeOrders.open()).toEqual([PIN]);
    expect(await again.routeOrders.get('pin', 'p-1')).toEqual(PIN);
    expect(await again.routeOrders.get('maintenance', 'p-1')).toBeUndefined();
    expect((await again.journal.list()).items).toMatchObject([GIVEN]);
  });

  it('refuse a second one of the same kind and id, and its journal entry with it', async () => {
    const store = await storeFor({ driver });
    await store.routeOrders.give(PIN, GIVEN);
    await expect(store.routeOrders.give({ ...PIN, reason: 'other' }, GIVEN)).rejects.toMatchObject({
      code: 'STORE_CONSTRAINT',
    });
    expect((await store.journal.list()).items).toHaveLength(1);
    await store.routeOrders.give({ ...PIN, kind: 'maintenance' }, GIVEN);
    expect(await store.routeOrders.open()).toHaveLength(2);
  });

  it('begin and end once; over, they are no longer open, and known for a month to those who tell them again', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock });
    const { beganAtEpochMs: _, ...waiting } = { ...PIN, orderId: 'p-2' };
    await store.routeOrders.give(waiting, GIVEN);
    await store.routeOrders.begin('pin', 'p-2', START_EPOCH_MS + 5, GIVEN);
    expect(await store.routeOrders.open()).toEqual([{ ...waiting, beganAtEpochMs: START_EPOCH_MS + 5 }]);
    await store.routeOrders.end({ kind: 'pin', orderId: 'p-2' }, 'hub', START_EPOCH_MS + 9, ENDED);
    await store.routeOrders.end({ kind: 'pin', orderId: 'p-2' }, 'late', START_EPOCH_MS + 10, ENDED);
    expect(await store.routeOrders.open()).toEqual([]);
    expect(await store.routeOrders.get('pin', 'p-2')).toMatchObject({
      endedAtEpochMs: START_EPOCH_MS + 9,
      endedBy: 'hub',
    });
    clock.nowMs = START_EPOCH_MS + 32 * DAY_MS;
    await store.routeOrders.give(PIN, GIVEN);
    expect(await store.routeOrders.get('pin', 'p-2')).toBeUndefined();
  });

  it('stop routing by a switch that outlives a restart, with who and why', async () => {
    const file = temporaryFile();
    const store = await storeFor({ driver, file });
    expect(await store.routeOrders.routingStop()).toEqual({ isStopped: false });
    const entry = await store.routeOrders.setRoutingStopped(true, 'night-shift', 'flapping');
    expect(entry).toMatchObject({
      kind: 'routing-stopped',
      sentence: expect.stringContaining('by night-shift: flapping'),
    });
    await store.close();
    const again = await storeFor({ driver, file });
    expect(await again.routeOrders.routingStop()).toEqual({
      isStopped: true,
      actor: 'night-shift',
      reason: 'flapping',
      changedAtEpochMs: START_EPOCH_MS,
    });
    await again.routeOrders.setRoutingStopped(false, 'owner', 'calm again');
    expect(await again.routeOrders.routingStop()).toMatchObject({ isStopped: false, actor: 'owner' });
  });
});

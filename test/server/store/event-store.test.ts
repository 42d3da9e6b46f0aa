import { describe, expect, it } from 'vitest';
import type { NewProbeEvent } from '../../../server/store/event-store.ts';
import type { Json } from '../../../server/store/json-value.ts';
import { RETENTION_POLICY } from '../../../server/store/retention-store.ts';
import { DRIVERS, handClock, START_EPOCH_MS, storeFor } from './store-fixture.ts';

const event = (sequence: number, more: Partial<NewProbeEvent> = {}): NewProbeEvent => ({
  outboxId: 'outbox-one',
  sequence,
  pbx: 'fra-1',
  occurredAtEpochMs: START_EPOCH_MS + sequence,
  kind: 'asterisk-lost',
  body: { kind: 'asterisk-lost', reason: `cut ${sequence}` },
  ...more,
});

const notJson: unknown = { amount: 1n };
const hostileBody = notJson as Json;

describe.each(DRIVERS)('probe events on %s', (driver) => {
  it('are stored once, and a repeat is recognised', async () => {
    const store = await storeFor({ driver });
    const intake = store.events.openIntake();
    expect(await Promise.all([1, 2, 3].map((n) => intake.append(event(n))))).toEqual([
      { outcome: 'stored', id: 1 },
      { outcome: 'stored', id: 2 },
      { outcome: 'stored', id: 3 },
    ]);
    expect(await store.events.openIntake().append(event(2))).toEqual({ outcome: 'repeated', id: 2 });
    expect((await store.events.list({ order: 'oldest' })).items).toEqual(
      [1, 2, 3].map((n) => ({ ...event(n), id: n, receivedAtEpochMs: START_EPOCH_MS })),
    );
    expect(await store.events.highestSequence('outbox-one')).toBe(3);
    expect(await store.events.highestSequence('outbox-two')).toBeUndefined();
  });

  it('go to disk together with what the journal says of them, once (rule 7)', async () => {
    const store = await storeFor({ driver });
    const entry = { kind: 'asterisk-lost', actor: 'probe', scope: { pbx: 'fra-1' }, sentence: 'lost', detail: [1] };
    const receipt = await store.events.openIntake().append(event(1), entry);
    expect(receipt).toMatchObject({ outcome: 'stored', id: 1, entry: { id: 1, ...entry, isBuffered: false } });
    expect(await store.events.openIntake().append(event(1), entry)).toEqual({ outcome: 'repeated', id: 1 });
    const other = event(1, { body: { kind: 'asterisk-lost', reason: 'another' } });
    expect(await store.events.openIntake().append(other, entry)).toMatchObject({ outcome: 'conflicting' });
    expect((await store.journal.list()).items).toEqual([receipt.entry]);
  });

  it('of which the journal cannot be told are not stored either, so that they are sent again (rule 7)', async () => {
    const store = await storeFor({ driver });
    const intake = store.events.openIntake();
    const entry = { kind: 'asterisk-lost', actor: 'probe', sentence: 'lost', detail: hostileBody };
    await expect(intake.append(event(1), entry)).rejects.toMatchObject({ code: 'STORE_VALUE_REFUSED' });
    expect((await store.events.list()).items).toEqual([]);
  });

  it('of two outboxes may have the same sequence', async () => {
    const store = await storeFor({ driver });
    const intake = store.events.openIntake();
    await intake.append(event(1));
    expect(await intake.append(event(1, { outboxId: 'outbox-two' }))).toEqual({ outcome: 'stored', id: 2 });
  });

  it('with another body under a known name are reported and the first is kept', async () => {
    const store = await storeFor({ driver });
    const intake = store.events.openIntake();
    await intake.append(event(1));
    expect(await intake.append(event(1, { body: { kind: 'other' } }))).toEqual({ outcome: 'conflicting', id: 1 });
    expect((await store.events.list()).items).toMatchObject([{ body: event(1).body }]);
  });

  it('deleted by retention are still known as repeats', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock });
    const intake = store.events.openIntake();
    await Promise.all([1, 2].map((n) => intake.append(event(n))));
    clock.nowMs += RETENTION_POLICY.eventsMs + 1;
    await intake.append(event(3));
    expect(await store.retention.trim(RETENTION_POLICY)).toMatchObject({ eventsMs: 2 });
    expect(await intake.append(event(1))).toEqual({ outcome: 'repeated', id: undefined });
    expect(await intake.append(event(4))).toMatchObject({ outcome: 'stored' });
    expect((await store.events.list({ order: 'oldest' })).items.map(({ sequence }) => sequence)).toEqual([3, 4]);
    expect(await store.events.highestSequence('outbox-one')).toBe(4);
  });

  it('filter by PBX, kind and time of receipt', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock });
    const intake = store.events.openIntake();
    await intake.append(event(1));
    clock.nowMs += 1000;
    await intake.append(event(2, { pbx: 'ams-1' }));
    await intake.append(event(3, { kind: 'call-ended' }));
    const sequences = async (filter: Parameters<typeof store.events.list>[0]) =>
      (await store.events.list({ ...filter, order: 'oldest' })).items.map(({ sequence }) => sequence);
    expect(await sequences({ pbx: 'fra-1' })).toEqual([1, 3]);
    expect(await sequences({ kinds: ['call-ended'] })).toEqual([3]);
    expect(await sequences({ fromEpochMs: START_EPOCH_MS + 1 })).toEqual([2, 3]);
    expect(await sequences({ toEpochMs: START_EPOCH_MS + 1000 })).toEqual([1]);
  });

  it('after one that could not be written are refused on that intake, so no ack can cover a gap (rule 8)', async () => {
    const store = await storeFor({ driver });
    const intake = store.events.openIntake();
    await intake.append(event(1));
    const bad = intake.append(event(2, { body: hostileBody }));
    const next = intake.append(event(3));
    await expect(bad).rejects.toMatchObject({ code: 'STORE_VALUE_REFUSED' });
    await expect(next).rejects.toMatchObject({ code: 'STORE_INTAKE_BROKEN', retryable: true });
    expect(intake.isBroken).toBe(true);
    expect(await store.events.highestSequence('outbox-one')).toBe(1);
    expect(await store.events.openIntake().append(event(2))).toMatchObject({ outcome: 'stored' });
  });
});

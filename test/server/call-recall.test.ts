import { describe, expect, it } from 'vitest';
import { recallCalls } from '../../server/call-recall.ts';
import { toJson } from '../../server/hub-entries.ts';
import type { CallEnded } from '../../server/paths/quality/ended-call.ts';
import type { Store } from '../../server/store/database-store.ts';
import { storeFor } from './store/store-fixture.ts';

const NOW = 1_800_000_000_000;

async function storeWith(endedMinutesAgo: readonly number[]): Promise<Store> {
  const store = await storeFor({ driver: 'node:sqlite', clock: { nowEpochMs: () => NOW } });
  const intake = store.events.openIntake();
  for (const [index, minutes] of endedMinutesAgo.entries()) {
    const endedAtEpochMs = NOW - minutes * 60_000;
    const body: CallEnded = {
      kind: 'call-ended',
      linkedId: `l-${index}`,
      uniqueId: `u-${index}`,
      trunk: 'a',
      startedAtEpochMs: endedAtEpochMs - 1000,
      endedAtEpochMs,
    };
    const event = { outboxId: 'outbox-0001', sequence: index + 1, pbx: 'fra-1', kind: body.kind, body: toJson(body) };
    await intake.append({ ...event, occurredAtEpochMs: endedAtEpochMs });
  }
  return store;
}

function counter() {
  const ages: number[] = [];
  const callEnded = (_pbx: string, _body: CallEnded, atMs: number) => void ages.push((NOW - atMs) / 60_000);
  return { engine: { callEnded }, ages };
}

describe('recallCalls', () => {
  it('counts the calls of the last hour again, newest first, and older ones not', async () => {
    const { events } = await storeWith([90, 50, 10, 1]);
    const { engine, ages } = counter();
    expect(await recallCalls(engine, events, NOW)).toEqual({ counted: 3, isCut: false });
    expect(ages).toEqual([1, 10, 50]);
  });

  it('stops at its cap with the newest, and says that it was cut', async () => {
    const { events } = await storeWith(Array.from({ length: 1100 }, (_, index) => 50 - index / 40));
    const { engine, ages } = counter();
    expect(await recallCalls(engine, events, NOW, 400)).toEqual({ counted: 500, isCut: true });
    expect(Math.max(...ages)).toBeLessThan(36);
  });

  it('an hour without calls is none, and not cut', async () => {
    const { events } = await storeWith([]);
    expect(await recallCalls(counter().engine, events, NOW)).toEqual({ counted: 0, isCut: false });
  });
});

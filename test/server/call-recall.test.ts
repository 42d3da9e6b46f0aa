import { describe, expect, it } from 'vitest';
import { recallCalls } from '../../server/call-recall.ts';
import { toJson } from '../../server/hub-entries.ts';
import { CallLosses } from '../../server/paths/quality/call-losses.ts';
import { type CallEnded, countedCall } from '../../server/paths/quality/ended-call.ts';
import { CallLedger } from '../../server/routing/call-ledger.ts';
import type { Store } from '../../server/store/database-store.ts';
import { storeFor } from './store/store-fixture.ts';

const NOW = 1_800_000_000_000;

function callEndedAt(endedAtEpochMs: number, index = 0): CallEnded {
  const ids = { linkedId: `l-${index}`, uniqueId: `u-${index}` };
  const refused = { statusCode: 503, causeCode: 34 };
  return {
    kind: 'call-ended',
    ...ids,
    ...refused,
    trunk: 'a',
    startedAtEpochMs: endedAtEpochMs - 1000,
    endedAtEpochMs,
  };
}

async function storeWith(endedMinutesAgo: readonly number[]): Promise<Store> {
  const store = await storeFor({ driver: 'node:sqlite', clock: { nowEpochMs: () => NOW } });
  const intake = store.events.openIntake();
  for (const [index, minutes] of endedMinutesAgo.entries()) {
    const endedAtEpochMs = NOW - minutes * 60_000;
    const body = callEndedAt(endedAtEpochMs, index);
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
  it('counts the calls of the last hour again in the order of their ends, and older ones not', async () => {
    const { events } = await storeWith([90, 50, 10, 1]);
    const { engine, ages } = counter();
    expect(await recallCalls(engine, events, NOW)).toEqual({ counted: 3, isCut: false });
    expect(ages).toEqual([50, 10, 1]);
  });

  it('stops at its cap with the newest, and says that it was cut', async () => {
    const { events } = await storeWith(Array.from({ length: 1100 }, (_, index) => 50 - index / 40));
    const { engine, ages } = counter();
    expect(await recallCalls(engine, events, NOW, 400)).toEqual({ counted: 500, isCut: true });
    expect(Math.max(...ages)).toBeLessThan(36);
  });

  it('gives the ledger of routing the latest calls in the order of their ends, as a hub that went on has them', async () => {
    const minutesAgo = Array.from({ length: 100 }, (_, index) => 50 - index / 4);
    const { events } = await storeWith(minutesAgo);
    const recalled = new CallLedger();
    const kept = new CallLedger();
    const taking = (ledger: CallLedger) => (pbx: string, body: CallEnded, atMs: number) =>
      void ledger.add(pbx, { trunk: body.trunk, class: body.class }, countedCall(body), atMs);
    await recallCalls({ callEnded: taking(recalled) }, events, NOW);
    for (const minutes of minutesAgo) {
      kept.add(
        'fra-1',
        { trunk: 'a', class: undefined },
        countedCall(callEndedAt(NOW - minutes * 60_000)),
        NOW - minutes * 60_000,
      );
    }
    const latest = recalled.recent('fra-1', 'a', 'national');
    expect(latest).toHaveLength(64);
    expect(latest).toEqual(kept.recent('fra-1', 'a', 'national'));
  });

  it('leaves single failures single, however many calls came after them', async () => {
    const minutesAgo = Array.from({ length: 200 }, (_, index) => 4.9 - index / 42);
    const { events } = await storeWith(minutesAgo);
    const losses = new CallLosses();
    let nth = 0;
    const callEnded = (_pbx: string, body: CallEnded, atMs: number) => {
      const isFailed = body.linkedId.endsWith('5') || body.linkedId.endsWith('0');
      const statusCode = isFailed ? 503 : 486;
      nth += Number(isFailed);
      losses.add(undefined, countedCall({ ...body, statusCode, causeCode: isFailed ? 34 : 17 }), atMs);
    };
    await recallCalls({ callEnded }, events, NOW);
    expect(losses.since(NOW - 300_000)[0]?.counts).toMatchObject({ sent: 200, lost: nth, lossRuns: nth });
    expect(nth).toBe(40);
  });

  it('an hour without calls is none, and not cut', async () => {
    const { events } = await storeWith([]);
    expect(await recallCalls(counter().engine, events, NOW)).toEqual({ counted: 0, isCut: false });
  });
});

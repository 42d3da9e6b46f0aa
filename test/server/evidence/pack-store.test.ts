import { describe, expect, it } from 'vitest';
import { PackStore } from '../../../server/evidence/pack-store.ts';
import type { Store } from '../../../server/store/database-store.ts';
import { handClock, storeFor } from '../store/store-fixture.ts';
import { contextPath, kept, MINUTE_MS, OPENED, openVerdict } from './evidence-fixture.ts';

const PATHS = [contextPath('fra-1', 'a', 60, 6), contextPath('fra-1', 'b', 60, 0)];

async function opened(): Promise<{ readonly store: Store; readonly packs: PackStore }> {
  const store = await storeFor({ driver: 'node:sqlite', clock: handClock(OPENED + MINUTE_MS) });
  return { store, packs: new PackStore(store) };
}

async function addCalls(store: Store, calls: readonly object[]): Promise<void> {
  const intake = store.events.openIntake();
  for (const [sequence, call] of calls.entries()) {
    const times = { startedAtEpochMs: OPENED, endedAtEpochMs: OPENED + sequence };
    const body = {
      kind: 'call-ended',
      linkedId: `1.${sequence}`,
      uniqueId: `2.${sequence}`,
      trunk: 'a',
      ...times,
      ...call,
    };
    await intake.append({
      outboxId: 'outbox-01',
      sequence,
      pbx: 'fra-1',
      occurredAtEpochMs: OPENED,
      kind: 'call-ended',
      body,
    });
  }
}

describe('reading what a pack is made of', () => {
  it('gives every minute and quarter of the paths, over all pages, and nothing after the minutes that are wanted', async () => {
    const { packs, store } = await opened();
    const minute = (at: number) =>
      ({
        startEpochMs: OPENED + at * MINUTE_MS,
        lengthMs: MINUTE_MS,
        sent: 60,
        lost: 1,
        rttP50Ms: 1,
        rttP95Ms: 2,
      }) as const;
    await store.rollups.put(Array.from({ length: 700 }, (_, at) => ({ pathKey: 'fra-1>a.a1', ...minute(at) })));
    await store.rollups.put([
      { pathKey: 'fra-1>a.a1', ...minute(690), lengthMs: 900_000 },
      { pathKey: 'fra-1>c.c1', ...minute(3) },
    ]);
    const span = {
      fromEpochMs: OPENED,
      minutesToEpochMs: OPENED + 600 * MINUTE_MS,
      toEpochMs: OPENED + 700 * MINUTE_MS,
    };
    const found = await packs.rollups(PATHS, span);
    expect(found.filter(({ lengthMs }) => lengthMs === MINUTE_MS)).toHaveLength(600);
    expect(found.filter(({ lengthMs }) => lengthMs !== MINUTE_MS)).toHaveLength(1);
    expect(new Set(found.map(({ pathKey }) => pathKey))).toEqual(new Set(['fra-1>a.a1']));
  });

  it('shows calls at the trunks of the place, failed ones first, and none whose events were missed', async () => {
    const { packs, store } = await opened();
    await addCalls(store, [
      { answeredAtEpochMs: OPENED, edge: 'a1', class: 'national', pddMs: 7, endedBy: 'provider' },
      { statusCode: 503, causeCode: 34 },
      { trunk: 'b' },
      { missedEvents: true },
      { answeredAtEpochMs: OPENED },
    ]);
    const { isCut, shown } = await packs.calls(openVerdict(), PATHS);
    expect(shown.map(({ linkedId }) => linkedId)).toEqual(['1.1', '1.4', '1.0']);
    expect(shown[2]).toMatchObject({ edge: 'a1', class: 'national', pddMs: 7, endedBy: 'provider' });
    expect(isCut).toBe(false);
    expect((await packs.calls(kept({ clearedAtMs: OPENED + 1 }), PATHS)).shown).toEqual([]);
    expect((await packs.calls(openVerdict(), PATHS.slice(1))).shown).toEqual([]);
  });

  it('shows twenty calls of more, and says that there are more', async () => {
    const { packs, store } = await opened();
    await addCalls(
      store,
      Array.from({ length: 25 }, () => ({})),
    );
    const { isCut, shown } = await packs.calls(openVerdict(), PATHS);
    expect([shown.length, isCut, shown[0]?.linkedId]).toEqual([20, true, '1.24']);
  });

  it('gives the journal of the time from its beginning, and says where it is cut', async () => {
    const { packs, store } = await opened();
    for (let at = 0; at < 3; at += 1)
      await store.journal.append({ atEpochMs: OPENED + at, kind: 'flip', actor: 'hub', sentence: String(at) });
    const span = { fromEpochMs: OPENED, minutesToEpochMs: OPENED + 2, toEpochMs: OPENED + 2 };
    const { isCut, lines } = await packs.journal(span);
    expect([lines.map(({ sentence }) => sentence), isCut]).toEqual([['0', '1'], false]);
  });

  it('leaves out snapshots and contexts that it does not understand', async () => {
    const { packs, store } = await opened();
    const record = { verdictId: 'v-1', latest: {}, openedAtEpochMs: OPENED, updatedAtEpochMs: OPENED };
    const told = JSON.parse(JSON.stringify(kept())) as never;
    await store.verdicts.save(record, { some: 'thing' });
    await store.verdicts.save(record, told);
    await store.evidence.addContext('v-1', OPENED, { format: 'trunkward-context-9' });
    expect(await packs.snapshots('v-1')).toEqual([kept()]);
    expect(await packs.contexts('v-1')).toEqual([]);
  });

  it('gives media of the calls at the trunks of the paths', async () => {
    const { packs, store } = await opened();
    const shared = {
      source: 'calls',
      direction: 'forward',
      startEpochMs: OPENED,
      sent: 9,
      lost: 1,
      intervals: 1,
      lostSquares: 0.1,
    } as const;
    await store.evidence.putMedia([
      { mediaKey: 'fra-1>a', ...shared },
      { mediaKey: 'ams-1>a', ...shared },
    ]);
    const span = { fromEpochMs: OPENED, minutesToEpochMs: OPENED + MINUTE_MS, toEpochMs: OPENED + MINUTE_MS };
    expect((await packs.media(PATHS, span)).map(({ mediaKey }) => mediaKey)).toEqual(['fra-1>a']);
  });
});

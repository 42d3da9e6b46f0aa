import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../server/store/journal-store.ts';
import { RETENTION_POLICY } from '../../../server/store/retention-store.ts';
import { childOf } from './store-child.ts';
import { DRIVERS, handClock, storeFor, temporaryFile, until } from './store-fixture.ts';

const SHORT_WAITS = { retryFirstMs: 5, retryLongestMs: 50 };
const entry = (n: number) => ({ kind: 'note', actor: 'hub', sentence: `entry ${n} ${'x'.repeat(1500)}` });

describe.each(DRIVERS)('a full disk under %s', (driver) => {
  it('rejects with JOURNAL_UNWRITABLE, keeps what must go on, and recovers once space is free (rule 8)', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock, maxFileBytes: 786_432, limits: SHORT_WAITS });
    const changes: boolean[] = [];
    store.onWritableChange((isWritable) => changes.push(isWritable));
    const acknowledged: JournalEntry[] = [];
    let refusal: unknown;
    for (let n = 0; n < 1000 && refusal === undefined; n += 1) {
      const [first, second] = await Promise.allSettled([
        store.journal.append(entry(n)),
        store.journal.append(entry(n)),
      ]);
      for (const outcome of [first, second]) {
        if (outcome.status === 'fulfilled') acknowledged.push(outcome.value);
        else refusal = outcome.reason;
      }
    }
    expect(refusal).toMatchObject({ code: 'JOURNAL_UNWRITABLE', retryable: true });
    expect(store.isJournalWritable).toBe(false);
    expect(store.status().outage).toMatchObject({ reason: expect.stringMatching(/full/i) });

    await expect(store.memory.put([{ key: 'k', value: 1 }])).rejects.toMatchObject({ code: 'JOURNAL_UNWRITABLE' });
    clock.nowMs += 1000;
    const move = { kind: 'plan-issued', actor: 'hub', sentence: 'a-main is hard-down' };
    expect(await store.journal.appendOrBuffer(move)).toEqual({ kind: 'buffered' });
    expect((await store.journal.list({ limit: 1 })).items[0]).toEqual(acknowledged.at(-1));

    clock.nowMs += 1000;
    const trimmed = await store.retention.trim({ ...RETENTION_POLICY, journalMs: 1500 });
    expect(trimmed.journalMs).toBe(acknowledged.length);
    await until(() => store.isJournalWritable);
    expect(changes).toEqual([false, true]);
    const { items } = await store.journal.list({ order: 'oldest' });
    expect(items).toMatchObject([
      { kind: 'journal-writable', isBuffered: false, detail: { buffered: 1, overflowed: 0 } },
      { ...move, isBuffered: true, atEpochMs: clock.nowMs - 1000 },
    ]);
    expect(await store.journal.append(entry(0))).toMatchObject({ isBuffered: false });
  });

  it('is met, and got over, when the operating system itself refuses to make the file longer', async () => {
    const file = temporaryFile();
    const child = childOf('fill-child.ts', [driver, file], ['prlimit', '--fsize=600000:unlimited']);
    await until(() => child.lines().includes('unwritable'), 15_000);
    child.raiseFileSize();
    await until(() => child.lines().includes('writable'), 15_000);
    expect(await child.ended()).toEqual({ exitCode: 0, signal: null });
    const acknowledged = child.lines().flatMap((line) => (/^\d+$/.test(line) ? [Number(line)] : []));
    expect(acknowledged.length).toBeGreaterThan(10);

    const store = await storeFor({ driver, file });
    const found: JournalEntry[] = [];
    let cursor = 0;
    for (;;) {
      const page = await store.journal.list({ order: 'oldest', cursor, limit: 500 });
      found.push(...page.items);
      if (page.nextCursor === undefined) break;
      cursor = page.nextCursor;
    }
    const ids = new Set(found.map(({ id }) => id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(found.filter(({ kind }) => kind === 'journal-writable')).toHaveLength(1);
    expect(found.filter(({ isBuffered }) => isBuffered).map(({ sentence }) => sentence)).toEqual(['kept in memory']);
  });
});

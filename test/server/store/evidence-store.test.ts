import { describe, expect, it } from 'vitest';
import { MAX_CONTEXTS, type MediaMinute } from '../../../server/store/evidence-store.ts';
import { RETENTION_POLICY } from '../../../server/store/retention-store.ts';
import { DRIVERS, handClock, START_EPOCH_MS, storeFor } from './store-fixture.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function minute(changes: Partial<MediaMinute> = {}): MediaMinute {
  return {
    mediaKey: 'fra-1>a',
    source: 'calls',
    direction: 'forward',
    startEpochMs: START_EPOCH_MS,
    sent: 3000,
    lost: 300,
    intervals: 12,
    lostSquares: 30.25,
    ...changes,
  };
}

const opened = (verdictId: string) => ({ verdictId, latest: {}, openedAtEpochMs: 1, updatedAtEpochMs: 1 });

describe.each(DRIVERS)('what is kept around verdicts, on %s', (driver) => {
  it('gives the contexts of a verdict back, oldest first, and none of another', async () => {
    const store = await storeFor({ driver });
    for (const id of ['v-1', 'v-2']) await store.verdicts.save(opened(id));
    await store.evidence.addContext('v-1', 7, { at: 'first' });
    await store.evidence.addContext('v-2', 8, { at: 'other' });
    await store.evidence.addContext('v-1', 9.4, { at: 'second' });
    expect(await Array.fromAsync(store.evidence.contexts('v-1'))).toEqual([
      { atEpochMs: 7, context: { at: 'first' } },
      { atEpochMs: 9, context: { at: 'second' } },
    ]);
    expect(await Array.fromAsync(store.evidence.contexts('v-3'))).toEqual([]);
  });

  it('gives the first and the newest of very many', async () => {
    const store = await storeFor({ driver });
    await store.verdicts.save(opened('v-1'));
    const all = Array.from({ length: MAX_CONTEXTS + 20 }, (_, at) => store.evidence.addContext('v-1', at, at));
    await Promise.all(all);
    const found = await Array.fromAsync(store.evidence.contexts('v-1'));
    expect(found).toHaveLength(MAX_CONTEXTS);
    expect([found[0]?.context, found[1]?.context, found.at(-1)?.context]).toEqual([0, 21, MAX_CONTEXTS + 19]);
  });

  it('refuses a context without its verdict: it would never be deleted', async () => {
    const store = await storeFor({ driver });
    await expect(store.evidence.addContext('nobody', 1, {})).rejects.toMatchObject({ code: 'STORE_CONSTRAINT' });
  });

  it('keeps one minute of a key and direction once, the later word', async () => {
    const store = await storeFor({ driver });
    const back = minute({ direction: 'reverse', lost: 0, lostSquares: 0 });
    await store.evidence.putMedia([minute({ lost: 1 }), back]);
    await store.evidence.putMedia([
      minute(),
      minute({ mediaKey: 'fra-1>b' }),
      minute({ startEpochMs: START_EPOCH_MS + MINUTE_MS }),
    ]);
    const found = await store.evidence.media('fra-1>a', START_EPOCH_MS, START_EPOCH_MS + MINUTE_MS);
    expect(found).toHaveLength(2);
    expect(found).toEqual(expect.arrayContaining([minute(), back]));
  });

  it('lets contexts go with their verdict, and media with the minutes of paths', async () => {
    const clock = handClock();
    const store = await storeFor({ driver, clock });
    await store.verdicts.save({ ...opened('open') });
    await store.verdicts.save({ ...opened('old'), clearedAtEpochMs: START_EPOCH_MS });
    for (const id of ['open', 'old']) await store.evidence.addContext(id, 1, {});
    await store.evidence.putMedia([minute(), minute({ startEpochMs: START_EPOCH_MS + 400 * DAY_MS })]);
    clock.nowMs = START_EPOCH_MS + 401 * DAY_MS;
    await store.retention.trim(RETENTION_POLICY);
    expect(await store.verdicts.get('old')).toBe(undefined);
    expect(await Array.fromAsync(store.evidence.contexts('old'))).toEqual([]);
    expect(await Array.fromAsync(store.evidence.contexts('open'))).toHaveLength(1);
    const left = await store.evidence.media('fra-1>a', 0, Number.MAX_SAFE_INTEGER);
    expect(left.map(({ startEpochMs }) => startEpochMs)).toEqual([START_EPOCH_MS + 400 * DAY_MS]);
  });
});

import { describe, expect, it } from 'vitest';
import { EvidenceRunner } from '../../../server/evidence/evidence-runner.ts';
import { WATCH_TAIL_MS } from '../../../server/evidence/evidence-watch.ts';
import type { PathSight } from '../../../server/paths/path-sight.ts';
import { MediaWindow } from '../../../server/paths/quality/media-window.ts';
import { health, verdict } from '../routing/judged.ts';
import { START_EPOCH_MS, storeFor, until } from '../store/store-fixture.ts';

const MINUTE_MS = 60_000;
const NOW = START_EPOCH_MS + 10 * MINUTE_MS + 5000;

const sights: readonly PathSight[] = ['a.a1', 'b.b1'].map((target) => ({
  health: health('fra-1', target, 'healthy'),
  countsSince: () => ({ sent: 60, lost: target === 'a.a1' ? 6 : 0, lossRuns: 6 }),
}));

async function runner() {
  const store = await storeFor({ driver: 'node:sqlite' });
  const faults: string[] = [];
  const media = new MediaWindow();
  const evidence = new EvidenceRunner({
    store,
    watched: () => sights,
    counts: (key, direction, sinceMs) =>
      key === 'fra-1>a' && direction === 'forward' ? media.pool(sinceMs) : undefined,
    onFault: (place) => faults.push(place),
  });
  return { store, faults, media, evidence };
}

describe('keeping evidence', () => {
  it('writes what stands beside a verdict once the verdict is on disk, and tells a fault without throwing', async () => {
    const { evidence, faults, store } = await runner();
    const keep = evidence.observe({ kind: 'verdict-opened', verdict: verdict({ updatedAtMs: NOW }) }, NOW);
    keep();
    await until(() => faults.length > 0);
    expect(faults).toEqual(['evidence']);
    await store.verdicts.save({ verdictId: 'v-1', latest: {}, openedAtEpochMs: 1, updatedAtEpochMs: 1 });
    keep();
    await until(async () => (await Array.fromAsync(store.evidence.contexts('v-1'))).length === 1);
    const [kept] = await Array.fromAsync(store.evidence.contexts('v-1'));
    expect(kept).toMatchObject({
      atEpochMs: NOW,
      context: { inside: { sent: 60, lost: 6 }, outside: { sent: 60, lost: 0 } },
    });
  });

  it('follows the listed paths by the minute until a while after the end', async () => {
    const { evidence } = await runner();
    expect(evidence.watched(NOW).size).toBe(0);
    evidence.observe({ kind: 'verdict-opened', verdict: verdict() }, NOW);
    expect([...evidence.watched(NOW + 3_600_000)].toSorted()).toEqual(['fra-1>a.a1', 'fra-1>b.b1']);
    const over = NOW + 3_600_000;
    evidence.observe({ kind: 'verdict-cleared', verdict: verdict({ clearedAtMs: over }) }, over);
    expect(evidence.watched(over + WATCH_TAIL_MS - 1).size).toBe(2);
    expect(evidence.watched(over + WATCH_TAIL_MS).size).toBe(0);
  });

  it('keeps media of the minutes before the opening and of each minute after it, once all their reports have come', async () => {
    const { evidence, media, store } = await runner();
    const minuteMs = START_EPOCH_MS + 10 * MINUTE_MS;
    for (let at = 0; at < 13; at += 1) media.add(START_EPOCH_MS + at * MINUTE_MS, { expected: 100 + at, lost: at });
    evidence.observe({ kind: 'verdict-opened', verdict: verdict() }, NOW);
    const kept = async () =>
      (await store.evidence.media('fra-1>a', 0, Number.MAX_SAFE_INTEGER)).map(({ lost }) => lost);
    await until(async () => (await kept()).length === 9);
    expect(await kept()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    evidence.closeMinute(minuteMs);
    evidence.closeMinute(minuteMs + MINUTE_MS);
    await until(async () => (await kept()).length === 11);
    expect((await kept()).slice(-2)).toEqual([9, 10]);
  });
});

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PackRunner } from '../../../server/evidence/pack-runner.ts';
import { buildFleet } from '../../../server/fleet.ts';
import { openStore, type Store } from '../../../server/store/database-store.ts';
import { hubConfig, hubFor, TOKENS, temporaryFolder } from '../hub-fixture.ts';
import { until } from '../store/store-fixture.ts';
import { openVerdict } from './evidence-fixture.ts';

afterEach(() => vi.restoreAllMocks());

/** A data folder with one verdict that is over. */
async function withVerdict(): Promise<{ readonly dataDir: string; readonly verdictId: string }> {
  const dataDir = temporaryFolder();
  const store = await storeIn(dataDir);
  const verdict = { ...openVerdict(), clearedAtMs: openVerdict().updatedAtMs };
  await store.verdicts.save({
    verdictId: verdict.verdictId,
    latest: JSON.parse(JSON.stringify(verdict)),
    openedAtEpochMs: verdict.openedAtMs,
    updatedAtEpochMs: verdict.updatedAtMs,
    clearedAtEpochMs: verdict.clearedAtMs,
  });
  await store.close();
  return { dataDir, verdictId: verdict.verdictId };
}

function storeIn(dataDir: string): Promise<Store> {
  return openStore({ file: join(dataDir, 'hub.sqlite3'), clock: { nowEpochMs: () => Date.now() } });
}

/** What threads are told: those of the store too. */
function watchThreads() {
  return vi.spyOn(Worker.prototype, 'postMessage');
}

/** Packs that a thread was told to make. */
function packsBegun({ mock }: ReturnType<typeof watchThreads>): number {
  return mock.calls.filter(([message]) => (message as { readonly kind?: string }).kind === 'make').length;
}

describe('evidence packs while the hub stops', () => {
  it('starts no thread for a pack whose figures come only after the end, nor for those that wait behind it', async () => {
    const { dataDir, verdictId } = await withVerdict();
    const store = await storeIn(dataDir);
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const get = store.verdicts.get.bind(store.verdicts);
    vi.spyOn(store.verdicts, 'get').mockImplementation(async (id) => {
      asked.resolve();
      await gate.promise;
      return get(id);
    });
    const told = watchThreads();
    const packs = new PackRunner({
      store,
      fleet: buildFleet(hubConfig(dataDir)),
      zoneOf: new Map(),
      tracesOf: () => Promise.resolve([]),
      retention: { journalMs: 1e9, eventsMs: 1e9, minuteRollupsMs: 1e9, quarterHourRollupsMs: 1e9 },
      softwareVersion: 'test',
      nowMs: () => Date.now(),
    });
    const making = [packs.make(verdictId, 'masked', 'json'), packs.make(verdictId, 'masked', 'csv')];
    const settled = Promise.allSettled(making);
    await asked.promise;
    await packs.close();
    gate.resolve();
    for (const made of await settled) {
      expect(made).toMatchObject({ status: 'rejected', reason: { message: 'no pack is made while the hub stops' } });
    }
    expect(packsBegun(told)).toBe(0);
    await store.close();
  });

  it('ends with everybody answered whose question was heard, before the store is closed, and the next hub on the folder makes the pack', async () => {
    const { dataDir, verdictId } = await withVerdict();
    const hub = await hubFor(hubConfig(dataDir));
    const headers = { authorization: `Bearer ${TOKENS.watcher}`, connection: 'close' };
    const path = `/api/v1/verdicts/${verdictId}/evidence.json`;
    const told = watchThreads();
    const asking = Promise.allSettled(
      Array.from({ length: 4 }, async () => {
        const answer = await fetch(`${hub.url}${path}`, { headers });
        return { status: answer.status, text: await answer.text() };
      }),
    );
    await until(() => packsBegun(told) > 0);
    await hub.close();
    const answers = (await asking).flatMap((asked) => (asked.status === 'fulfilled' ? [asked.value] : []));
    expect(answers.length).toBeGreaterThan(0);
    for (const { status, text } of answers) {
      expect([200, 500, 503]).toContain(status);
      expect(JSON.parse(text)).toHaveProperty(status === 200 ? 'manifest' : 'message');
      expect(text).not.toMatch(/database|STORE_/i);
    }
    const next = await hubFor(hubConfig(dataDir));
    expect((await fetch(`${next.url}${path}`, { headers })).status).toBe(200);
  });
});

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DeliveryRunner } from '../../../server/actuate/delivery-runner.ts';
import type { AttemptResult } from '../../../server/actuate/delivery-schedule.ts';
import { flipDeliveries } from '../../../server/actuate/flip-message.ts';
import type { HookPolicy, Webhook } from '../../../server/actuate/hook-policy.ts';
import { HubMetrics } from '../../../server/metrics/registry-server.ts';
import type { FlipProposal } from '../../../server/routing/route-plan.ts';
import { openStore } from '../../../server/store/database-store.ts';
import type { Delivery, NewDelivery } from '../../../server/store/delivery-store.ts';
import type { NewJournalEntry } from '../../../server/store/journal-store.ts';
import { handClock, temporaryFile } from '../store/store-fixture.ts';

const HOOK: Webhook = {
  name: 'noc',
  actuator: 'webhook',
  on: ['flip'],
  url: 'http://127.0.0.1:9/',
  timeoutMs: 1000,
  attempts: 2,
  atOnce: 4,
  maxWaiting: 3,
};

const FLIP: FlipProposal = {
  pbx: 'fra-1',
  class: 'national',
  mode: 'enforce',
  direction: 'away',
  fromTrunk: 'a',
  toTrunk: 'b',
  trunks: [{ trunk: 'b', weight: 100 }],
  version: 4,
  verdictId: undefined,
  orderedBy: 'planner',
  atMs: 1_800_000_000_000,
  sentence: 'national on fra-1 goes from a to b: 9 misses in a row',
};

function news(id: string, lane = id): NewDelivery {
  return { deliveryId: id, actuator: 'webhook', hook: 'noc', lane, body: `{"id":"${id}"}`, madeAtEpochMs: 0 };
}

/** A receiver that says nothing until the hub ends. */
const silence = (_delivery: Delivery, signal: AbortSignal): Promise<AttemptResult> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'failed', reason: 'the hub ends' }));
  });

async function runnerFor(
  attempt: (delivery: Delivery, signal: AbortSignal) => Promise<AttemptResult> | AttemptResult,
  file = temporaryFile(),
  hooks: readonly Webhook[] = [HOOK],
) {
  const clock = handClock();
  const store = await openStore({ driver: 'node:sqlite', file, clock });
  const entries: NewJournalEntry[] = [];
  const faults: unknown[] = [];
  const attempts: string[] = [];
  const runner = new DeliveryRunner({
    store: store.deliveries,
    journal: {
      write: (entry) => void entries.push(entry),
      append: async (entry) => void entries.push(entry),
    },
    metrics: new HubMetrics(),
    hooks,
    attempt: async (_hook, delivery, signal) => {
      attempts.push(delivery.deliveryId);
      return await attempt(delivery, signal);
    },
    nowMs: Date.now,
    chance: () => 0,
    onFault: (_place, cause) => faults.push(cause),
  });
  const close = async () => {
    await runner.close();
    await store.close();
  };
  onTestFinished(() => close().catch(() => undefined));
  await runner.recall();
  return { attempts, close, entries, faults, file, runner, store };
}

describe('deliveries', () => {
  it('are made once and then gone', async () => {
    const { attempts, entries, faults, runner, store } = await runnerFor(() => ({ kind: 'made' }));
    runner.deliver([news('1'), news('2')]);
    runner.deliver([]);
    await vi.waitFor(() => expect(attempts).toEqual(['1', '2']));
    await vi.waitFor(async () => expect(await store.deliveries.pending()).toEqual([]));
    expect([entries, faults]).toEqual([[], []]);
  });

  it('that fail are made again, then given up, listed, and sent again by a person under the same id', async () => {
    let answer: AttemptResult = { kind: 'failed', reason: 'answered 500' };
    const { attempts, entries, runner, store } = await runnerFor(() => answer);
    runner.deliver([news('1', 'fra-1 national')]);
    await vi.waitFor(() => expect(attempts).toHaveLength(2), 5000);
    await vi.waitFor(async () => expect((await store.deliveries.dead()).items).toHaveLength(1));
    expect((await store.deliveries.dead()).items).toMatchObject([
      { deliveryId: '1', hook: 'noc', attempts: 2, lastReason: 'answered 500', body: '{"id":"1"}' },
    ]);
    expect(entries).toMatchObject([
      {
        kind: 'delivery-given-up',
        sentence: 'webhook noc was not told of fra-1 national: given up after 2 attempts: answered 500',
      },
    ]);
    expect(await runner.retry('unknown', 'night-shift')).toBe(false);
    answer = { kind: 'made' };
    expect(await runner.retry('1', 'night-shift')).toBe(true);
    await vi.waitFor(() => expect(attempts).toEqual(['1', '1', '1']));
    await vi.waitFor(async () => expect((await store.deliveries.dead()).items).toEqual([]));
    expect(entries[1]).toMatchObject({ kind: 'delivery-retried', actor: 'night-shift' });
    expect(await runner.retry('1', 'night-shift')).toBe(false);
  });

  it('beyond what may wait are given up at once, and nobody waits for a receiver that never answers', async () => {
    const { entries, runner, store } = await runnerFor(silence);
    runner.deliver(['1', '2', '3', '4', '5'].map((id) => news(id)));
    await vi.waitFor(async () => expect((await store.deliveries.dead()).items).toHaveLength(2));
    expect(entries.map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining('3 deliveries wait already, at most 3'),
      expect.stringContaining('3 deliveries wait already, at most 3'),
    ]);
  });

  it('that were not made before the hub ended are made by its next life; of a hook that is gone they are dead letters', async () => {
    const file = temporaryFile();
    const first = await runnerFor(silence, file);
    first.runner.deliver([news('1'), news('2')]);
    await vi.waitFor(() => expect(first.attempts).toEqual(['1', '2']));
    first.runner.deliver([{ ...news('3'), hook: 'pager' }]);
    await vi.waitFor(async () =>
      expect((await first.store.deliveries.dead()).items).toMatchObject([
        { deliveryId: '3', lastReason: 'no webhook pager is configured' },
      ]),
    );
    await first.close();
    const second = await runnerFor(() => ({ kind: 'made' }), file);
    await vi.waitFor(() => expect(second.attempts).toEqual(['1', '2']));
    await vi.waitFor(async () => expect(await second.store.deliveries.pending()).toEqual([]));
  });

  it('known by their id already are not doubled', async () => {
    const { attempts, runner } = await runnerFor(() => ({ kind: 'failed', reason: 'x', retryAfterMs: 60_000 }));
    runner.deliver([news('1')]);
    await vi.waitFor(() => expect(attempts).toHaveLength(1));
    runner.deliver([news('1')]);
    runner.deliver([news('2')]);
    await vi.waitFor(() => expect(attempts).toEqual(['1', '2']));
  });
});

describe('what a hook is told of a flip', () => {
  const told = { flip: FLIP, route: undefined, fence: 3 };
  const hook = (changes: Partial<HookPolicy>): HookPolicy => ({ ...HOOK, ...changes });

  it('is its sentence and numbers, under an id that stays the same', () => {
    const [first] = flipDeliveries([HOOK], [told]);
    expect(first).toMatchObject({ deliveryId: 'webhook.noc.fra-1.national.3.4', lane: 'fra-1 national' });
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      type: 'flip',
      timestamp: '2027-01-15T08:00:00Z',
      data: { pbx: 'fra-1', fromTrunk: 'a', toTrunk: 'b', plan: { fence: 3, version: 4 }, sentence: FLIP.sentence },
    });
    expect(flipDeliveries([HOOK], [told])).toEqual([first]);
  });

  it('goes to those that asked for it: flips, proposals, or both', () => {
    const hooks = [
      hook({ name: 'one' }),
      hook({ name: 'two', on: ['flip-proposed'] }),
      hook({ name: 'three', on: ['flip', 'flip-proposed'] }),
    ];
    const names = (flip: FlipProposal) => flipDeliveries(hooks, [{ ...told, flip }]).map(({ hook: name }) => name);
    expect(names(FLIP)).toEqual(['one', 'three']);
    expect(names({ ...FLIP, mode: 'observe' })).toEqual(['two', 'three']);
  });
});

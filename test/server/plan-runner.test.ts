import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreError } from '../../server/errors.ts';
import { JournalRunner } from '../../server/journal-runner.ts';
import { HubMetrics } from '../../server/metrics/registry-server.ts';
import { RESEND_MS } from '../../server/plan-dispatch.ts';
import { PlanRunner } from '../../server/plan-runner.ts';
import type { FlipProposal, PlannedRoute } from '../../server/routing/route-plan.ts';
import { openStore, type Store, type StoreOptions } from '../../server/store/database-store.ts';
import { RETENTION_POLICY } from '../../server/store/retention-store.ts';
import type { HubFrame } from '../../wire/hub-frames.ts';
import type { Mode } from '../../wire/plan.ts';
import type { PlanResultFrame } from '../../wire/probe-frames.ts';
import { handClock, temporaryFile, until } from './store/store-fixture.ts';

const AWAY = [
  { trunk: 'b', weight: 100 },
  { trunk: 'a', weight: 0 },
];

function route(tier: PlannedRoute['perTrunk'][number]['tier'], changes: Partial<PlannedRoute> = {}): PlannedRoute {
  return {
    pbx: 'fra-1',
    class: 'national',
    mode: 'enforce',
    trunks: AWAY,
    current: AWAY,
    configured: ['a', 'b'],
    version: 4,
    reason: 'trunk a is bad',
    perTrunk: [
      { trunk: 'b', tier: 'usable', reason: 'figures', verdictId: undefined },
      { trunk: 'a', tier, reason: 'figures', verdictId: undefined },
    ],
    isChanged: true,
    isInAsterisk: false,
    isPanic: false,
    isWaiting: false,
    ...changes,
  };
}

function flip(changes: Partial<FlipProposal> = {}): FlipProposal {
  return {
    pbx: 'fra-1',
    class: 'national',
    mode: 'enforce',
    direction: 'away',
    fromTrunk: 'a',
    toTrunk: 'b',
    trunks: AWAY,
    version: 4,
    verdictId: undefined,
    orderedBy: 'planner',
    atMs: 77,
    sentence: 'national on fra-1 goes from a to b: 3 misses in a row',
    ...changes,
  };
}

async function runnerFor(options: Partial<StoreOptions> = {}) {
  const clock = handClock();
  const store = await openStore({ driver: 'node:sqlite', file: temporaryFile(), clock, ...options });
  onTestFinished(() => store.close().catch(() => undefined));
  const faults: string[] = [];
  const metrics = new HubMetrics();
  const onFault = (place: string, cause: unknown) => faults.push(`${place}: ${String(cause)}`);
  const sent: { frame: HubFrame; journaled: number }[] = [];
  const probe: { isConnected: boolean; isStopped: boolean; mode: Mode } = {
    isConnected: true,
    isStopped: false,
    mode: 'enforce',
  };
  const journal = new JournalRunner(store, metrics, () => undefined, onFault);
  const plans = new PlanRunner({
    store,
    journal,
    metrics,
    nowMs: clock.nowEpochMs,
    planValidMs: 60_000,
    fence: () => 3,
    isStopped: () => probe.isStopped,
    modeOf: () => probe.mode,
    send: (_pbx, frame) => {
      if (probe.isConnected) sent.push({ frame, journaled: journal.latest.length });
      return probe.isConnected;
    },
    onFault,
  });
  return { clock, store, plans, journal, sent, faults, probe };
}

async function fillUp(store: Store): Promise<void> {
  const entry = { kind: 'note', actor: 'hub', sentence: 'x'.repeat(3000) };
  while (store.isJournalWritable) await store.journal.append(entry).catch(() => undefined);
}

const result = (outcome: 'applied' | 'failed'): PlanResultFrame => ({
  v: 1,
  type: 'plan-result',
  fence: 3,
  version: 4,
  results: [{ class: 'national', outcome, readBack: '2:3.4:b/100,a/0' }],
  finishedAtMs: 1,
  finishedAtEpochMs: 2,
});

const FULL = { maxFileBytes: 786_432, limits: { retryFirstMs: 600_000, retryLongestMs: 600_000 } };
const kinds = async (store: Store) => (await store.journal.list({ order: 'oldest' })).items.map(({ kind }) => kind);

describe('a plan on its way', () => {
  it('is in the journal, with its reason, before it is sent (rule 7)', async () => {
    const { plans, sent, store } = await runnerFor();
    plans.take([route('hard-down')], [flip()]);
    expect(sent).toEqual([]);
    await until(() => sent.length === 1);
    expect(sent[0]).toMatchObject({ journaled: 1, frame: { type: 'plan', fence: 3, version: 4 } });
    expect((await store.journal.list()).items).toMatchObject([{ kind: 'flip', sentence: flip().sentence }]);
    expect(await store.plans.latestOf('fra-1')).toMatchObject([
      { class: 'national', fence: 3, version: 4, trunks: AWAY },
    ]);
  });

  it('that flips several classes has each of them in the journal before it is sent, once (rule 7)', async () => {
    const { plans, sent, store } = await runnerFor();
    plans.take(
      [route('hard-down'), route('hard-down', { class: 'mobile' })],
      [flip(), flip({ class: 'mobile', sentence: 'mobile on fra-1 goes from a to b' })],
    );
    await until(() => sent.length === 1);
    expect(sent[0]?.journaled).toBe(2);
    plans.take([route('hard-down', { isChanged: false })], []);
    expect(await kinds(store)).toEqual(['flip', 'flip']);
  });

  it('neither sends nor journals a flip that was planned before a person set the PBX to observe (rule 7)', async () => {
    const { plans, probe, sent, journal } = await runnerFor();
    probe.mode = 'observe';
    plans.take([route('hard-down')], [flip()]);
    probe.mode = 'enforce';
    plans.take([], []);
    journal.write({ kind: 'note', actor: 'hub', sentence: 'later' });
    expect({ sent, flips: journal.latest.filter(({ kind }) => kind === 'flip') }).toEqual({ sent: [], flips: [] });
  });

  it('in observe mode is a proposal in the journal and nothing else (rule 7)', async () => {
    const { plans, probe, sent, store } = await runnerFor();
    probe.mode = 'observe';
    plans.take([route('hard-down', { mode: 'observe' })], [flip({ mode: 'observe' })]);
    await until(async () => (await kinds(store)).length === 1);
    expect(await kinds(store)).toEqual(['flip-proposed']);
    expect(sent).toEqual([]);
    expect(await store.plans.latestOf('fra-1')).toEqual([]);
  });

  it('is dropped, and said to be, when the stop switch comes on before it is issued; planned anew it goes out (rule 7)', async () => {
    const { plans, sent, store, probe } = await runnerFor();
    probe.isStopped = true;
    plans.take([route('hard-down')], [flip()]);
    await until(async () => (await kinds(store)).length === 1);
    expect((await store.journal.list()).items).toMatchObject([
      { kind: 'flip-dropped', sentence: expect.stringContaining('the move from a to b is dropped: the stop switch') },
    ]);
    probe.isStopped = false;
    plans.take([route('usable', { isChanged: false, isInAsterisk: true })], []);
    await store.journal.append({ kind: 'note', actor: 'hub', sentence: 'what was written before is there' });
    expect(await kinds(store)).toEqual(['flip-dropped', 'note']);
    expect(sent).toEqual([]);
    plans.take([route('hard-down', { version: 5 })], [flip({ version: 5 })]);
    await until(() => sent.length === 1);
    expect(await kinds(store)).toEqual(['flip-dropped', 'note', 'flip']);
  });

  it('of PBXs that a pass had not come to when the stop switch came on is dropped; none is journaled after its release (rule 7)', async () => {
    const { plans, sent, store, probe } = await runnerFor();
    const pbxes = Array.from({ length: 201 }, (_, at) => `pbx-${at}`);
    const steps = plans.takeSteps(
      pbxes.map((pbx) => {
        const isMoving = pbx === 'pbx-0' || pbx === 'pbx-200';
        return route('hard-down', { pbx, isChanged: isMoving, isInAsterisk: !isMoving });
      }),
      [flip({ pbx: 'pbx-0' }), flip({ pbx: 'pbx-200' })],
    );
    steps.next();
    probe.isStopped = true;
    expect(steps.next().done).toBe(true);
    await until(async () => (await kinds(store)).includes('flip-held'));
    probe.isStopped = false;
    plans.take(
      pbxes.map((pbx) => route('usable', { pbx, isChanged: false, isInAsterisk: true, version: 5 })),
      [],
    );
    await store.journal.append({ kind: 'note', actor: 'hub', sentence: 'what was written before is there' });
    const told = (await store.journal.list({ order: 'oldest' })).items.filter(({ kind }) => kind.startsWith('flip'));
    expect(told.map(({ kind, scope }) => `${kind} ${scope.pbx}`).toSorted()).toEqual([
      'flip pbx-0',
      'flip-dropped pbx-200',
      'flip-held pbx-0',
    ]);
    expect(sent).toEqual([]);
  });

  it('is held back when the stop switch comes on while it is being written (rule 7)', async () => {
    const { plans, sent, store, probe } = await runnerFor();
    plans.take([route('hard-down')], [flip()]);
    probe.isStopped = true;
    await until(async () => (await kinds(store)).length === 2);
    expect(await kinds(store)).toEqual(['flip', 'flip-held']);
    expect(sent).toEqual([]);
    probe.isStopped = false;
    plans.take([route('hard-down', { isChanged: false })], []);
    expect(sent).toHaveLength(1);
  });

  it('is sent again to a probe that comes back, without another entry', async () => {
    const { plans, sent, probe, store } = await runnerFor();
    probe.isConnected = false;
    plans.take([route('hard-down')], [flip()]);
    await until(async () => (await kinds(store)).length === 1);
    probe.isConnected = true;
    plans.reconnected('fra-1');
    plans.take([route('hard-down', { isChanged: false })], []);
    await until(() => sent.length === 1);
    expect(await kinds(store)).toEqual(['flip']);
  });

  it('that is not answered is sent again after a while; one that Asterisk holds is not', async () => {
    const { plans, sent, clock } = await runnerFor();
    plans.take([route('hard-down')], [flip()]);
    await until(() => sent.length === 1);
    clock.nowMs += RESEND_MS;
    plans.take([route('hard-down', { isChanged: false })], []);
    expect(sent).toHaveLength(2);
    plans.result('fra-1', result('applied'));
    clock.nowMs += RESEND_MS;
    plans.take([route('hard-down', { isChanged: false, isInAsterisk: true })], []);
    expect(sent).toHaveLength(2);
  });

  it('has what became of it noted, once a minute where it goes on failing however often it is sent again (rule 7)', async () => {
    const { plans, sent, clock, store } = await runnerFor();
    plans.take([route('hard-down')], [flip()]);
    await until(() => sent.length === 1);
    for (let round = 0; round < 36; round += 1) {
      plans.result('fra-1', result('failed'));
      clock.nowMs += RESEND_MS;
      plans.take([route('hard-down', { isChanged: false })], []);
    }
    expect(sent).toHaveLength(37);
    plans.result('fra-1', result('applied'));
    await until(async () => (await kinds(store)).includes('plan-applied'));
    expect(await kinds(store)).toEqual(['flip', ...Array(3).fill('plan-not-applied'), 'plan-applied']);
  });

  it('with several flips hangs on one write only: no entry of its own can be refused beside it (rule 7)', async () => {
    const { plans, sent, store } = await runnerFor();
    store.journal.appendOrBuffer = () => Promise.reject(new StoreError('STORE_QUEUE_FULL', 'full'));
    plans.take([route('hard-down'), route('hard-down', { class: 'mobile' })], [flip(), flip({ class: 'mobile' })]);
    await until(() => sent.length === 1);
    expect(await kinds(store)).toEqual(['flip', 'flip']);
    expect(await store.plans.latestOf('fra-1')).toHaveLength(2);
  });

  it('whose write was lost from sight is sent once it is found on disk, with one entry (rule 7)', async () => {
    const { plans, sent, store, faults } = await runnerFor();
    const issue = store.plans.issue.bind(store.plans);
    store.plans.issue = async (...given) => {
      store.plans.issue = issue;
      await issue(...given);
      throw new StoreError('STORE_WORKER_LOST', 'gone after the commit');
    };
    plans.take([route('hard-down')], [flip()]);
    await until(() => faults.length === 1);
    expect(sent).toEqual([]);
    plans.take([route('hard-down', { isChanged: false })], []);
    await until(() => sent.length === 1);
    expect(await kinds(store)).toEqual(['flip']);
  });

  it('under a number that another plan has on disk is not sent: it is a fault (rule 7)', async () => {
    const { plans, sent, store, faults } = await runnerFor();
    const other = { pbx: 'fra-1', class: 'national', fence: 3, version: 4, mode: 'enforce', reason: 'x' } as const;
    const why = { kind: 'plan-issued', actor: 'hub', sentence: 'x' };
    await store.plans.issue([{ ...other, trunks: AWAY.toReversed(), issuedAtEpochMs: 1 }], [why]);
    plans.take([route('hard-down')], [flip()]);
    await until(() => faults.length === 1);
    expect(faults[0]).toContain('plan: ');
    expect(sent).toEqual([]);
  });

  it('that nothing is known of in AstDB goes out though its first write failed', async () => {
    const { plans, sent, store, faults } = await runnerFor();
    const issue = store.plans.issue.bind(store.plans);
    store.plans.issue = () => {
      store.plans.issue = issue;
      return Promise.reject(new StoreError('STORE_QUEUE_FULL', 'full'));
    };
    plans.take([route('hard-down', { isInAsterisk: undefined })], [flip()]);
    await until(() => faults.length === 1);
    plans.take([route('hard-down', { isInAsterisk: undefined, isChanged: false })], []);
    await until(() => sent.length === 1);
    expect(await kinds(store)).toEqual(['flip']);
  });
});

describe('with a journal that cannot be written', () => {
  it('a move off a hard-down trunk goes on (rule 8)', async () => {
    const { plans, sent, store } = await runnerFor(FULL);
    await fillUp(store);
    plans.take([route('hard-down')], [flip()]);
    await until(() => sent.length === 1);
    expect(sent[0]?.frame).toMatchObject({ type: 'plan', version: 4 });
  });

  it('any other move waits and is tried again (rule 8)', async () => {
    const { plans, sent, store } = await runnerFor(FULL);
    await fillUp(store);
    plans.take([route('degraded')], [flip()]);
    for (let pass = 0; pass < 5; pass += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      plans.take([route('degraded', { isChanged: false })], []);
    }
    expect(sent).toEqual([]);
  });

  it('takes no other class along with a move off a hard-down trunk; the others follow when it can be written (rule 8)', async () => {
    const { plans, sent, store, clock } = await runnerFor({
      ...FULL,
      limits: { retryFirstMs: 50, retryLongestMs: 50 },
    });
    await fillUp(store);
    const routes = [route('hard-down'), route('degraded', { class: 'mobile' })];
    const later = routes.map((each) => ({ ...each, isChanged: false }));
    plans.take(routes, [flip(), flip({ class: 'mobile', sentence: 'mobile on fra-1 goes from a to b' })]);
    await until(() => sent.length === 1);
    clock.nowMs += RESEND_MS;
    plans.take(later, []);
    const classes = () =>
      sent.map(({ frame }) => (frame.type === 'plan' ? frame.routes.map((each) => each.class) : frame.type));
    expect(classes()).toEqual([['national'], ['national']]);
    clock.nowMs += 3_600_000;
    await store.retention.trim({ ...RETENTION_POLICY, journalMs: 60_000 });
    await until(() => store.isJournalWritable);
    plans.take(later, []);
    await until(() => sent.length === 3);
    expect(classes()[2]).toEqual(['national', 'mobile']);
    const entries = (await store.journal.list({ kinds: ['flip'], order: 'oldest' })).items;
    expect(entries.map(({ scope, isBuffered }) => [scope.class, isBuffered])).toEqual([
      ['national', true],
      ['mobile', false],
    ]);
    expect((await store.plans.latestOf('fra-1')).map((plan) => plan.class)).toEqual(['mobile', 'national']);
  });

  it('the very move that meets the full disk goes on too, with its reason (rule 8)', async () => {
    const { plans, sent, store, faults, clock } = await runnerFor({
      ...FULL,
      limits: { retryFirstMs: 50, retryLongestMs: 50 },
    });
    const entry = { kind: 'note', actor: 'hub', sentence: 'x'.repeat(3000) };
    const issue = store.plans.issue.bind(store.plans);
    let isFilled = false;
    store.plans.issue = async (...given) => {
      if (!isFilled) await fillUp(store);
      isFilled = true;
      return issue(...given);
    };
    await store.journal.append(entry);
    plans.take([route('hard-down')], [flip()]);
    await until(() => faults.length > 0);
    expect(sent).toEqual([]);
    await until(() => {
      plans.take([route('hard-down', { isChanged: false })], []);
      return sent.length === 1;
    });
    expect(store.isJournalWritable).toBe(false);
    clock.nowMs += 3_600_000;
    await store.retention.trim({ ...RETENTION_POLICY, journalMs: 60_000 });
    await until(() => store.isJournalWritable);
    expect((await store.journal.list()).items).toContainEqual(
      expect.objectContaining({ kind: 'flip', sentence: flip().sentence, isBuffered: true }),
    );
  });
});

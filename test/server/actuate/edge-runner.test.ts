import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type EdgeDeps, EdgeRunner } from '../../../server/actuate/edge-runner.ts';
import { HubMetrics } from '../../../server/metrics/registry-server.ts';
import type { PlannedRoute } from '../../../server/routing/route-plan.ts';
import type { NewJournalEntry } from '../../../server/store/journal-store.ts';
import { Secret } from '../../../wire/secret.ts';
import { httpServer, StandInDispatcher } from './dispatcher-fixture.ts';

const A = 'sip:192.0.2.1:5060';
const B = 'sip:192.0.2.2:5060';
const SECRET = 'token-of-the-edge-0000000000';

function planned(order: string, changes: Partial<PlannedRoute> = {}): readonly PlannedRoute[] {
  const trunks = order.split('>').map((trunk, at) => ({ trunk, weight: at === 0 ? 100 : 0 }));
  const route: PlannedRoute = {
    pbx: 'fra-1',
    class: 'national',
    mode: 'enforce',
    trunks,
    current: trunks,
    configured: ['a', 'b'],
    version: 4,
    reason: '9 misses in a row',
    perTrunk: trunks.map(({ trunk }) => ({ trunk, tier: 'usable', reason: 'figures', verdictId: undefined })),
    isChanged: true,
    isInAsterisk: true,
    isPanic: false,
    isWaiting: false,
    ...changes,
  };
  return [route];
}

async function edgeFor(changes: Partial<EdgeDeps> = {}, edge: Partial<EdgeDeps['edge']> = {}) {
  const dispatcher = new StandInDispatcher();
  dispatcher.sets.set(1, [
    { uri: A, flags: 'AP', priority: 20 },
    { uri: B, flags: 'AP', priority: 10 },
  ]);
  const { url } = await httpServer((request, body, response) => dispatcher.answer(request, body, response));
  const entries: NewJournalEntry[] = [];
  const asksAtEntry: string[][] = [];
  const faults: unknown[] = [];
  const switches = { isStopped: false, isWritable: true };
  const note = (entry: NewJournalEntry) => {
    entries.push(entry);
    asksAtEntry.push(dispatcher.asked.map(({ method }) => method));
  };
  const metrics = new HubMetrics();
  const runner = new EdgeRunner({
    edge: {
      name: 'edge-fra',
      url,
      allowPlaintext: false,
      follows: 'fra-1',
      timeoutMs: 300,
      checkEveryMs: 50,
      sets: [
        {
          set: 1,
          class: 'national',
          destinations: [
            { trunk: 'a', uri: A },
            { trunk: 'b', uri: B },
          ],
        },
      ],
      ...edge,
    },
    secret: new Secret(SECRET),
    drift: 'repair',
    journal: { append: async (entry) => note(entry), writeSparsely: note },
    isJournalWritable: () => switches.isWritable,
    isStopped: () => switches.isStopped,
    metrics,
    nowMs: () => 1,
    onFault: (_place, cause) => faults.push(cause),
    ...changes,
  });
  onTestFinished(() => runner.close());
  const kinds = () => entries.map(({ kind }) => kind);
  const counted = async (outcome: string) =>
    Number(
      new RegExp(`outcome="${outcome}"\\} (\\d+)`).exec(
        (await metrics.expose()).text
          .split('\n')
          .filter((line) => line.startsWith('trunkward_actuations_total{actuator="kamailio"'))
          .join('\n'),
      )?.[1] ?? 0,
    );
  return { asksAtEntry, counted, dispatcher, entries, faults, kinds, runner, switches };
}

describe('a Kamailio edge', () => {
  it('is journaled, set and read back, in this order (rule 7)', async () => {
    const { asksAtEntry, counted, dispatcher, entries, faults, kinds, runner } = await edgeFor();
    runner.passed(planned('b>a'));
    await vi.waitFor(() => expect(kinds()).toEqual(['edge-order', 'edge-applied']));
    expect(dispatcher.flags()).toEqual([`${A} DP`, `${B} AP`]);
    expect(asksAtEntry[0]).not.toContain('dispatcher.set_state');
    expect(asksAtEntry[1]?.slice(0, 3)).toEqual(['dispatcher.list', 'dispatcher.set_state', 'dispatcher.list']);
    expect(entries[0]?.sentence).toBe(`national at Kamailio edge edge-fra: a (${A}) closes: 9 misses in a row`);
    expect(entries[1]?.scope).toEqual({ pbx: 'fra-1', class: 'national' });
    expect(new Set(dispatcher.authorizations)).toEqual(new Set([`Bearer ${SECRET}`]));
    expect(await counted('applied')).toBe(1);
    runner.passed(planned('a>b'));
    await vi.waitFor(() => expect(dispatcher.flags()).toEqual([`${A} AP`, `${B} AP`]));
    expect(faults).toEqual([]);
  });

  it.each([
    ['in observe mode', planned('b>a', { mode: 'observe' })],
    ['for another PBX', planned('b>a', { pbx: 'ams-1' })],
    ['for another class', planned('b>a', { class: 'mobile' })],
  ])('is not touched %s', async (_name, routes) => {
    const { dispatcher, kinds, runner } = await edgeFor();
    runner.passed(routes);
    runner.apply();
    await runner.close();
    expect(dispatcher.asked.filter(({ method }) => method !== 'dispatcher.list')).toEqual([]);
    expect(kinds()).toEqual([]);
  });

  it('is not touched while the stop switch is on, and set after its release', async () => {
    const { dispatcher, runner, switches } = await edgeFor();
    switches.isStopped = true;
    runner.passed(planned('b>a'));
    runner.apply();
    await new Promise((resolve) => setImmediate(resolve));
    expect(dispatcher.asked).toEqual([]);
    switches.isStopped = false;
    await vi.waitFor(() => expect(dispatcher.flags()[0]).toBe(`${A} DP`));
  });

  it('with the journal unwritable only gets what moves calls off a hard-down trunk (rule 8)', async () => {
    const { dispatcher, kinds, runner, switches } = await edgeFor();
    switches.isWritable = false;
    runner.passed(planned('b>a'));
    await vi.waitFor(() => expect(dispatcher.asked.length).toBeGreaterThan(2));
    expect(kinds()).toEqual([]);
    const perTrunk = planned('b>a')[0]?.perTrunk.map(
      (each) => ({ ...each, tier: each.trunk === 'a' ? 'hard-down' : each.tier }) as const,
    );
    runner.passed(planned('b>a', { perTrunk: perTrunk ?? [] }));
    await vi.waitFor(() => expect(dispatcher.flags()[0]).toBe(`${A} DP`));
  });

  it('whose state somebody changed is told, and set again', async () => {
    const { counted, dispatcher, entries, kinds, runner } = await edgeFor();
    runner.passed(planned('b>a'));
    await vi.waitFor(() => expect(kinds()).toContain('edge-applied'));
    const [a] = dispatcher.sets.get(1) ?? [];
    if (a) a.flags = 'AP';
    await vi.waitFor(() => expect(kinds()).toEqual(['edge-order', 'edge-applied', 'edge-drift', 'edge-applied']));
    expect(entries[2]?.sentence).toContain(`set 1 was found with ${A} open, not closed; it is being set again`);
    expect(dispatcher.flags()[0]).toBe(`${A} DP`);
    expect(await counted('drifted')).toBe(1);
  });

  it('under `report` it is told once, and left', async () => {
    const { dispatcher, kinds, runner } = await edgeFor({ drift: 'report' });
    runner.passed(planned('b>a'));
    await vi.waitFor(() => expect(kinds()).toContain('edge-applied'));
    const [a] = dispatcher.sets.get(1) ?? [];
    if (a) a.flags = 'AP';
    const before = dispatcher.asked.length;
    await vi.waitFor(() => expect(dispatcher.asked.length).toBeGreaterThan(before + 4));
    expect(kinds().filter((kind) => kind === 'edge-drift')).toHaveLength(1);
    expect(dispatcher.flags()[0]).toBe(`${A} AP`);
  });

  it('whose own probing gave a destination up has not drifted', async () => {
    const { dispatcher, kinds, runner } = await edgeFor();
    runner.passed(planned('a>b'));
    await vi.waitFor(() => expect(dispatcher.asked.length).toBeGreaterThan(1));
    const [a] = dispatcher.sets.get(1) ?? [];
    if (a) a.flags = 'IP';
    const before = dispatcher.asked.length;
    await vi.waitFor(() => expect(dispatcher.asked.length).toBeGreaterThan(before + 3));
    expect(kinds()).toEqual([]);
  });

  it.each([
    ['a set that it has not', { set: 7 }, 'the dispatcher has no set 7'],
    [
      'a destination that it has not',
      {
        destinations: [
          { trunk: 'a', uri: A },
          { trunk: 'b', uri: 'sip:192.0.2.9' },
        ],
      },
      'set 1 holds no destination of b',
    ],
  ])('%s is refused in words and nothing is changed (rule 4)', async (_name, changes, reason) => {
    const first = {
      set: 1,
      class: 'national',
      destinations: [
        { trunk: 'a', uri: A },
        { trunk: 'b', uri: B },
      ],
    };
    const { dispatcher, entries, runner } = await edgeFor({}, { sets: [{ ...first, ...changes }] });
    runner.passed(planned('b>a'));
    await vi.waitFor(() => expect(entries.length).toBeGreaterThan(0));
    expect(entries[0]).toMatchObject({ kind: 'edge-refused', sentence: expect.stringContaining(reason) });
    expect(dispatcher.flags()).toEqual([`${A} AP`, `${B} AP`]);
  });

  it.each([
    ['silence', () => undefined, 'no whole answer within 300 ms'],
    [
      'half an answer',
      (response: import('node:http').ServerResponse) => {
        response.writeHead(200, { 'content-length': 500 });
        response.write('{"jsonrpc":');
      },
      'no whole answer within 300 ms',
    ],
    ['a connection that ends', (response: import('node:http').ServerResponse) => response.destroy(), 'UND_ERR_SOCKET'],
    ['no JSON', (response: import('node:http').ServerResponse) => response.end('<html>'), 'answered 200, with no JSON'],
    [
      'a refusal of the secret',
      (response: import('node:http').ServerResponse) => response.writeHead(401).end('{}'),
      'answered 401, without a result',
    ],
    [
      'a list of another form',
      (response: import('node:http').ServerResponse) =>
        response.end('{"jsonrpc":"2.0","result":{"RECORDS":[{"SET":7}]},"id":1}'),
      'its list of destinations could not be read',
    ],
  ])('%s is unknown, not empty: asked again, and set once it answers (rule 2)', async (_name, instead, reason) => {
    const { counted, dispatcher, entries, faults, runner } = await edgeFor();
    dispatcher.instead = instead;
    runner.passed(planned('b>a'));
    await vi.waitFor(() => expect(entries.length).toBeGreaterThan(0), 5000);
    expect(entries[0]).toMatchObject({ kind: 'edge-unread', sentence: expect.stringContaining(reason) });
    expect(await counted('failed')).toBeGreaterThan(0);
    dispatcher.instead = undefined;
    await vi.waitFor(() => expect(dispatcher.flags()[0]).toBe(`${A} DP`), 5000);
    expect(faults).toEqual([]);
  });

  it('that says yes and does nothing is told as not applied', async () => {
    const { dispatcher, entries, kinds, runner } = await edgeFor();
    dispatcher.isLying = true;
    runner.passed(planned('b>a'));
    await vi.waitFor(() => expect(kinds()).toContain('edge-not-applied'));
    expect(entries[1]?.sentence).toContain(`read back without a (${A}) closes`);
  });

  it('that is away ends with the hub', async () => {
    const { dispatcher, runner } = await edgeFor();
    dispatcher.instead = () => undefined;
    runner.passed(planned('b>a'));
    await vi.waitFor(() => expect(dispatcher.asked).toHaveLength(1));
    await runner.close();
    expect(runner.apply()).toBe(false);
  });
});

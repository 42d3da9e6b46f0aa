import { describe, expect, it } from 'vitest';
import { verdictTraces } from '../../server/orders/trace-evidence.ts';
import { eventFrame } from '../support/probe-frames.ts';
import { ask, freshHub, journalOf, metricOf, ProbeSocket } from './hub-fixture.ts';
import { lossySecond } from './lossy-second.ts';
import { verdict } from './routing/judged.ts';
import { until } from './store/store-fixture.ts';

const ABLE = { abilities: { meshPeers: [], testCallTargets: [], canTrace: true } };
const HOPS = [
  { hop: 1, address: '10.0.0.1', sent: 30, lost: 0 },
  { hop: 2, address: '10.0.0.2', sent: 30, lost: 12 },
];

describe('traces for a verdict', () => {
  it('are ordered from who saw the loss, journaled in words, and stand beside its evidence', async () => {
    const { url } = await freshHub();
    const fra = await ProbeSocket.greet(url, 'fra-1', ABLE);
    const ams = await ProbeSocket.greet(url, 'ams-1');
    let at = 0;
    await until(() => {
      lossySecond(fra, 'ams-1', at);
      lossySecond(ams, 'fra-1', at);
      at += 1;
      return fra.got('command').length > 0;
    }, 30_000);
    const order = await fra.next('command');
    expect(order.command).toEqual({ kind: 'trace', target: 'a.a1' });
    expect(ams.got('command')).toEqual([]);
    expect(await metricOf(url, 'trunkward_traces_ordered_total')).toBe(1);

    const { commandId } = order;
    fra.send(eventFrame({ body: { kind: 'trace', target: 'a.a1', commandId, isReached: true, hops: HOPS } }));
    await fra.next('ack');
    const [entry] = await journalOf(url, 'trace');
    expect(entry?.sentence).toContain('loss begins between hop 1 (10.0.0.1) and hop 2 (10.0.0.2)');

    const { json } = await ask(url, '/api/v1/verdicts', 'watcher');
    const [{ verdictId }] = json.items;
    const evidence = await ask(url, `/api/v1/verdicts/${verdictId}/evidence`, 'watcher');
    expect(evidence.json.traces).toMatchObject([
      { pbx: 'fra-1', body: { target: 'a.a1', hops: HOPS }, judgement: { kind: 'blamed', afterHop: 1, fromHop: 2 } },
    ]);
    const shown = {
      pbx: 'fra-1',
      probe: 'probe-1',
      target: 'a.a1',
      outcome: 'blamed',
      source: expect.stringContaining('mtr'),
      hops: [
        { hop: 1, sent: 30, lost: 0, lowRatio: 0, highRatio: expect.closeTo(0.1135, 3), remark: '' },
        { hop: 2, lost: 12, remark: 'loss begins here or just before, and lasts to the target' },
      ],
    };
    for (const query of [`verdict=${verdictId}`, 'key=fra-1>a.a1']) {
      expect((await ask(url, `/api/v1/traces?${query}`, 'watcher')).json.items).toMatchObject([shown]);
    }
    expect((await ask(url, '/api/v1/traces?key=ams-1>a.a1', 'watcher')).json.items).toEqual([]);
  });

  it('are asked for by path or verdict, and an unknown name is said to be unknown', async () => {
    const { url } = await freshHub();
    for (const [query, status, code] of [
      ['key=fra-1>z.z1', 404, 'UNKNOWN_KEY'],
      ['verdict=none', 404, 'UNKNOWN_VERDICT'],
      ['', 400, 'BAD_REQUEST'],
      ['key=fra-1>a.a1&verdict=none', 400, 'BAD_REQUEST'],
    ] as const) {
      const answer = await ask(url, `/api/v1/traces?${query}`, 'watcher');
      expect({ query, status: answer.status, code: answer.json.code }).toEqual({ query, status, code });
    }
    expect((await ask(url, '/api/v1/traces?key=fra-1>a.a1')).status).toBe(401);
  });

  it('belong to the verdict of their order; after a restart of the hub, to one with their path in its evidence', () => {
    const evidence = [{ pathKey: 'fra-1>a.a1', sent: 60, lost: 20, lowRatio: 0.2, highRatio: 0.5 }];
    const body = { kind: 'trace', target: 'a.a1', isReached: true, hops: HOPS } as const;
    const stored = [
      { pbx: 'fra-1', receivedAtEpochMs: 1, body: { ...body, hops: [...HOPS], commandId: 'command-0001' } },
      { pbx: 'ams-1', receivedAtEpochMs: 2, body: { ...body, hops: [...HOPS], commandId: 'command-0002' } },
      { pbx: 'fra-1', receivedAtEpochMs: 3, body: { ...body, hops: [...HOPS], commandId: 'command-0003' } },
      { pbx: 'ams-1', receivedAtEpochMs: 4, body: { ...body, hops: [...HOPS] } },
    ];
    const of = (orders: readonly (readonly [string, string])[]) =>
      verdictTraces(verdict({ evidence }), stored, new Map(orders)).map(({ receivedAtEpochMs }) => receivedAtEpochMs);
    expect(of([])).toEqual([1, 3]);
    expect(
      of([
        ['command-0002', 'v-1'],
        ['command-0003', 'v-2'],
      ]),
    ).toEqual([1, 2]);
  });
});

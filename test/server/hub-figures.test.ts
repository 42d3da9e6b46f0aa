import { describe, expect, it } from 'vitest';
import type { Figure, FigureSheet } from '../../wire/figures.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { StreamFigures } from '../../wire/rtp-measurement.ts';
import { batchFrame, eventFrame } from '../support/probe-frames.ts';
import { ask, freshHub, greeting, hubConfig, hubFor, journalOf, ProbeSocket, TOKENS } from './hub-fixture.ts';
import { until } from './store/store-fixture.ts';

const STREAM: StreamFigures = {
  expected: 500,
  received: 480,
  lost: 20,
  duplicates: 0,
  reordered: 0,
  lossRuns: [2, 0, 2, 3, 0, 0, 0, 0],
  jitterMs: 1.5,
};

const CALL = { kind: 'rtp-call', trunk: 'a', edge: 'a1', isFinal: false, source: 'rtcp', intervalMs: 5000 } as const;

function measured(atMs: number): readonly Measurement[] {
  const mesh = { kind: 'rtp-mesh', target: 'peer.ams-1', session: 'session-0001', intervalMs: 10_000 } as const;
  const stream = { ...mesh, startedAtMs: atMs - 10_000, packetMs: 20, payloadBytes: 160 };
  return [
    {
      ...stream,
      direction: 'forward',
      sequence: 0,
      figures: { ...STREAM, lost: 0, received: 500, lossRuns: [0, 0, 0, 0, 0, 0, 0, 0] },
    },
    { ...stream, direction: 'reverse', sequence: 0, figures: STREAM, rtt: { n: 480, p50Ms: 12, p95Ms: 14, p99Ms: 20 } },
    {
      ...CALL,
      leg: 1,
      direction: 'received',
      observedAtMs: atMs,
      expected: 250,
      lost: 25,
      codec: 'ulaw',
      rttMs: 30,
      jitterMs: 2,
    },
    { ...CALL, leg: 1, direction: 'sent', observedAtMs: atMs, expected: 250, lost: 0, codec: 'ulaw' },
    { ...CALL, leg: 2, direction: 'received', observedAtMs: atMs, expected: 250, lost: 1, codec: 'opus' },
    { kind: 'registration', trunk: 'a', observedAtMs: atMs, state: 'registered' },
    {
      kind: 'certificate',
      target: 'a.a1',
      observedAtMs: atMs,
      validUntilEpochMs: Date.now() + 10 * 86_400_000,
      isAccepted: true,
    },
    {
      kind: 'line',
      target: 'peer.ams-1',
      direction: 'forward',
      startedAtMs: atMs - 2000,
      durationMs: 2000,
      bytes: 500_000,
      outcome: 'measured',
    },
  ];
}

async function measuringHub() {
  const fresh = await freshHub();
  const probe = await ProbeSocket.open(fresh.url, TOKENS['fra-1']);
  probe.send(
    greeting('fra-1', {
      targets: [
        { target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' },
        { target: 'peer.ams-1', kind: 'peer', peer: 'ams-1' },
      ],
    }),
  );
  await probe.next('welcome');
  return { ...fresh, probe };
}

async function sheet(url: string, key: string): Promise<FigureSheet> {
  const answer = await ask(url, `/api/v1/figures?key=${encodeURIComponent(key)}`, 'watcher');
  if (answer.status !== 200) throw new Error(answer.text);
  return JSON.parse(answer.text) as FigureSheet;
}

function found({ figures }: FigureSheet, kind: Figure['kind'], direction?: Figure['direction']): readonly Figure[] {
  return figures.filter((figure) => figure.kind === kind && (direction ?? figure.direction) === figure.direction);
}

describe('the figures of a running hub', () => {
  it('every figure says its n, window, interval and source (rule 1)', async () => {
    const { url, probe } = await measuringHub();
    probe.send(batchFrame({ sentAtMs: 60_000, measurements: [...measured(60_000)] }));
    await until(async () => (await sheet(url, 'fra-1>peer.ams-1')).figures.length > 0);

    const line = await sheet(url, 'fra-1>peer.ams-1');
    expect(found(line, 'mesh-loss', 'reverse')).toMatchObject([
      { value: 0.04, n: 500, windowMs: 300_000, unit: 'ratio' },
    ]);
    expect(found(line, 'mesh-loss', 'forward')).toMatchObject([{ value: 0, low: 0, n: 500 }]);
    expect(found(line, 'mesh-rtt')).toMatchObject([{ value: 12 }]);
    expect(found(line, 'line-rate')).toMatchObject([{ value: 2_000_000, direction: 'forward', windowMs: 2000 }]);
    const [forwardMos] = found(line, 'mos-nb', 'forward');
    const [reverseMos] = found(line, 'mos-nb', 'reverse');
    expect(forwardMos?.value).toBeGreaterThan(4.3);
    expect(reverseMos?.value).toBeLessThan(4.1);
    expect(reverseMos?.notes.join('; ')).toContain('BurstR');

    const trunk = await sheet(url, 'fra-1>a.a1');
    expect(found(trunk, 'call-loss', 'reverse').map(({ n, value }) => [n, value])).toEqual([
      [250, 0.1],
      [250, 0.004],
    ]);
    expect(found(trunk, 'registration')).toMatchObject([{ value: 1 }]);
    expect(found(trunk, 'certificate-days')[0]?.value).toBeCloseTo(10, 1);
    const bare = [...line.figures, ...trunk.figures].filter(
      ({ low, n, notes, source, windowMs }) =>
        n <= 0 || source === '' || (low === undefined && notes.length === 0 && windowMs > 0),
    );
    expect(bare).toEqual([]);
  });

  it('a codec without published values gets no MOS, and its loss says why', async () => {
    const { url, probe } = await measuringHub();
    probe.send(batchFrame({ sentAtMs: 60_000, measurements: [...measured(60_000)] }));
    await until(async () => (await sheet(url, 'fra-1>a.a1')).figures.length > 0);
    const trunk = await sheet(url, 'fra-1>a.a1');
    expect(found(trunk, 'mos-nb', 'reverse')).toHaveLength(1);
    const [, opus] = found(trunk, 'call-loss', 'reverse');
    expect(opus?.notes.join('; ')).toContain('ITU-T has published no Ie for Opus');
  });

  it('counts each call once, and again after a restart, however often its event comes (rules 8 and 9)', async () => {
    const { dataDir, hub, url, probe } = await measuringHub();
    const now = Date.now();
    for (let sequence = 1; sequence <= 4; sequence += 1) {
      const isAnswered = sequence <= 3;
      const body = {
        kind: 'call-ended',
        linkedId: `l-${sequence}`,
        uniqueId: `u-${sequence}`,
        trunk: 'a',
        edge: 'a1',
        class: 'national',
        startedAtEpochMs: now - 40_000,
        ...(isAnswered
          ? { answeredAtEpochMs: now - 30_000, pddMs: 1500, causeCode: 16 }
          : { statusCode: 503, causeCode: 34 }),
        endedAtEpochMs: now,
      } as const;
      probe.send(eventFrame({ outboxId: 'outbox-1-calls', sequence, occurredAtEpochMs: now, body }));
      probe.send(eventFrame({ outboxId: 'outbox-1-calls', sequence, occurredAtEpochMs: now, body }));
      await probe.next('ack', (ack) => ack.sequence === sequence);
    }
    const shares = async (address: string) => {
      const answer = await ask(address, '/api/v1/calls?pbx=fra-1', 'watcher');
      const { items } = JSON.parse(answer.text) as { items: { key: string; figures: Figure[] }[] };
      return items.map(({ key, figures }) => [
        key,
        ...figures.filter(({ kind }) => kind === 'asr' || kind === 'isa').map(({ value }) => value),
      ]);
    };
    const expected = [
      ['fra-1>a * *', 0.75, 0.25],
      ['fra-1>a a1 national', 0.75, 0.25],
    ];
    expect(await shares(url)).toEqual(expected);
    const fleet = await ask(url, '/api/v1/calls?by=trunk&trunk=a', 'watcher');
    expect(JSON.parse(fleet.text)).toMatchObject({
      items: [
        {
          key: '*>a * *',
          pbx: '*',
          causes: [
            { causeCode: 16, calls: 3 },
            { causeCode: 34, calls: 1 },
          ],
        },
        {},
      ],
    });
    await hub.close();
    const again = await hubFor(hubConfig(dataDir));
    expect(await shares(again.url)).toEqual(expected);
  });

  it('a sick probe abstains from the figures and metrics of quality too (rule 1)', async () => {
    const { url, probe } = await measuringHub();
    const instrument = {
      eventLoopDelayP99Ms: 900,
      eventLoopDelayMaxMs: 3000,
      selfProbeSent: 5,
      selfProbeLost: 0,
      missedSchedules: 0,
      droppedMeasurements: 0,
      intervalMs: 1000,
      clock: { offsetMs: 0.5, errorMs: 2, source: 'chrony', isSynchronised: true } as const,
    };
    probe.send(batchFrame({ sentAtMs: 60_000, measurements: [...measured(60_000)], instrument }));
    await until(async () => (await sheet(url, 'fra-1>a.a1')).figures.length > 0);
    const kinds = (await sheet(url, 'fra-1>a.a1')).figures.map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['certificate-days', 'registration']);
    expect((await sheet(url, 'fra-1>peer.ams-1')).figures).toEqual([]);
    expect((await sheet(url, 'fra-1>host')).figures).toMatchObject([{ kind: 'clock-offset', low: -1.5, high: 2.5 }]);
    expect((await ask(url, '/metrics', 'watcher')).text).not.toMatch(/trunkward_(site_mesh|trunk_call)_\w+\{/);
  });

  it('shows the trunk over the whole fleet, the host, and metrics by trunk', async () => {
    const { url, probe } = await measuringHub();
    const drops = { receivedErrors: 0, receivedDropped: 3, sentErrors: 0, sentDropped: 0 };
    const counters = { receivedBytes: 1, receivedPackets: 100, sentBytes: 1, sentPackets: 90, ...drops };
    const eth0 = { kind: 'interface', name: 'eth0', observedAtMs: 60_000, intervalMs: 10_000, ...counters } as const;
    probe.send(batchFrame({ sentAtMs: 60_000, measurements: [...measured(60_000), eth0] }));
    await until(async () => (await sheet(url, 'fra-1>a.a1')).figures.length > 0);
    expect(found(await sheet(url, '*>a'), 'call-loss', 'reverse')).toHaveLength(2);
    const byPair = await ask(url, '/api/v1/figures?pbx=*&trunk=a', 'watcher');
    expect((JSON.parse(byPair.text) as FigureSheet).key).toBe('*>a');
    expect((await ask(url, '/api/v1/figures?pbx=fra-1', 'watcher')).status).toBe(400);
    expect(found(await sheet(url, 'fra-1>host'), 'interface-drops', 'reverse')).toMatchObject([{ value: 3, n: 100 }]);
    const { text } = await ask(url, '/metrics', 'watcher');
    expect(text).toContain('trunkward_trunk_call_packets_lost_total{trunk="a",direction="reverse"} 26');
    expect(text).toContain('trunkward_site_mesh_packets_lost_total{site="fra",peer_site="ams",direction="reverse"} 20');
    await until(async () =>
      (await ask(url, '/metrics', 'watcher')).text.includes('trunk_registered_pbxes{trunk="a"} 1'),
    );
  });

  it('journals what changes: a certificate near its end, a lost registration, a codec without values', async () => {
    const { url, probe } = await measuringHub();
    const lost = { kind: 'registration', trunk: 'a', observedAtMs: 60_000, state: 'rejected' } as const;
    probe.send(batchFrame({ sentAtMs: 60_000, measurements: [...measured(60_000), lost] }));
    const sentence = async (kind: string) => (await journalOf(url, kind)).map((entry) => entry.sentence);
    expect(await sentence('certificate-warning')).toEqual([
      expect.stringMatching(/^the certificate that a\.a1 showed/),
    ]);
    expect(await sentence('registration-lost')).toEqual([expect.stringContaining('a on fra-1 is rejected')]);
    expect(await sentence('codec-ungrounded')).toEqual([expect.stringContaining('opus')]);
  });

  it('what the configuration does not know takes no memory and shows nowhere', async () => {
    const { url, probe } = await measuringHub();
    const [first] = measured(60_000);
    const strange = { ...(first as Measurement & { kind: 'rtp-mesh' }), target: 'peer.nobody' };
    probe.send(
      batchFrame({
        sentAtMs: 60_000,
        measurements: [strange, { kind: 'registration', trunk: 'nobody', observedAtMs: 1, state: 'registered' }],
      }),
    );
    probe.send(batchFrame({ sequence: 1, sentAtMs: 61_000, measurements: [...measured(60_000)] }));
    await until(async () => (await sheet(url, 'fra-1>a.a1')).figures.length > 0);
    await expect(sheet(url, 'fra-1>peer.nobody')).rejects.toThrow('UNKNOWN_KEY');
    await expect(sheet(url, 'fra-1>nobody')).rejects.toThrow('UNKNOWN_KEY');
  });

  it('what is not measured says why: the mesh by its stream or its assignment, a name by its look-up (rule 2)', async () => {
    const { url, probe } = await measuringHub();
    const idle = {
      kind: 'rtp-mesh-idle',
      target: 'peer.ams-1',
      session: 'session-0001',
      observedAtMs: 60_000,
    } as const;
    const name = { kind: 'resolution', trunk: 'a', edge: 'a1', observedAtMs: 60_000, resolveMs: 3000 } as const;
    const lookup = { ...name, outcome: 'timed-out', addresses: 0 } as const;
    const stranger = { ...lookup, edge: 'made-up' } as const;
    const measurements = [{ ...idle, because: 'live-calls' } as const, lookup, stranger];
    probe.send(batchFrame({ sentAtMs: 60_000, measurements }));
    await until(async () => ((await sheet(url, 'fra-1>a.a1')).noData ?? []).length > 0);
    expect((await sheet(url, 'fra-1>a.a1')).noData).toMatchObject([
      {
        what: 'name',
        direction: 'none',
        because: expect.stringContaining('no name server answered in time (edge a1)'),
      },
    ]);
    expect((await sheet(url, 'fra-1>a')).noData).toHaveLength(1);
    const line = await sheet(url, 'fra-1>peer.ams-1');
    expect(line.figures.filter(({ kind }) => kind.startsWith('mesh'))).toEqual([]);
    expect(line.noData).toMatchObject([
      { what: 'mesh', direction: 'round-trip', because: 'no probe of ams-1 is heard' },
    ]);
  });
});

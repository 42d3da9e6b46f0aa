import { describe, expect, it } from 'vitest';
import type { Figure, FigureSheet } from '../../wire/figures.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { StreamFigures } from '../../wire/rtp-measurement.ts';
import { batchFrame, eventFrame } from '../support/probe-frames.ts';
import { ask, freshHub, greeting, hubConfig, hubFor, ProbeSocket, TOKENS } from './hub-fixture.ts';
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
    await hub.close();
    const again = await hubFor(hubConfig(dataDir));
    expect(await shares(again.url)).toEqual(expected);
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
});

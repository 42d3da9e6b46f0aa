import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MeasurementQueue } from '../../../probes/uplink/measurement-queue.ts';
import { OutboxStore } from '../../../probes/uplink/outbox-store.ts';
import { createUplink } from '../../../probes/uplink/uplink-client.ts';
import type { Uplink, UplinkOptions, UplinkReport } from '../../../probes/uplink/uplink-options.ts';
import type { HubFrame } from '../../../wire/hub-frames.ts';
import type { Measurement } from '../../../wire/measurement.ts';
import type { HelloFrame } from '../../../wire/probe-frames.ts';
import { acknowledge, FakeHub } from './fake-hub.ts';
import { command, modes, plan, welcome } from './hub-frame-samples.ts';

const HELLO: HelloFrame = {
  v: 1,
  type: 'hello',
  probe: 'probe-one',
  pbx: 'pbx-one',
  bootId: 'boot-0000-0001',
  machineId: 'machine-0001',
  instanceId: 'instance-0001',
  softwareVersion: '0.1.0',
  configHash: '0'.repeat(64),
  sentAtMs: 1,
  sentAtEpochMs: 2,
  targets: [],
  trunks: ['alpha'],
  classes: ['national'],
  heldFence: 0,
  outboxPending: 0,
};
const WAIT = { timeout: 12_000, interval: 20 };

let directory: string;
let outbox: OutboxStore;
let hubs: FakeHub[];
let uplinks: Uplink[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trunkward-uplink-'));
  outbox = OutboxStore.open(directory, 1);
  hubs = [];
  uplinks = [];
});
afterEach(async () => {
  await Promise.all(uplinks.map((uplink) => uplink.close()));
  await Promise.all(hubs.map((hub) => hub.kill()));
  await outbox.close();
  await rm(directory, { recursive: true });
});

async function listen(port = 0, tls?: { readonly key: string; readonly cert: string }): Promise<FakeHub> {
  const hub = await FakeHub.listen(port, tls);
  hubs.push(hub);
  return hub;
}

function connect(hub: FakeHub, overrides: Partial<UplinkOptions> = {}) {
  const frames: HubFrame[] = [];
  const reports: UplinkReport[] = [];
  const queue = overrides.queue ?? new MeasurementQueue();
  const uplink = createUplink({
    urls: [`ws://127.0.0.1:${hub.port}/api/v1/probe`],
    token: 'probe-secret-token',
    hello: () => HELLO,
    outbox,
    queue,
    onFrame: (frame) => frames.push(frame),
    onState: (report) => reports.push(report),
    clock: { nowMs: () => performance.now(), epochMs: () => Date.now() },
    random: () => 0,
    ...overrides,
  });
  uplinks.push(uplink);
  const notices = () => reports.flatMap((report) => (report.kind === 'notice' ? [report.notice.code] : []));
  const ends = () => reports.flatMap((report) => (report.kind === 'ended' ? [report.end.code] : []));
  return { uplink, frames, reports, queue, notices, ends };
}

function measurement(sequence: number): Measurement {
  const outcome = { kind: 'answered', rttMs: 20.125, statusCode: 200 } as const;
  return { kind: 'sip-options', target: 'alpha.one', schedule: 'liveness', sequence, sentAtMs: 5, outcome };
}

async function append(uplink: Uplink, text: string): Promise<void> {
  await outbox.append({ kind: 'probe-note', code: 'test', text }, { occurredAtMs: 1, occurredAtEpochMs: 2 });
  uplink.notifyOutbox();
}

const flows = (uplink: Uplink) => vi.waitFor(() => expect(uplink.phase()).toBe('flowing'), WAIT);
const eventSequences = (hub: FakeHub) => hub.received('event').map(({ sequence }) => sequence);
const batchSequences = (hub: FakeHub) =>
  hub
    .received('batch')
    .flatMap(({ measurements }) => measurements.map((entry) => ('sequence' in entry ? entry.sequence : -1)));

describe('uplink', () => {
  test('shows its token in the header, says hello first, then sends batches and events', async () => {
    const hub = await listen();
    const { uplink, frames } = connect(hub);
    await flows(uplink);
    uplink.sendBatchSoon(measurement(0));
    uplink.sendBatchSoon(measurement(1), true);
    await append(uplink, 'a');
    await vi.waitFor(() => expect(outbox.counts.events).toBe(0), WAIT);
    await vi.waitFor(() => expect(batchSequences(hub)).toEqual([0, 1]), WAIT);
    expect(hub.last.request.headers.authorization).toBe('Bearer probe-secret-token');
    expect(hub.last.request.headers['sec-websocket-extensions']).toBeUndefined();
    expect(hub.last.frames[0]).toEqual(HELLO);
    expect(hub.last.unreadable).toEqual([]);
    expect(frames).toEqual([welcome(0)]);
  });

  test('hands on each frame of the hub, and answers with plan results and read-backs', async () => {
    const hub = await listen();
    const { uplink, frames } = connect(hub);
    await flows(uplink);
    hub.send(modes(3), plan(3), command(3));
    await vi.waitFor(() => expect(frames).toEqual([welcome(0), modes(3), plan(3), command(3)]), WAIT);
    const readBack = { v: 1, type: 'read-back', plan: { readAtEpochMs: 1, routes: [], down: [] } } as const;
    expect(uplink.sendReadBack({ ...readBack, plan: { ...readBack.plan, routes: [], down: [] } })).toBe(true);
    expect(uplink.sendTargets({ v: 1, type: 'targets', targets: [] })).toBe(true);
    const times = { finishedAtMs: 1, finishedAtEpochMs: 2 };
    expect(uplink.sendPlanResult({ v: 1, type: 'plan-result', fence: 3, version: 7, results: [], ...times })).toBe(
      true,
    );
    await vi.waitFor(() => expect(hub.received('plan-result')).toHaveLength(1), WAIT);
    expect(hub.received('read-back')).toHaveLength(1);
    expect(hub.received('targets')).toHaveLength(1);
  });

  test('a plan of a superseded hub is not handed on, and its hub is told why', async () => {
    const hub = await listen();
    const { uplink, frames } = connect(hub, { fence: 9 });
    await flows(uplink);
    hub.send(plan(8));
    await vi.waitFor(() => expect(hub.received('plan-result')).toHaveLength(1), WAIT);
    expect(hub.received('plan-result')[0]).toMatchObject({
      fence: 8,
      version: 7,
      results: [{ class: 'national', outcome: 'refused', reason: 'fence 8 is below 9' }],
    });
    expect(frames).toEqual([welcome(0)]);
  });

  test('cut in mid-stream again and again: every event arrives, in order, none is lost or left over', async () => {
    const hub = await listen();
    const cuts = new Set([20, 60, 100, 140]);
    hub.behaviour.onEvent = (side, frame) => {
      if (side.socket.readyState !== side.socket.OPEN) return;
      if (cuts.delete(frame.sequence)) side.socket.terminate();
      else acknowledge(side, frame);
    };
    const { uplink } = connect(hub);
    for (let at = 0; at < 150; at += 1) await append(uplink, `event ${at}`);
    await vi.waitFor(() => expect(outbox.counts.events).toBe(0), WAIT);
    expect(hub.sides).toHaveLength(5);
    expect([...new Set(eventSequences(hub))].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 150 }, (_, at) => at + 1),
    );
    for (const { frames } of hub.sides) {
      const ofSide = frames.flatMap((frame) => (frame.type === 'event' ? [frame.sequence] : []));
      expect(ofSide).toEqual(ofSide.toSorted((a, b) => a - b));
    }
  });

  test('a hub killed and back on the same port is found again, with a new hello and the events of the meantime', async () => {
    const hub = await listen();
    let hellos = 0;
    const hello = (heldFence: number) => ({ ...HELLO, heldFence, outboxPending: hellos++ });
    const { uplink, ends } = connect(hub, { hello, fence: 2 });
    await flows(uplink);
    hub.send(plan(6));
    await vi.waitFor(() => expect(uplink.heldFence()).toBe(6), WAIT);
    const { port } = hub;
    await hub.kill();
    await vi.waitFor(() => expect(uplink.phase()).not.toBe('flowing'), WAIT);
    await append(uplink, 'while away');
    uplink.sendBatchSoon(measurement(7));
    const times = { finishedAtMs: 1, finishedAtEpochMs: 2 };
    expect(uplink.sendPlanResult({ v: 1, type: 'plan-result', fence: 3, version: 7, results: [], ...times })).toBe(
      false,
    );
    await vi.waitFor(() => expect(ends()).toContain('unreachable'), WAIT);
    const back = await listen(port);
    await vi.waitFor(() => expect(outbox.counts.events).toBe(0), WAIT);
    await vi.waitFor(() => expect(batchSequences(back)).toEqual([7]), WAIT);
    expect(back.received('hello')).toMatchObject([{ outboxPending: 1, heldFence: 6 }]);
    expect(hub.received('hello')).toMatchObject([{ outboxPending: 0, heldFence: 2 }]);
  });

  test('doubled acknowledgements, and some for what it never sent, do no harm', async () => {
    const hub = await listen();
    hub.behaviour.onEvent = (side, frame) => {
      acknowledge(side, { ...frame, sequence: 1_000_000 });
      acknowledge(side, { ...frame, outboxId: 'somebody-elses' });
      acknowledge(side, frame);
      acknowledge(side, frame);
    };
    const { uplink, notices } = connect(hub);
    await append(uplink, 'a');
    await vi.waitFor(() => expect(outbox.counts.events).toBe(0), WAIT);
    await append(uplink, 'b');
    await vi.waitFor(() => expect(outbox.counts.events).toBe(0), WAIT);
    expect(notices()).toEqual(Array(4).fill('foreign-acknowledgement'));
    expect(eventSequences(hub)).toEqual([1, 2]);
    expect(hub.sides).toHaveLength(1);
  });

  test('a consumer that does not read stops batches, which are dropped and counted; events wait in the outbox (rule 8)', async () => {
    const hub = await listen();
    const queue = new MeasurementQueue(500);
    const { uplink } = connect(hub, { queue });
    await flows(uplink);
    hub.last.tcp.pause();
    let sequence = 0;
    await vi.waitFor(
      () => {
        for (let at = 0; at < 5000; at += 1) uplink.sendBatchSoon(measurement(sequence++), true);
        expect(queue.dropped).toBeGreaterThan(1000);
      },
      { timeout: 5000, interval: 1 },
    );
    await append(uplink, 'safe');
    expect(outbox.counts.events).toBe(1);
    hub.last.tcp.resume();
    await vi.waitFor(() => expect(outbox.counts.events).toBe(0), WAIT);
    await vi.waitFor(() => expect(batchSequences(hub).at(-1)).toBe(sequence - 1), WAIT);
    expect(batchSequences(hub).length + queue.dropped).toBe(sequence);
    expect(hub.sides).toHaveLength(1);
  });

  test('a dead peer is noticed within 10 s', async () => {
    const hub = await listen();
    const { uplink, ends } = connect(hub);
    await flows(uplink);
    const deadAtMs = performance.now();
    hub.last.tcp.pause();
    await vi.waitFor(() => expect(ends()).toEqual(['dead-peer']), { timeout: 15_000, interval: 20 });
    expect(performance.now() - deadAtMs).toBeLessThan(10_500);
  });

  test('hostile messages are reported and counted, never a crash, and good frames still get through', async () => {
    const hub = await listen();
    const { uplink, frames, notices } = connect(hub);
    await flows(uplink);
    const hostile = [
      '',
      'null',
      '[]',
      '{',
      '{"v":1,"type":"plan"}',
      '{"v":99,"type":"modes"}',
      '{"v":1,"type":"__proto__"}',
      '{"v":1,"type":"run","shell":"id"}',
      `{"v":1,"type":"ack","outboxId":"${outbox.outboxId}","sequence":-1}`,
      JSON.stringify({ ...modes(3), extra: 1 }),
      '['.repeat(50_000),
    ];
    for (const text of hostile) hub.last.socket.send(text);
    hub.last.socket.send(Buffer.from(JSON.stringify(modes(3))));
    hub.send(modes(3));
    await vi.waitFor(() => expect(frames).toEqual([welcome(0), modes(3)]), WAIT);
    expect(notices()).toEqual(Array(hostile.length + 1).fill('unreadable-frame'));
    expect(uplink.phase()).toBe('flowing');
  });

  test('a message above 256 KiB ends the connection, not the probe', async () => {
    const hub = await listen();
    const { uplink, ends } = connect(hub);
    await flows(uplink);
    hub.last.socket.send('x'.repeat(262_145));
    await vi.waitFor(() => expect(hub.sides).toHaveLength(2), WAIT);
    await flows(uplink);
    expect(ends()).toEqual(['protocol-fault']);
    expect(hub.sides[0]?.closeCode).toBe(1009);
  });

  test('bytes that are no WebSocket at all end the connection, not the probe', async () => {
    const hub = await listen();
    const { uplink } = connect(hub);
    await flows(uplink);
    hub.last.tcp.write(Buffer.from('HTTP/1.1 200 OK\r\n\r\n<html>'));
    await vi.waitFor(() => expect(hub.sides).toHaveLength(2), WAIT);
    await flows(uplink);
  });

  test('a wrong token is reported and not tried again soon', async () => {
    const hub = await listen();
    hub.behaviour.refuseStatus = 401;
    const { uplink, notices, ends } = connect(hub);
    await vi.waitFor(() => expect(notices()).toEqual(['token-refused']), WAIT);
    expect(ends()).toEqual(['token-refused']);
    expect(uplink.phase()).toBe('waiting');
    expect(hub.sides).toHaveLength(0);
  });

  test('a hub that is no leader yet (503) is tried again soon', async () => {
    const hub = await listen();
    hub.behaviour.refuseStatus = 503;
    const { uplink, ends } = connect(hub);
    await vi.waitFor(() => expect(ends()).toEqual(['http-refused']), WAIT);
    delete hub.behaviour.refuseStatus;
    await flows(uplink);
  });

  test('several hubs are tried in turn', async () => {
    const gone = await listen();
    const { port } = gone;
    await gone.kill();
    const hub = await listen();
    const urls = [`ws://127.0.0.1:${port}/`, `ws://127.0.0.1:${hub.port}/`];
    const { uplink, ends } = connect(hub, { urls });
    await flows(uplink);
    expect(ends()).toEqual(['unreachable']);
  });

  test('rule 10: an address in plaintext beyond loopback is refused before anything is sent', () => {
    const make = (allowPlaintext: boolean, url: string) => () =>
      createUplink({
        urls: ['wss://hub.example/', url],
        token: 't',
        allowPlaintext,
        hello: () => HELLO,
        outbox,
        queue: new MeasurementQueue(),
        onFrame: () => undefined,
        onState: () => undefined,
        clock: { nowMs: () => 0, epochMs: () => 0 },
        random: () => 0,
      });
    expect(make(false, 'ws://hub.example/')).toThrow('hub address hub.example refused: plaintext');
    expect(make(true, 'https://hub.example/')).toThrow('not-websocket');
    expect(make(true, 'ws://u:p@hub.example/')).toThrow('hub address hub.example refused: credentials');
  });

  test('rule 10: TLS is verified: the given certificate authority is trusted, any other is not', async () => {
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const subject = ['-subj', '/CN=hub', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    await promisify(execFile)('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert]);
    const ca = await readFile(cert, 'utf8');
    const hub = await listen(0, { key: await readFile(key, 'utf8'), cert: ca });
    const urls = [`wss://127.0.0.1:${hub.port}/`];
    const trusting = connect(hub, { urls, ca });
    await flows(trusting.uplink);
    const wary = connect(hub, { urls });
    await vi.waitFor(() => expect(wary.ends()).toContain('unreachable'), WAIT);
    expect(hub.sides).toHaveLength(1);
  });

  test('a hello that cannot be made, and a handler that throws, are reported and survived', async () => {
    const hub = await listen();
    let isReady = false;
    const { uplink, reports } = connect(hub, {
      hello: () => {
        if (!isReady) throw new Error('not ready');
        return Promise.resolve(HELLO);
      },
      onFrame: () => {
        throw new Error('handler');
      },
    });
    const faults = () => reports.flatMap((report) => (report.kind === 'fault' ? [report.text] : []));
    await vi.waitFor(() => expect(faults()).toContain('hello could not be made'), WAIT);
    isReady = true;
    await flows(uplink);
    expect(faults()).toContain('handling of welcome failed');
  });

  test('a frame of ours above the limit is not sent but reported', async () => {
    const hub = await listen();
    const { uplink, reports } = connect(hub);
    await flows(uplink);
    const route = { class: 'national', raw: 'x'.repeat(300_000) };
    expect(
      uplink.sendReadBack({ v: 1, type: 'read-back', plan: { readAtEpochMs: 1, routes: [route], down: [] } }),
    ).toBe(false);
    expect(reports.at(-1)).toMatchObject({ kind: 'fault', text: expect.stringContaining('exceeds 262144') });
  });

  test('close says goodbye, waits for the end, and nothing comes after it', async () => {
    const hub = await listen();
    const { uplink } = connect(hub);
    await flows(uplink);
    await uplink.close();
    await vi.waitFor(() => expect(hub.last.closeCode).toBe(1000), WAIT);
    uplink.notifyOutbox();
    uplink.sendBatchSoon(measurement(1), true);
    expect(uplink.phase()).toBe('stopped');
    expect(hub.sides).toHaveLength(1);
    expect(hub.received('batch')).toEqual([]);
  });
});

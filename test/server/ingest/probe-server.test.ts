import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ProbeHandlers, ProbeServer } from '../../../server/ingest/probe-server.ts';
import type { EventFrame } from '../../../wire/probe-frames.ts';
import { batchFrame, eventFrame, helloFrame } from '../../support/probe-frames.ts';
import { ProbeSocket } from '../hub-fixture.ts';
import { until } from '../store/store-fixture.ts';

/** An event that is being stored; the test decides when it is on disk, or that it cannot be. */
type Storing = { readonly frame: EventFrame; readonly done: () => void; readonly fail: (cause: Error) => void };

/** A probe server alone on loopback; every connection is that of probe-1 on fra-1. */
async function served(heartbeatMs = 60_000, changes: Partial<ProbeHandlers> = {}) {
  const log: string[] = [];
  const storing: Storing[] = [];
  const server = new ProbeServer(
    {
      onHello: () => ({
        v: 1,
        type: 'welcome',
        hubInstanceId: 'hub-under-test',
        fence: 1,
        sentAtEpochMs: 1,
        modes: {
          stopped: false,
          routing: 'observe',
          spend: 'observe',
          security: 'observe',
          survival: 'observe',
          classes: [],
        },
      }),
      onReady: () => log.push('ready'),
      onBatch: (_pbx, instanceId, { sequence }) => log.push(`batch ${sequence} of ${instanceId}`),
      onEvent: (_pbx, frame) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        storing.push({ frame, done: resolve, fail: reject });
        return promise;
      },
      onPlanResult: () => log.push('plan-result'),
      onReadBack: () => log.push('read-back'),
      onTargets: () => log.push('targets'),
      onGone: (_pbx, reason) => log.push(`gone: ${reason}`),
      onRefused: (_pbx, code) => log.push(`refused: ${code}`),
      onFault: (_pbx, cause) => log.push(`fault: ${cause instanceof Error ? cause.message : ''}`),
      ...changes,
    },
    heartbeatMs,
  );
  const http = createServer();
  http.on('upgrade', (request, socket, head) =>
    server.accept(request, socket, head, { pbx: 'fra-1', probe: 'probe-1' }),
  );
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    http.closeAllConnections();
    http.close();
  });
  const open = () => ProbeSocket.open(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, undefined);
  const greet = async () => {
    const probe = await open();
    probe.send(helloFrame());
    await probe.next('welcome');
    return probe;
  };
  return { server, log, storing, open, greet };
}

const acks = (probe: ProbeSocket) => probe.got('ack').map(({ sequence }) => sequence);

describe('acknowledgements', () => {
  it('wait until the event is on disk (rule 8)', async () => {
    const { greet, storing } = await served();
    const probe = await greet();
    probe.send(eventFrame({ sequence: 1 }));
    await until(() => storing.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(acks(probe)).toEqual([]);
    storing[0]?.done();
    await until(() => acks(probe).length === 1);
  });

  it('come in the order of the events, whatever is on disk first: each covers all before it (rule 8)', async () => {
    const { greet, storing } = await served();
    const probe = await greet();
    for (const sequence of [1, 2, 3]) probe.send(eventFrame({ sequence }));
    await until(() => storing.length === 3);
    storing[2]?.done();
    storing[1]?.done();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(acks(probe)).toEqual([]);
    storing[0]?.done();
    await until(() => acks(probe).length === 3);
    expect(acks(probe)).toEqual([1, 2, 3]);
  });

  it('never cover an event that could not be stored: the connection ends and the probe sends again (rule 8)', async () => {
    const { greet, storing, log } = await served();
    const probe = await greet();
    for (const sequence of [1, 2, 3]) probe.send(eventFrame({ sequence }));
    await until(() => storing.length === 3);
    storing[0]?.done();
    storing[1]?.fail(new Error('disk full'));
    storing[2]?.done();
    expect(await probe.closed()).toBe(1011);
    expect(acks(probe)).toEqual([1]);
    expect(log).toContain('fault: disk full');
  });
});

describe('a connection of a probe', () => {
  it('says hello first; what comes before it is refused for good', async () => {
    const { open, log } = await served();
    const probe = await open();
    probe.send(batchFrame());
    expect(await probe.next('refuse')).toMatchObject({ code: 'hello-expected', fatal: true });
    await probe.closed();
    expect(log).toEqual(['refused: hello-expected']);
  });

  it('may take plans right after its welcome, never before', async () => {
    const order: string[] = [];
    const { greet, server } = await served(60_000, {
      onReady: (pbx) => {
        order.push(`sent: ${server.send(pbx, { v: 1, type: 'ack', outboxId: 'outbox-0001', sequence: 9 })}`);
      },
    });
    expect(server.send('fra-1', { v: 1, type: 'ack', outboxId: 'outbox-0001', sequence: 1 })).toBe(false);
    const probe = await greet();
    await until(() => probe.frames.length === 2);
    expect(order).toEqual(['sent: true']);
    expect(probe.frames.map(({ type }) => type)).toEqual(['welcome', 'ack']);
  });

  it('ends when it answers no ping, and its end is told once', async () => {
    const { greet, log, server } = await served(30);
    const probe = await greet();
    probe.socket.pause();
    await until(() => server.connected().length === 0);
    expect(log.filter((line) => line.startsWith('gone'))).toHaveLength(1);
  });

  it('stays while it answers pings, though it says nothing', async () => {
    const { greet, server } = await served(15);
    const probe = await greet();
    let pings = 0;
    probe.socket.on('ping', () => {
      pings += 1;
    });
    await until(() => pings >= 5);
    expect(server.connected()).toEqual(['fra-1']);
  });

  it('goes on when the hub fails over one of its frames', async () => {
    const { greet, log } = await served(60_000, {
      onReadBack: () => {
        throw new Error('a fault of ours');
      },
    });
    const probe = await greet();
    probe.send({ v: 1, type: 'read-back', plan: { readAtEpochMs: 1, routes: [], down: [] } }, batchFrame());
    await until(() => log.some((line) => line.startsWith('batch')));
    expect(log).toEqual(['ready', 'fault: a fault of ours', 'batch 0 of instance-0001']);
  });

  it('that is replaced counts for nothing any more, and is not told as gone', async () => {
    const { greet, log } = await served();
    const older = await greet();
    const newer = await greet();
    older.send(batchFrame({ sequence: 7 }));
    expect(await older.closed()).toBe(4409);
    newer.send(batchFrame({ sequence: 8 }));
    await until(() => log.includes('batch 8 of instance-0001'));
    expect(log).toEqual(['ready', 'ready', 'batch 8 of instance-0001']);
  });

  it('is ended, with all others, when the hub closes', async () => {
    const { greet, server } = await served();
    const probe = await greet();
    server.close();
    await probe.closed();
    expect(server.send('fra-1', { v: 1, type: 'ack', outboxId: 'outbox-0001', sequence: 1 })).toBe(false);
  });
});

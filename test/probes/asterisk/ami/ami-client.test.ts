import { getEventListeners, once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AmiClient } from '../../../../probes/asterisk/ami/ami-client.ts';
import type { AmiClientOptions, AmiState } from '../../../../probes/asterisk/ami/ami-contract.ts';
import { type AmiPacket, eventName, firstValue } from '../../../../probes/asterisk/ami/ami-packet.ts';
import { SimAsterisk } from '../../../support/sim-asterisk.ts';

const SECRET = 'secret-of-the-test';
const cleanups: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function startSim(): Promise<SimAsterisk> {
  const sim = new SimAsterisk({ secret: SECRET });
  await sim.start();
  cleanups.push(() => sim.stop());
  return sim;
}

type Watched = { readonly client: AmiClient; readonly states: AmiState[]; readonly events: AmiPacket[] };

function watch(port: number, options: Partial<AmiClientOptions> = {}): Watched {
  const client = new AmiClient({
    address: { host: '127.0.0.1', port },
    username: 'probe',
    readSecret: () => SECRET,
    auth: 'md5',
    eventMask: 'system,call',
    random: () => 0.5,
    ...options,
    timings: { reconnect: { firstMs: 20, maxMs: 80 }, ...options.timings },
  });
  const states: AmiState[] = [];
  const events: AmiPacket[] = [];
  client.onState((state) => states.push(state));
  client.onEvent((packet) => events.push(packet));
  cleanups.push(() => client.close());
  client.start();
  return { client, states, events };
}

function isConnected({ client }: Watched): void {
  expect(client.state.kind).toBe('connected');
}

const PARTIAL = [
  ['Event', 'Partial'],
  ['Privilege', 'call,all'],
  ['Foo', 'bar'.repeat(100)],
] as const;
const PING = { name: 'Ping', fields: [] } as const;
const names = (events: readonly AmiPacket[]): readonly (string | undefined)[] => events.map(eventName);
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: { readonly code?: string }) => error.code,
  );

describe('login', () => {
  test.each(['plain', 'md5'] as const)('%s: connects, tells the version and hears FullyBooted', async (auth) => {
    const sim = await startSim();
    const watched = watch(sim.port, { auth });
    await vi.waitFor(() => isConnected(watched));
    expect(watched.states).toEqual([{ kind: 'connecting' }, { kind: 'connected', amiVersion: '11.0.0' }]);
    await vi.waitFor(() => expect(names(watched.events)).toEqual(['FullyBooted']));
  });

  test('the event mask decides what is heard', async () => {
    const sim = await startSim();
    const watched = watch(sim.port, { eventMask: 'call' });
    await vi.waitFor(() => isConnected(watched));
    sim.emit('security', [['Event', 'InvalidPassword']]);
    sim.emit('call', [['Event', 'Newchannel']]);
    await vi.waitFor(() => expect(names(watched.events)).toEqual(['Newchannel']));
  });

  test('a refusal is a state with its code, is tried again, and the wait keeps growing', async () => {
    const sim = await startSim();
    sim.isRefusingLogin = true;
    const watched = watch(sim.port);
    const waits = (): readonly number[] =>
      watched.states.flatMap((state) =>
        state.kind === 'lost' && state.code === 'AMI_LOGIN_REFUSED' ? [state.retryInMs] : [],
      );
    await vi.waitFor(() => expect(waits().length).toBeGreaterThanOrEqual(4), 5_000);
    expect(waits().slice(0, 4)).toEqual([15, 30, 60, 60]);
    sim.isRefusingLogin = false;
    await vi.waitFor(() => isConnected(watched));
    sim.cut();
    await vi.waitFor(() => expect(watched.states.filter(({ kind }) => kind === 'connected')).toHaveLength(2));
    const losses = watched.states.filter((state) => state.kind === 'lost');
    expect(losses.at(-1)).toMatchObject({ code: 'AMI_DISCONNECTED', retryInMs: 15 });
  });

  test('a greeting alone does not reset the wait; only an accepted login does', async () => {
    const server = createServer((socket) => socket.end('Asterisk Call Manager/11.0.0\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => void server.close());
    const address = server.address();
    const watched = watch(typeof address === 'object' && address !== null ? address.port : 0);
    const waits = (): readonly number[] =>
      watched.states.flatMap((state) => (state.kind === 'lost' ? [state.retryInMs] : []));
    await vi.waitFor(() => expect(waits().length).toBeGreaterThanOrEqual(4), 5_000);
    expect(waits().slice(0, 4)).toEqual([15, 30, 60, 60]);
  });

  test('something else behind the port, and nothing behind it, are told apart', async () => {
    const server = createServer((socket) => socket.write('SSH-2.0-x\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const watched = watch(port);
    const codes = (): readonly string[] =>
      watched.states.flatMap((state) => (state.kind === 'lost' ? [state.code] : []));
    await vi.waitFor(() => expect(codes()).toContain('AMI_BAD_GREETING'));
    server.close();
    await vi.waitFor(() => expect(codes()).toContain('AMI_CONNECT_FAILED'), 5_000);
  });

  test('a stopped Asterisk that only accepts TCP is left after the login time-out', async () => {
    const sim = await startSim();
    sim.stall();
    const watched = watch(sim.port, { timings: { loginTimeoutMs: 50 } });
    await vi.waitFor(() =>
      expect(watched.states.some((state) => state.kind === 'lost' && state.code === 'AMI_LOGIN_TIMEOUT')).toBe(true),
    );
    sim.resume();
    await vi.waitFor(() => isConnected(watched), 5_000);
  });
});

describe('actions', () => {
  test('Success and Error come back as answers, with Asterisk’s words', async () => {
    const sim = await startSim();
    const watched = watch(sim.port);
    await vi.waitFor(() => isConnected(watched));
    const ping = await watched.client.action(PING);
    expect([ping.isSuccess, firstValue(ping.packet, 'Ping')]).toEqual([true, 'Pong']);
    expect(await watched.client.action({ name: 'Nonsense', fields: [] })).toMatchObject({
      isSuccess: false,
      message: 'Invalid/unknown command: Nonsense. Use Action: ListCommands to show available commands.',
    });
  });

  test('a list answer of 40,000 items arrives whole and in order', async () => {
    const sim = await startSim();
    for (let index = 0; index < 40_000; index += 1) sim.astdb.set(`/big/${String(index).padStart(6, '0')}`, 'x');
    const watched = watch(sim.port);
    await vi.waitFor(() => isConnected(watched));
    const answer = await watched.client.listAction(
      { name: 'DBGetTree', fields: [['Family', 'big']] },
      { timeoutMs: 15_000 },
    );
    expect(answer.items).toHaveLength(40_000);
    expect(firstValue(answer.items[39_999] ?? { headers: [], wireBytes: 0 }, 'Key')).toBe('/big/039999');
  });

  test('before the login and after close an action is refused at once, with its own code', async () => {
    const sim = await startSim();
    const watched = watch(sim.port);
    expect(await codeOf(watched.client.action(PING))).toBe('AMI_NOT_CONNECTED');
    await vi.waitFor(() => isConnected(watched));
    watched.client.close();
    expect(await codeOf(watched.client.action(PING))).toBe('AMI_CLOSED');
    expect(watched.client.state).toEqual({ kind: 'closed' });
  });

  test('an action without an answer times out, a cancelled one fails with its reason as the cause', async () => {
    const sim = await startSim();
    const watched = watch(sim.port);
    await vi.waitFor(() => isConnected(watched));
    sim.stall();
    expect(await codeOf(watched.client.action(PING, { timeoutMs: 30 }))).toBe('AMI_ACTION_TIMEOUT');
    const controller = new AbortController();
    const cancelled = watched.client.action(PING, { signal: controller.signal });
    controller.abort(new Error('no longer wanted'));
    await expect(cancelled).rejects.toMatchObject({
      name: 'AmiError',
      code: 'AMI_CANCELLED',
      retryable: false,
      cause: new Error('no longer wanted'),
    });
    expect(await codeOf(watched.client.action(PING, { signal: controller.signal }))).toBe('AMI_CANCELLED');
  });

  test('a settled action leaves nothing behind on its signal', async () => {
    const sim = await startSim();
    const watched = watch(sim.port);
    await vi.waitFor(() => isConnected(watched));
    const { signal } = new AbortController();
    const pending = watched.client.action(PING, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await pending;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('CR and LF never leave: the PBX sees one action with the whole text refused', async () => {
    const sim = await startSim();
    const watched = watch(sim.port);
    await vi.waitFor(() => isConnected(watched));
    const hostile = { name: 'DBPut', fields: [['Val', 'x\r\n\r\nAction: Originate\r\n']] } as const;
    expect(await codeOf(watched.client.action(hostile))).toBe('AMI_BAD_ACTION');
    await watched.client.action(PING);
    expect(sim.received.map(({ name }) => name)).toEqual(['Ping']);
  });
});

describe('a connection that breaks', () => {
  test('what is in flight fails with the reason and is not sent again', async () => {
    const sim = await startSim();
    const watched = watch(sim.port);
    await vi.waitFor(() => isConnected(watched));
    sim.stall();
    const put = watched.client.action({
      name: 'DBPut',
      fields: [
        ['Family', 'f'],
        ['Key', 'k'],
        ['Val', 'v'],
      ],
    });
    await vi.waitFor(() => expect(sim.received).toHaveLength(1));
    sim.resume();
    sim.cut();
    await expect(put).rejects.toMatchObject({ code: 'AMI_DISCONNECTED', retryable: true });
    await vi.waitFor(() => expect(watched.client.counts.logins).toBe(2));
    await watched.client.action(PING);
    expect(sim.received.map(({ name }) => name)).toEqual(['DBPut', 'Ping']);
  });

  test('cut within a packet at any share: nothing of it reaches the next connection (lab case g)', async () => {
    const sim = await startSim();
    const watched = watch(sim.port, { eventMask: 'call' });
    const shares = [0.05, 0.3, 0.5, 0.7, 0.99];
    for (const [index, share] of shares.entries()) {
      await vi.waitFor(() => expect(sim.openSessions).toBe(1));
      await vi.waitFor(() => isConnected(watched));
      const logins = watched.client.counts.logins;
      sim.cutMidPacket(PARTIAL, share);
      await vi.waitFor(() => expect(watched.client.counts.logins).toBe(logins + 1));
      sim.emit('call', [
        ['Event', 'Newchannel'],
        ['Share', String(share)],
      ]);
      await vi.waitFor(() => expect(watched.events).toHaveLength(index + 1));
    }
    expect(watched.events.map(({ headers }) => headers)).toEqual(
      shares.map((share) => [
        ['Event', 'Newchannel'],
        ['Share', String(share)],
      ]),
    );
    expect(watched.client.counts).toMatchObject({ malformedLines: 0, strayPackets: 0 });
  });

  test('half-open: silence after a Ping ends the connection, and a new one is made', async () => {
    const sim = await startSim();
    const watched = watch(sim.port, { timings: { pingIntervalMs: 20, pingTimeoutMs: 40, loginTimeoutMs: 50 } });
    await vi.waitFor(() => isConnected(watched));
    await vi.waitFor(() => expect(sim.received.filter(({ name }) => name === 'Ping').length).toBeGreaterThan(2));
    expect(watched.states).toHaveLength(2);
    sim.stall();
    await vi.waitFor(() => expect(watched.states.at(2)).toMatchObject({ kind: 'lost', code: 'AMI_UNRESPONSIVE' }));
    sim.resume();
    await vi.waitFor(() => isConnected(watched), 5_000);
  });

  test('three unanswered Pings end even a connection on which events still come', async () => {
    const sim = await startSim();
    const watched = watch(sim.port, {
      timings: { pingIntervalMs: 20, pingTimeoutMs: 40, reconnect: { firstMs: 10_000, maxMs: 10_000 } },
    });
    await vi.waitFor(() => isConnected(watched));
    sim.unanswered.add('ping');
    sim.onAction = () => sim.emit('call', [['Event', 'Newchannel']]);
    const before = sim.received.length;
    await vi.waitFor(() => expect(watched.states.at(2)).toMatchObject({ kind: 'lost', code: 'AMI_UNRESPONSIVE' }));
    expect(sim.received.length - before).toBe(3);
  });

  test('a restart of the PBX is seen by a new login and FullyBooted; AstDB is still there', async () => {
    const sim = await startSim();
    sim.astdb.set('/trunkward/route/national', '2:1.1:a/1');
    const watched = watch(sim.port);
    await vi.waitFor(() => isConnected(watched));
    sim.isFullyBooted = false;
    await sim.restart();
    await vi.waitFor(() => expect(watched.client.counts.logins).toBe(2), 5_000);
    expect(names(watched.events)).toEqual(['FullyBooted']);
    sim.finishBoot();
    await vi.waitFor(() => expect(names(watched.events)).toEqual(['FullyBooted', 'FullyBooted']));
    expect(sim.astdb.get('/trunkward/route/national')).toBe('2:1.1:a/1');
  });

  test('a stream past the decoder’s caps ends the connection instead of filling memory', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.write(`Asterisk Call Manager/11.0.0\r\nEvent: ${'x'.repeat(70_000)}`);
      socket.on('error', () => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    const watched = watch(typeof address === 'object' && address !== null ? address.port : 0);
    await vi.waitFor(() => expect(watched.states.at(1)).toMatchObject({ kind: 'lost', code: 'AMI_STREAM_FAULT' }));
  });
});

test('an ActionID that is in flight already is refused, and the first keeps its answer', async () => {
  const sim = await startSim();
  const watched = watch(sim.port, { newActionId: () => 'always-the-same' });
  await vi.waitFor(() => isConnected(watched));
  const [first, second] = [watched.client.action(PING), watched.client.action(PING)];
  expect(await codeOf(second)).toBe('AMI_BAD_ACTION');
  expect((await first).isSuccess).toBe(true);
});

test('lines that are no header are counted and passed over', async () => {
  const sim = await startSim();
  const watched = watch(sim.port, { eventMask: 'call' });
  await vi.waitFor(() => isConnected(watched));
  sim.emit('call', [
    ['Event', 'Odd'],
    ['', 'no key'],
  ]);
  sim.emit('call', [['Response', 'Success']]);
  await vi.waitFor(() => expect(watched.client.counts).toMatchObject({ malformedLines: 1, strayPackets: 1 }));
  expect(watched.events.map(({ headers }) => headers)).toEqual([[['Event', 'Odd']]]);
});

test('listeners can be taken off', async () => {
  const sim = await startSim();
  const watched = watch(sim.port);
  const heard: unknown[] = [];
  const stop = [
    watched.client.onEvent((packet) => heard.push(packet)),
    watched.client.onState((state) => heard.push(state)),
  ];
  for (const take of stop) take();
  await vi.waitFor(() => expect(watched.events).toHaveLength(1));
  expect(heard).toEqual([]);
});

describe('close', () => {
  test('rejects what is in flight and never connects again', async () => {
    const sim = await startSim();
    const watched = watch(sim.port);
    await vi.waitFor(() => isConnected(watched));
    sim.stall();
    const pending = watched.client.action(PING);
    watched.client.close();
    expect(await codeOf(pending)).toBe('AMI_CLOSED');
    await vi.waitFor(() => expect(sim.openSessions).toBe(0));
    watched.client.close();
    watched.client.start();
    expect(sim.connections).toBe(1);
    expect(watched.states.map(({ kind }) => kind)).toEqual(['connecting', 'connected', 'closed']);
  });

  test('while waiting to reconnect: the timer is gone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    cleanups.push(() => void vi.useRealTimers());
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    const watched = watch(port);
    for (let turn = 0; turn < 10_000 && watched.client.state.kind !== 'lost'; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(watched.client.state).toMatchObject({ kind: 'lost', code: 'AMI_CONNECT_FAILED' });
    expect(vi.getTimerCount()).toBe(1);
    watched.client.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

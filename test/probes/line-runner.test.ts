import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type LineDeps, LineRunner } from '../../probes/line-runner.ts';
import { LineDecoder } from '../../probes/measure/line/line-decoder.ts';
import { lineKey, sealMessage } from '../../probes/measure/line/line-seal-probe.ts';
import type { LineMeasurement } from '../../wire/host-measurement.ts';
import type { CommandFrame } from '../../wire/hub-frames.ts';

const KEY = Buffer.alloc(32, 5).toString('base64url');
const OTHER_KEY = Buffer.alloc(32, 6).toString('base64url');
const WAIT = { timeout: 15_000, interval: 10 };

type Order = Extract<CommandFrame['command'], { readonly kind: 'line-test' }>;

function order(command: Partial<Order>, fence = 7): CommandFrame {
  const bounds = { maxBytes: 300_000, maxMs: 5000 };
  const wanted = { kind: 'line-test', peer: 'far-1', role: 'sender', session: 'session-0001', key: KEY } as const;
  return { v: 1, type: 'command', commandId: 'command-0001', fence, command: { ...wanted, ...bounds, ...command } };
}

const running: LineRunner[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});

function end(peer: string, deps: Partial<LineDeps> & { readonly peerPort?: number } = {}) {
  const measurements: LineMeasurement[] = [];
  const refused: string[] = [];
  const ports: number[] = [];
  const faults: unknown[] = [];
  const { peerPort = 1, ...more } = deps;
  const runner = new LineRunner({
    isEnabled: true,
    peers: [{ pbx: peer, target: `peer.${peer}`, address: '127.0.0.1', port: peerPort }],
    sourceAddress: '127.0.0.1',
    port: 0,
    bounds: { maxBytes: 1_000_000, maxMs: 10_000, maxKbps: 40_000 },
    yieldAtCalls: 1,
    limits: { leastEveryMs: 0, maxBytesPerDay: Number.MAX_SAFE_INTEGER },
    liveCalls: () => 0,
    heldFence: () => 7,
    onMeasurement: (measurement) => measurements.push(measurement),
    onRefused: (reason) => refused.push(reason),
    onListening: (port) => ports.push(port),
    onFault: (_, cause) => faults.push(cause),
    ...more,
  });
  running.push(runner);
  return { runner, measurements, refused, ports, faults };
}

/** A receiver that has its order and listens. */
async function listening(deps: Partial<LineDeps> = {}, command: Partial<Order> = {}) {
  const far = end('near-1', deps);
  far.runner.take(order({ peer: 'near-1', role: 'receiver', ...command }));
  const port = await vi.waitFor(() => {
    expect(far.ports).toHaveLength(1);
    return far.ports[0] ?? 0;
  }, WAIT);
  return { ...far, port };
}

/** Runs both ends to the end of what the sender has to tell. */
async function measured(
  { near = {}, far = {} }: { readonly near?: Partial<LineDeps>; readonly far?: Partial<LineDeps> },
  command: Partial<Order> = {},
) {
  const receiver = await listening(far, { ...command, key: KEY });
  const sender = end('far-1', { ...near, peerPort: receiver.port });
  sender.runner.take(order(command));
  await vi.waitFor(() => expect(sender.measurements).toHaveLength(2), WAIT);
  expect([...sender.faults, ...receiver.faults]).toEqual([]);
  return { sender, receiver };
}

/** Everything that a connection brought before it was closed. */
async function allFrom(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(pieces);
}

describe('LineRunner', () => {
  test('measures each direction by itself, to the byte, no faster than the slower of both files allows', async () => {
    const { sender, receiver } = await measured({ far: { bounds: { maxBytes: 1e9, maxMs: 10_000, maxKbps: 20_000 } } });
    expect(sender.measurements).toMatchObject([
      { kind: 'line', target: 'peer.far-1', session: 'session-0001', direction: 'forward', outcome: 'measured' },
      { kind: 'line', target: 'peer.far-1', session: 'session-0001', direction: 'reverse', outcome: 'measured' },
    ]);
    for (const { bytes, capKbps, durationMs, isLineBound, steadyBytes = 0 } of sender.measurements) {
      expect([bytes, capKbps, isLineBound]).toEqual([300_000, 20_000, false]);
      expect(durationMs).toBeGreaterThan(0);
      expect(steadyBytes).toBeLessThan(bytes);
    }
    expect(receiver.measurements).toEqual([]);
    expect([...sender.refused, ...receiver.refused]).toEqual([]);
  });

  test('stops when the time is up, however many bytes are left', async () => {
    const bounds = { maxBytes: 1e9, maxMs: 300, maxKbps: 1000 };
    const { sender } = await measured({ near: { bounds }, far: { bounds } }, { maxBytes: 1e9 });
    for (const { bytes, outcome } of sender.measurements) {
      expect(outcome).toBe('measured');
      expect(bytes).toBeGreaterThan(0);
      expect(bytes).toBeLessThanOrEqual((300 * 1000) / 8 + 1500);
    }
  });

  test('never goes beyond its own file, whatever the hub orders', async () => {
    const bounds = { maxBytes: 100_000, maxMs: 10_000, maxKbps: 40_000 };
    const { sender } = await measured({ far: { bounds } }, { maxBytes: 1e9, maxMs: 60_000 });
    expect(sender.measurements.map(({ bytes }) => bytes)).toEqual([100_000, 100_000]);
  });

  test.each([
    ['live calls at the sender', { near: { liveCalls: () => 1 } }, 'live-calls'],
    ['a sender that cannot ask Asterisk (rule 2)', { near: { liveCalls: () => undefined } }, 'calls-unknown'],
    ['live calls at the receiver', { far: { liveCalls: () => 3 } }, 'peer-live-calls'],
    ['a receiver that cannot ask Asterisk (rule 2)', { far: { liveCalls: () => undefined } }, 'calls-unknown'],
  ])('does not begin with %s', async (_name, deps, because) => {
    const { sender } = await measured(deps);
    const told = { outcome: 'yielded', because, bytes: 0 };
    expect(sender.measurements).toMatchObject([
      { direction: 'forward', ...told },
      { direction: 'reverse', ...told },
    ]);
  });

  test('fewer live calls than its file names do not stop it', async () => {
    const few = { yieldAtCalls: 3, liveCalls: () => 2 };
    const { sender } = await measured({ near: few, far: few });
    expect(sender.measurements.map(({ outcome }) => outcome)).toEqual(['measured', 'measured']);
  });

  test.each([
    ['sender', 'live-calls'],
    ['receiver', 'peer-live-calls'],
  ] as const)('leaves the line at once when calls begin at the %s', async (where, because) => {
    const slow = { maxBytes: 1e9, maxMs: 60_000, maxKbps: 1000 };
    const calls = { sender: 0, receiver: 0 };
    let looks = 0;
    const receiver = await listening(
      { bounds: slow, liveCalls: () => calls.receiver },
      { maxBytes: 1e9, maxMs: 60_000 },
    );
    const liveCalls = () => {
      looks += 1;
      return calls.sender;
    };
    const sender = end('far-1', { bounds: slow, liveCalls, peerPort: receiver.port });
    sender.runner.take(order({ maxBytes: 1e9, maxMs: 60_000 }));
    sender.runner.take(order({ session: 'session-0002' }));
    await vi.waitFor(() => expect(sender.measurements).toHaveLength(2), WAIT);
    expect(sender.measurements[0]).toMatchObject({ outcome: 'yielded', because: 'another-transfer' });
    await vi.waitFor(() => expect(looks).toBeGreaterThan(5), WAIT);
    calls[where] = 1;
    await vi.waitFor(() => expect(sender.measurements).toHaveLength(4), WAIT);
    expect(sender.measurements[2]).toMatchObject({ session: 'session-0001', outcome: 'yielded', because });
    await vi.waitFor(async () => await expect(connected(receiver.port)).resolves.toBe('ECONNREFUSED'), WAIT);
  });

  test('says that calls at the receiver had the line when they begin in the reverse direction', async () => {
    const bounds = { maxBytes: 250_000, maxMs: 10_000, maxKbps: 2000 };
    const counted = { calls: 0, looks: 0 };
    const receiver = await listening({ bounds, liveCalls: () => counted.calls });
    const liveCalls = () => {
      counted.looks += 1;
      return 0;
    };
    const sender = end('far-1', { bounds, liveCalls, peerPort: receiver.port });
    sender.runner.take(order({}));
    await vi.waitFor(() => expect(sender.measurements).toHaveLength(1), WAIT);
    const looksBefore = counted.looks;
    await vi.waitFor(() => expect(counted.looks).toBeGreaterThan(looksBefore + 4), WAIT);
    counted.calls = 1;
    await vi.waitFor(() => expect(sender.measurements).toHaveLength(2), WAIT);
    expect(sender.measurements).toMatchObject([
      { direction: 'forward', outcome: 'measured' },
      { direction: 'reverse', outcome: 'yielded', because: 'peer-live-calls', bytes: 0 },
    ]);
    expect(receiver.refused).toEqual([]);
  });

  test('closes the port soon after a sender has left between the directions, or where none comes', async () => {
    const bounds = { maxBytes: 20_000, maxMs: 5000, maxKbps: 40_000 };
    const calls = { sender: 0 };
    const left = await listening({ bounds });
    const abandoned = await listening({ bounds });
    const sender = end('far-1', {
      bounds,
      liveCalls: () => calls.sender,
      peerPort: left.port,
      onMeasurement: ({ outcome }) => {
        if (outcome === 'measured') calls.sender = 1;
      },
    });
    sender.runner.take(order({}));
    await vi.waitFor(() => expect(calls.sender).toBe(1), WAIT);
    await vi.waitFor(async () => await expect(connected(left.port)).resolves.toBe('ECONNREFUSED'), WAIT);
    await vi.waitFor(async () => await expect(connected(abandoned.port)).resolves.toBe('ECONNREFUSED'), WAIT);
  });

  test('gives nothing to who has another key, and says so to its own hub alone', async () => {
    const { sender, receiver } = await measured({}, { key: OTHER_KEY });
    expect(sender.measurements[0]).toMatchObject({ outcome: 'refused', because: 'not-accepted' });
    expect(receiver.refused).toEqual(['not-proved']);
  });

  test('unknown senders get not one byte back', async () => {
    const receiver = await listening();
    const stranger = connect({ port: receiver.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    expect(await allFrom(stranger)).toHaveLength(0);
    const babbler = connect({ port: receiver.port, host: '127.0.0.1', localAddress: '127.0.0.1' });
    babbler.write('GET / HTTP/1.1\r\n\r\n');
    expect(await allFrom(babbler)).toHaveLength(0);
    const silent = connect({ port: receiver.port, host: '127.0.0.1', localAddress: '127.0.0.1' });
    expect(await allFrom(silent)).toHaveLength(0);
    expect(receiver.refused).toEqual(['wrong-address', 'malformed', 'late']);
  });

  test('a recorded opening is worth nothing when it is sent again', async () => {
    const receiver = await listening();
    const nonce = new Uint8Array(16);
    const bounds = { maxBytes: 1000, maxMs: 1000, maxKbps: 1000 };
    const opening = sealMessage({ kind: 'open', direction: 'forward', nonce, ...bounds }, lineKey(KEY), nonce);
    const first = connect({ port: receiver.port, host: '127.0.0.1', localAddress: '127.0.0.1' });
    first.write(opening);
    const [answer] = (await once(first, 'data')) as [Buffer];
    expect(new LineDecoder().take(answer).found).toMatchObject([{ message: { kind: 'accept', ...bounds } }]);
    const again = connect({ port: receiver.port, host: '127.0.0.1', localAddress: '127.0.0.1' });
    again.write(opening);
    expect(await allFrom(again)).toHaveLength(0);
    expect(receiver.refused).toEqual(['again']);
    first.destroy();
  });

  test('sends no data to a listener that cannot prove the key', async () => {
    let received = 0;
    const impostor = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (piece) => {
        received += piece.length;
        socket.write(
          sealMessage(
            { kind: 'accept', maxBytes: 1e6, maxMs: 1e4, maxKbps: 1e6 },
            lineKey(OTHER_KEY),
            piece.subarray(20, 36),
          ),
        );
      });
    });
    impostor.listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    const address = impostor.address();
    const sender = end('far-1', { peerPort: typeof address === 'object' && address ? address.port : 0 });
    sender.runner.take(order({}));
    await vi.waitFor(() => expect(sender.measurements).toHaveLength(2), WAIT);
    expect(sender.measurements[0]).toMatchObject({ outcome: 'refused', because: 'not-proved', bytes: 0 });
    expect(received).toBe(68);
    impostor.close();
  });

  test('says that nobody listens, once the other end has had time to', async () => {
    const sender = end('far-1', { peerPort: await freePort() });
    sender.runner.take(order({}));
    await vi.waitFor(() => expect(sender.measurements).toHaveLength(2), WAIT);
    expect(sender.measurements[0]).toMatchObject({ outcome: 'refused', because: 'no-connection' });
  });

  test('reaches for no peer but those of its own file, and for no hub that no longer leads', () => {
    const { runner, measurements, refused } = end('far-1');
    runner.take(order({ peer: 'elsewhere' }));
    runner.take(order({}, 6));
    expect([measurements, refused]).toEqual([[], ['unknown-peer']]);
  });

  test('begins none with a peer sooner than its own file allows, in either role, and tells its hub so', async () => {
    const limits = { leastEveryMs: 3_600_000, maxBytesPerDay: 1e12 };
    const receiver = await listening({ limits });
    const sender = end('far-1', { limits, peerPort: receiver.port });
    sender.runner.take(order({}));
    await vi.waitFor(() => expect(sender.measurements).toHaveLength(2), WAIT);
    await vi.waitFor(() => {
      sender.runner.take(order({ session: 'session-0002' }));
      expect(sender.refused).toContain('too-soon');
    }, WAIT);
    expect(sender.measurements.slice(-2)).toMatchObject([
      { session: 'session-0002', direction: 'forward', outcome: 'refused', because: 'too-soon', bytes: 0 },
      { session: 'session-0002', direction: 'reverse', outcome: 'refused', because: 'too-soon', bytes: 0 },
    ]);
    await vi.waitFor(() => {
      receiver.runner.take(order({ peer: 'near-1', role: 'receiver', session: 'session-0002' }));
      expect(receiver.refused).toContain('too-soon');
    }, WAIT);
    expect(receiver.ports).toHaveLength(1);
  });

  test('moves no more in a day than its own file allows, whatever the hub orders', () => {
    const limits = { leastEveryMs: 0, maxBytesPerDay: 599_999 };
    const { measurements, refused, runner } = end('far-1', { limits });
    runner.take(order({}));
    expect(refused).toEqual(['day-spent']);
    expect(measurements).toMatchObject([
      { direction: 'forward', outcome: 'refused', because: 'day-spent' },
      { direction: 'reverse', outcome: 'refused', because: 'day-spent' },
    ]);
  });

  test('does nothing unless its own file turns it on', async () => {
    const { runner, measurements, ports, refused } = end('far-1', { isEnabled: false });
    runner.take(order({}));
    runner.take(order({ role: 'receiver' }));
    expect(measurements).toMatchObject([
      { direction: 'forward', outcome: 'refused', because: 'turned-off' },
      { direction: 'reverse', outcome: 'refused', because: 'turned-off' },
    ]);
    expect(refused).toEqual(['turned-off', 'turned-off']);
    await runner.close();
    expect(ports).toEqual([]);
  });

  test('ends what runs when it is closed, at both ends', async () => {
    const slow = { bounds: { maxBytes: 1e9, maxMs: 60_000, maxKbps: 1000 } };
    const receiver = await listening(slow, { maxBytes: 1e9, maxMs: 60_000 });
    let looks = 0;
    const liveCalls = () => {
      looks += 1;
      return 0;
    };
    const sender = end('far-1', { ...slow, liveCalls, peerPort: receiver.port });
    sender.runner.take(order({ maxBytes: 1e9, maxMs: 60_000 }));
    await vi.waitFor(() => expect(looks).toBeGreaterThan(5), WAIT);
    await receiver.runner.close();
    await vi.waitFor(() => expect(sender.measurements).toHaveLength(2), WAIT);
    expect(sender.measurements[0]).toMatchObject({ outcome: 'refused', because: 'broken-off' });
    expect(await connected(receiver.port)).toBe('ECONNREFUSED');
  });
});

async function connected(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return 'open';
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

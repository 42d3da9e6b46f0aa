import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Check } from 'typebox/value';
import { afterEach, describe, expect, test } from 'vitest';
import { MeshRunner, type MeshRunnerDeps } from '../../../../probes/measure/rtp/mesh-runner.ts';
import type { MeshDuty } from '../../../../wire/assignment.ts';
import { Measurement } from '../../../../wire/measurement.ts';

const running: MeshRunner[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.close()));
});

type Seen = { readonly measurements: Measurement[]; readonly refused: Map<string, number>; readonly rtts: number[] };

/** A PBX at an address of the loopback network of its own; all share one port. */
function pbx(address: string, port: number, peerAddress: string, changes: Partial<MeshRunnerDeps> = {}) {
  const seen: Seen = { measurements: [], refused: new Map(), rtts: [] };
  const waiting: (() => void)[] = [];
  const runner = new MeshRunner({
    peers: [{ pbx: 'peer', target: 'peer.peer', address: peerAddress, port }],
    sourceAddress: address,
    port,
    limits: { maxKbps: 1000, yieldAtCalls: 50, mostLateMs: 10_000 },
    onMeasurement: (measurement) => {
      seen.measurements.push(measurement);
      for (const wake of waiting.splice(0)) wake();
    },
    onSamples: (_target, rttsMs) => void seen.rtts.push(...rttsMs),
    onRefused: (reason, count) => {
      seen.refused.set(reason, (seen.refused.get(reason) ?? 0) + count);
      for (const wake of waiting.splice(0)) wake();
    },
    onOwnDrops: () => undefined,
    onFault: (_place, cause) => {
      throw cause;
    },
    ...changes,
  });
  running.push(runner);
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { runner, seen, until };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Stands between two PBXs that each take it for the other. Of requests every tenth is doubled and each fifth put behind the next. */
async function relay(address: string, port: number, near: string, far: string) {
  const socket = createSocket('udp4');
  const counts = { requests: 0, doubled: 0, swapped: 0, droppedReplies: 0 };
  let replies = 0;
  let kept: Uint8Array | undefined;
  socket.on('message', (bytes, from) => {
    if (from.address === far) {
      replies += 1;
      if (replies > 5 && replies % 7 === 0) counts.droppedReplies += 1;
      else socket.send(bytes, port, near);
      return;
    }
    counts.requests += 1;
    if (counts.requests % 5 === 0) {
      kept = bytes;
      return;
    }
    socket.send(bytes, port, far);
    if (counts.requests % 10 === 3) {
      counts.doubled += 1;
      socket.send(bytes, port, far);
    }
    if (!kept) return;
    counts.swapped += 1;
    socket.send(kept, port, far);
    kept = undefined;
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return { counts, close: () => socket.close() };
}

async function canBind(address: string, port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const settled = Promise.race([
    once(socket, 'listening').then(() => true),
    new Promise<boolean>((resolve) => socket.once('error', () => resolve(false))),
  ]);
  settled.catch(() => undefined);
  socket.bind(port, address);
  const isFree = await settled.catch(() => false);
  socket.close();
  return isFree;
}

function duty(role: MeshDuty['role'], key: string, changes: Partial<MeshDuty> = {}): MeshDuty {
  return {
    session: 'session-0001',
    peer: 'peer',
    role,
    key,
    packetMs: 20,
    payloadBytes: 160,
    onMs: 1000,
    offMs: 0,
    ...changes,
  };
}
const newKey = () => randomBytes(32).toString('base64url');

describe('the mesh between two probes, over real sockets', { timeout: 40_000 }, () => {
  test('reports both directions apart, each packet once', async () => {
    const port = await freePort();
    const key = newKey();
    const [sender, reflector] = [pbx('127.0.0.2', port, '127.0.0.3'), pbx('127.0.0.3', port, '127.0.0.2')];
    reflector.runner.assign([duty('reflector', key)]);
    expect(await reflector.runner.port).toBe(port);
    const clock = { offsetMs: 0, errorMs: 2, source: 'chrony', isSynchronised: true } as const;
    sender.runner.setClock(clock);
    reflector.runner.setClock(clock);
    sender.runner.assign([duty('sender', key, { onMs: 1000, offMs: 1000 })]);
    await sender.until(() => sender.seen.measurements.length >= 4);
    const [forward, reverse, next] = sender.seen.measurements;
    for (const measurement of sender.seen.measurements) expect(Check(Measurement, measurement)).toBe(true);
    expect(forward).toMatchObject({
      kind: 'rtp-mesh',
      direction: 'forward',
      sequence: 0,
      figures: { lost: 0, duplicates: 0 },
    });
    expect(reverse).toMatchObject({
      kind: 'rtp-mesh',
      direction: 'reverse',
      sequence: 0,
      figures: { lost: 0, duplicates: 0 },
    });
    expect(next).toMatchObject({ direction: 'forward', sequence: 1 });
    if (forward?.kind !== 'rtp-mesh' || reverse?.kind !== 'rtp-mesh') throw new Error('no figures');
    expect(forward.figures.expected).toBeGreaterThan(5);
    expect(reverse.figures.expected).toBe(forward.figures.expected);
    expect(reverse.rtt?.n).toBe(forward.figures.expected);
    // Both stamps come from one host: true delay is near 0, within what the two clocks are said to be out.
    expect(forward.figures.oneWayDelay?.errorMs).toBeGreaterThanOrEqual(4);
    expect(Math.abs(forward.figures.oneWayDelay?.p50Ms ?? 99)).toBeLessThan(20);
    expect([...sender.seen.refused, ...reflector.seen.refused]).toEqual([]);
  });

  test('counts copies, order and losses of a way that makes them, exactly', async () => {
    const port = await freePort();
    const key = newKey();
    const [sender, reflector] = [pbx('127.0.0.2', port, '127.0.0.4'), pbx('127.0.0.3', port, '127.0.0.4')];
    const between = await relay('127.0.0.4', port, '127.0.0.2', '127.0.0.3');
    reflector.runner.assign([duty('reflector', key)]);
    await reflector.runner.port;
    sender.runner.assign([duty('sender', key)]);
    await sender.until(() => sender.seen.measurements.length >= 2);
    sender.runner.setLiveCalls(50);
    await sender.until(() => sender.seen.measurements.filter(({ kind }) => kind === 'rtp-mesh').length >= 4);
    between.close();
    const of = (direction: 'forward' | 'reverse') =>
      sender.seen.measurements.flatMap((each) =>
        each.kind === 'rtp-mesh' && each.direction === direction ? [each.figures] : [],
      );
    const total = (direction: 'forward' | 'reverse', what: 'duplicates' | 'reordered' | 'lost' | 'expected') =>
      of(direction).reduce((sum, figures) => sum + figures[what], 0);
    // What the relay holds back or has dropped last may be told by no reply any more.
    expect(between.counts.requests - total('forward', 'expected')).toBeLessThanOrEqual(2);
    expect(total('forward', 'lost')).toBe(0);
    expect(between.counts.doubled - total('forward', 'duplicates')).toBeLessThanOrEqual(1);
    expect(between.counts.swapped - total('forward', 'reordered')).toBeLessThanOrEqual(1);
    expect(between.counts.droppedReplies - total('reverse', 'lost')).toBeLessThanOrEqual(2);
    expect(total('reverse', 'lost')).toBeGreaterThan(10);
    expect(reflector.seen.refused.get('duplicate')).toBe(between.counts.doubled);
  });

  test('a peer that never answers is no loss', async () => {
    const port = await freePort();
    const sender = pbx('127.0.0.2', port, '127.0.0.3');
    sender.runner.assign([duty('sender', newKey())]);
    await sender.until(() => sender.seen.measurements.length > 0);
    expect(sender.seen.measurements[0]).toMatchObject({
      kind: 'rtp-mesh-idle',
      because: 'no-reflector',
      target: 'peer.peer',
    });
  });

  test('with live calls at the threshold nothing is sent, and it says why', async () => {
    const port = await freePort();
    const key = newKey();
    const [sender, reflector] = [pbx('127.0.0.2', port, '127.0.0.3'), pbx('127.0.0.3', port, '127.0.0.2')];
    sender.runner.setLiveCalls(50);
    reflector.runner.assign([duty('reflector', key)]);
    sender.runner.assign([duty('sender', key)]);
    await sender.until(() => sender.seen.measurements.length > 0);
    expect(sender.seen.measurements).toMatchObject([{ kind: 'rtp-mesh-idle', because: 'live-calls' }]);
  });

  test('a reflector whose own calls need the line asks for a pause, which is no loss', async () => {
    const port = await freePort();
    const key = newKey();
    const [sender, reflector] = [pbx('127.0.0.2', port, '127.0.0.3'), pbx('127.0.0.3', port, '127.0.0.2')];
    reflector.runner.setLiveCalls(50);
    reflector.runner.assign([duty('reflector', key)]);
    await reflector.runner.port;
    sender.runner.assign([duty('sender', key)]);
    await sender.until(() => sender.seen.measurements.length >= 3);
    expect(sender.seen.measurements[0]).toMatchObject({ kind: 'rtp-mesh-idle', because: 'live-calls' });
    expect(sender.seen.measurements[1]).toMatchObject({ direction: 'forward', figures: { lost: 0 } });
  });

  test('the same stream with another key, or from another address, gets nothing back', async () => {
    const port = await freePort();
    const key = newKey();
    const sender = pbx('127.0.0.2', port, '127.0.0.3');
    const reflector = pbx('127.0.0.3', port, '127.0.0.4');
    reflector.runner.assign([duty('reflector', key)]);
    await reflector.runner.port;
    sender.runner.assign([duty('sender', key)]);
    await reflector.until(() => (reflector.seen.refused.get('wrong-address') ?? 0) > 10);
    sender.runner.assign([duty('sender', newKey())]);
    await reflector.until(() => (reflector.seen.refused.get('unknown-session') ?? 0) > 10);
    await sender.until(() => sender.seen.measurements.length > 0);
    expect(sender.seen.measurements.every(({ kind }) => kind === 'rtp-mesh-idle')).toBe(true);
  });

  test.each(['sender', 'reflector'] as const)(
    'what the system of the %s drops is no loss of the line: that way is not reported',
    async (flooded) => {
      const port = await freePort();
      const key = newKey();
      let dropped = 0;
      const onOwnDrops = (drops: number): void => {
        dropped += drops;
      };
      const limits = { maxKbps: 1000, yieldAtCalls: 50, mostLateMs: 10_000, receiveBufferBytes: 4096 };
      const count = { onOwnDrops, limits };
      const sender = pbx('127.0.0.2', port, '127.0.0.3', flooded === 'sender' ? count : {});
      const reflector = pbx('127.0.0.3', port, '127.0.0.2', flooded === 'reflector' ? count : {});
      reflector.runner.assign([duty('reflector', key)]);
      await reflector.runner.port;
      sender.runner.assign([duty('sender', key, { onMs: 4000, offMs: 1000 })]);
      await sender.until(() => sender.seen.measurements.some(({ kind }) => kind === 'rtp-mesh'));
      const before = sender.seen.measurements.length;
      const flood = createSocket({ type: 'udp4', lookup: (host, _options, callback) => callback(null, host, 4) });
      const listening = once(flood, 'listening');
      flood.bind(0, '127.0.0.9');
      await listening;
      const target = flooded === 'sender' ? '127.0.0.2' : '127.0.0.3';
      const isSilenced = () =>
        sender.seen.measurements.some((each) => each.kind === 'rtp-mesh-idle' && each.because === 'own-drops');
      const burst = setInterval(() => {
        for (let sent = 0; sent < 300; sent += 1) flood.send(Buffer.alloc(64), port, target, () => undefined);
      }, 50);
      await sender.until(isSilenced);
      clearInterval(burst);
      flood.close();
      expect(dropped).toBeGreaterThan(0);
      const tainted = flooded === 'sender' ? 'reverse' : 'forward';
      const after = sender.seen.measurements.slice(before);
      const silencedAt = after.findIndex((each) => each.kind === 'rtp-mesh-idle' && each.because === 'own-drops');
      const sameReport = after.slice(silencedAt + 1, silencedAt + 2);
      expect(sameReport.some((each) => each.kind === 'rtp-mesh' && each.direction === tainted)).toBe(false);
    },
  );

  test('without a duty both threads end and the port is free; the next duty opens it again', async () => {
    const port = await freePort();
    const { runner, seen, until } = pbx('127.0.0.2', port, '127.0.0.3');
    runner.assign([duty('reflector', newKey())]);
    expect(await runner.port).toBe(port);
    runner.assign([]);
    while (!(await canBind('127.0.0.2', port))) await new Promise((resolve) => setImmediate(resolve));
    runner.assign([duty('sender', newKey())]);
    runner.assign([]);
    runner.assign([duty('sender', newKey())]);
    await until(() => seen.measurements.length > 0);
    expect(seen.measurements[0]).toMatchObject({ kind: 'rtp-mesh-idle', because: 'no-reflector' });
  });
});

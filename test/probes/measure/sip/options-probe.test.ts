import { createSocket, type Socket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseMessage, type SipRequest } from '../../../../probes/measure/sip/message.ts';
import { OptionsProber, type OptionsProberOptions } from '../../../../probes/measure/sip/options-probe.ts';
import { findTargetFault } from '../../../../probes/measure/sip/options-target.ts';
import { buildResponse, type Source } from '../../../../probes/measure/sip/response.ts';
import type { Stray } from '../../../../probes/measure/sip/stray.ts';
import { SimEdge } from '../../../support/sim-edge.ts';

const CLOCK = { nowMs: () => performance.now() };
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function tokens(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `token${count}`;
  };
}

async function openProber(change: Partial<OptionsProberOptions> = {}) {
  const strays: Stray[] = [];
  const prober = await OptionsProber.open({
    sourceAddress: '127.0.0.1',
    clock: CLOCK,
    randomToken: tokens(),
    onStray: (stray) => strays.push(stray),
    ...change,
  });
  closers.push(() => prober.close());
  return { prober, strays };
}

async function startEdge(): Promise<{ edge: SimEdge; target: { address: string; port: number; requestUri: string } }> {
  const edge = new SimEdge({ seed: 7 });
  const { address, port } = await edge.start();
  closers.push(() => edge.close());
  return { edge, target: { address, port, requestUri: `sip:${address}:${port}` } };
}

/** A bare UDP socket whose every datagram is handed to `onRequest`. */
async function startServer(
  onRequest: (request: SipRequest, source: Source, socket: Socket) => void,
  address = '127.0.0.1',
) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, () => resolve()));
  closers.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  socket.on('message', (bytes, source) => {
    const parsed = parseMessage(bytes);
    if (parsed.ok && parsed.value.kind === 'request') onRequest(parsed.value, source, socket);
  });
  const { port } = socket.address();
  const host = address.includes(':') ? `[${address}]` : address;
  return { target: { address, port, requestUri: `sip:${host}:${port}` }, socket };
}

function okTo(request: SipRequest, source: Source): Buffer {
  return Buffer.from(buildResponse(request, source, { statusCode: 200, reasonPhrase: 'OK', toTag: 't' }));
}

function changed(bytes: Buffer, from: string | RegExp, to: string): Buffer {
  const text = bytes.toString('latin1');
  const other = text.replace(from, to);
  if (other === text) throw new Error('nothing was changed');
  return Buffer.from(other, 'latin1');
}

describe('one attempt', () => {
  test('measures an answer, with the time of sending on the same clock', async () => {
    const { edge, target } = await startEdge();
    const { prober } = await openProber();
    edge.set({ delayMs: 30 });
    const before = performance.now();
    const { outcome, sentAtMs } = await prober.probe(target, { timeoutMs: 2000 });
    const after = performance.now();
    expect(outcome).toMatchObject({ kind: 'answered', statusCode: 200 });
    const rttMs = outcome.kind === 'answered' ? outcome.rttMs : 0;
    expect(rttMs).toBeGreaterThanOrEqual(29);
    expect(sentAtMs).toBeGreaterThanOrEqual(before);
    expect(sentAtMs + rttMs).toBeLessThanOrEqual(after);
  });

  test.each([404, 503])('a %i is an answer', async (optionsCode) => {
    const { edge, target } = await startEdge();
    const { prober } = await openProber();
    edge.set({ optionsCode });
    expect((await prober.probe(target, { timeoutMs: 2000 })).outcome).toMatchObject({ statusCode: optionsCode });
  });

  test('silence is timed-out after one datagram: nothing is ever sent again', async () => {
    const { edge, target } = await startEdge();
    const { prober } = await openProber();
    edge.set({ optionsCode: 'silent' });
    const { outcome } = await prober.probe(target, { timeoutMs: 700 });
    expect(outcome.kind).toBe('timed-out');
    expect(outcome.kind === 'timed-out' && outcome.waitedMs).toBeGreaterThanOrEqual(699);
    expect(edge.counts().received).toBe(1);
  });

  test('a closed port is timed-out, since an unconnected socket is told of no ICMP error', async () => {
    const { target, socket } = await startServer(() => undefined);
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    closers.pop();
    const { prober } = await openProber();
    expect((await prober.probe(target, { timeoutMs: 80 })).outcome.kind).toBe('timed-out');
  });

  test('works over IPv6 where the host has it', async () => {
    const { target } = await startServer((request, source, socket) => {
      socket.send(okTo(request, source), source.port, source.address);
    }, '::1');
    const { prober } = await openProber({ sourceAddress: '::1' });
    expect((await prober.probe(target, { timeoutMs: 2000 })).outcome).toMatchObject({ kind: 'answered' });
  });

  test('a target of the other family is not measured: no route', async () => {
    const { prober } = await openProber();
    const target = { address: '::1', port: 5060, requestUri: 'sip:[::1]' };
    expect((await prober.probe(target, { timeoutMs: 50 })).outcome).toEqual({
      kind: 'not-measured',
      reason: 'no-route',
    });
  });

  test('a reply that had arrived in time counts, though the event loop read it past the time-out', async () => {
    const worker = new Worker(
      `const { createSocket } = require('node:dgram'); const { parentPort } = require('node:worker_threads');
       const socket = createSocket('udp4');
       socket.on('message', (bytes, source) => {
         const lines = bytes.toString().split('\\r\\n');
         const kept = lines.filter((line) => /^(Via|From|Call-ID|CSeq):/.test(line));
         const to = lines.find((line) => line.startsWith('To:')) + ';tag=w';
         for (let noise = 0; noise < 150; noise += 1) socket.send('noise', source.port, source.address);
         socket.send(['SIP/2.0 200 OK', ...kept, to, 'Content-Length: 0', '', ''].join('\\r\\n'), source.port, source.address);
       });
       socket.bind(0, '127.0.0.1', () => parentPort.postMessage(socket.address().port));`,
      { eval: true },
    );
    closers.push(() => worker.terminate());
    const port = await new Promise<number>((resolve) => worker.once('message', resolve));
    const { prober, strays } = await openProber();
    const target = { address: '127.0.0.1', port, requestUri: 'sip:127.0.0.1' };
    const attempt = prober.probe(target, { timeoutMs: 100 });
    // Busy in the check phase, so that the expired timer comes before the next poll of the socket.
    setImmediate(() => {
      const busyFromMs = performance.now();
      while (performance.now() - busyFromMs < 400);
    });
    expect((await attempt).outcome).toMatchObject({ kind: 'answered', statusCode: 200 });
    expect(strays).toHaveLength(150);
  });
});

describe('hostile replies never become a measurement', () => {
  const forgeries: readonly [string, (good: Buffer) => Buffer][] = [
    ['wrong-call-id', (good) => changed(good, /Call-ID: \w+/, 'Call-ID: forged')],
    ['unknown-branch', (good) => changed(good, /branch=\w+/, 'branch=z9hG4bKforged')],
    ['wrong-cseq', (good) => changed(good, /CSeq: \d+/, 'CSeq: 999')],
    ['wrong-cseq', (good) => changed(good, 'OPTIONS', 'INVITE')],
    ['extra-via', (good) => changed(good, 'From:', 'Via: SIP/2.0/UDP 255.255.255.255\r\nFrom:')],
    ['provisional', (good) => changed(good, '200 OK', '180 Ringing')],
    ['unparsable', (good) => good.subarray(0, good.length - 3)],
    ['unparsable', (good) => changed(good, '200 OK', '4294967301 OK')],
    [
      'unparsable',
      (good) => changed(changed(good, 'Content-Length: 0', 'Content-Length: 70000'), /$/, 'x'.repeat(60_000)),
    ],
  ];

  test.each(forgeries)('%s is counted, the true answer after it still measured', async (reason, forge) => {
    const { target } = await startServer((request, source, socket) => {
      const good = okTo(request, source);
      socket.send(forge(good), source.port, source.address, () => socket.send(good, source.port, source.address));
    });
    const { prober, strays } = await openProber();
    expect((await prober.probe(target, { timeoutMs: 2000 })).outcome).toMatchObject({
      kind: 'answered',
      statusCode: 200,
    });
    expect(strays.map((stray) => stray.reason)).toEqual([reason]);
  });

  test('the right answer from another source is counted and does not settle', async () => {
    const other = await startServer(() => undefined);
    const { target } = await startServer((request, source) => {
      other.socket.send(okTo(request, source), source.port, source.address);
    });
    const { prober, strays } = await openProber();
    expect((await prober.probe(target, { timeoutMs: 150 })).outcome.kind).toBe('timed-out');
    expect(strays).toEqual([{ reason: 'wrong-source', source: { address: '127.0.0.1', port: other.target.port } }]);
  });

  test('the corpus of RFC 4475 and 64 KiB of noise leave it timed-out, each datagram counted', async () => {
    const corpus = new URL('../../../vectors/sip-torture/', import.meta.url);
    const hostile = ['valid', 'invalid'].flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, corpus)).map((name) => readFileSync(new URL(`${folder}/${name}`, corpus))),
    );
    hostile.push(Buffer.alloc(65_507, 0xa5), Buffer.alloc(0));
    const { target } = await startServer((_, source, socket) => {
      for (const bytes of hostile) socket.send(bytes, source.port, source.address);
    });
    const { prober, strays } = await openProber();
    expect((await prober.probe(target, { timeoutMs: 500 })).outcome.kind).toBe('timed-out');
    await vi.waitFor(() => expect(strays).toHaveLength(52));
    expect(strays.filter(({ reason }) => reason === 'unparsable')).toHaveLength(24);
  });

  test('a reply after the time-out is late and never the answer to the next attempt', async () => {
    const { edge, target } = await startEdge();
    const { prober, strays } = await openProber();
    edge.set({ delayMs: 150 });
    expect((await prober.probe(target, { timeoutMs: 50 })).outcome.kind).toBe('timed-out');
    edge.set({ optionsCode: 'silent' });
    const next = prober.probe(target, { timeoutMs: 400 });
    await vi.waitFor(() => expect(strays).toHaveLength(1));
    expect(strays[0]).toMatchObject({ reason: 'late', target });
    expect(strays[0]?.reason === 'late' && strays[0].rttMs).toBeGreaterThan(140);
    expect((await next).outcome.kind).toBe('timed-out');
  });
});

describe('many attempts on one socket', () => {
  test('2,000 in rounds of 100 at once to four edges are all answered, each by its own status', async () => {
    const edges = await Promise.all(
      [200, 404, 486, 503].map(async (optionsCode) => ({ optionsCode, ...(await startEdge()) })),
    );
    const { prober, strays } = await openProber();
    for (const { edge, optionsCode } of edges) edge.set({ optionsCode });
    for (let round = 0; round < 20; round += 1) {
      const attempts = edges.flatMap(({ target, optionsCode }) =>
        Array.from({ length: 25 }, async () => {
          const { outcome } = await prober.probe(target, { timeoutMs: 5000 });
          return outcome.kind === 'answered' && outcome.statusCode === optionsCode;
        }),
      );
      expect((await Promise.all(attempts)).every(Boolean)).toBe(true);
    }
    expect(strays).toEqual([]);
    expect(edges.map(({ edge }) => edge.counts().optionsAnswered)).toEqual([500, 500, 500, 500]);
  });

  test('all targets see one steady source port, and fresh Call-ID, branch and CSeq each time (Bernoulli trials)', async () => {
    const seen: { source: Source; request: SipRequest }[] = [];
    const answer = (request: SipRequest, source: Source, socket: Socket) => {
      seen.push({ source: { address: source.address, port: source.port }, request });
      socket.send(okTo(request, source), source.port, source.address);
    };
    const servers = [await startServer(answer), await startServer(answer)];
    const { prober } = await openProber({ sourceAddress: '127.0.3.10' });
    for (const { target } of [...servers, ...servers]) {
      expect((await prober.probe({ ...target, fromUser: 'pbx1' }, { timeoutMs: 2000 })).outcome.kind).toBe('answered');
    }
    expect(seen.map(({ source }) => source)).toEqual(Array.from({ length: 4 }, () => prober.source));
    expect(prober.source.address).toBe('127.0.3.10');
    expect(new Set(seen.map(({ request }) => request.callId)).size).toBe(4);
    expect(new Set(seen.map(({ request }) => request.vias[0].parameters.get('branch'))).size).toBe(4);
    expect(seen.map(({ request }) => request.cseq.sequenceNumber)).toEqual([1, 2, 3, 4]);
    expect(seen[0]?.request.from.uri).toMatchObject({ user: 'pbx1', host: '127.0.3.10' });
  });

  test('5,000 pending at once each end as timed-out', async () => {
    const { target } = await startServer(() => undefined);
    const { prober } = await openProber();
    const attempts = await Promise.all(Array.from({ length: 5000 }, () => prober.probe(target, { timeoutMs: 300 })));
    expect(attempts.every(({ outcome }) => outcome.kind === 'timed-out')).toBe(true);
  });

  test('the datagram leaves right after its stamp, not at some later turn that would shorten the round trip', async () => {
    const order: string[] = [];
    const { prober } = await openProber({
      clock: {
        nowMs: () => {
          order.push('clock');
          return performance.now();
        },
      },
      randomToken: () => 'token',
    });
    const { target } = await startServer(() => order.push('received'));
    order.length = 0;
    const attempt = prober.probe(target, { timeoutMs: 30 });
    expect(order).toEqual(['clock']);
    await attempt;
    expect(order.slice(0, 2)).toEqual(['clock', 'received']);
  });

  test('attempts begun in one turn are stamped when they leave, in order, not all at the first', async () => {
    const { target } = await startEdge();
    const { prober } = await openProber();
    const attempts = await Promise.all(Array.from({ length: 100 }, () => prober.probe(target, { timeoutMs: 3000 })));
    const times = attempts.map(({ sentAtMs }) => sentAtMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(new Set(times).size).toBeGreaterThan(50);
  });
});

describe('ends without evidence', () => {
  test('an aborted signal cancels, before and during', async () => {
    const { edge, target } = await startEdge();
    const { prober } = await openProber();
    edge.set({ optionsCode: 'silent' });
    const controller = new AbortController();
    const attempt = prober.probe(target, { signal: controller.signal, timeoutMs: 10_000 });
    await vi.waitFor(() => expect(edge.counts().received).toBe(1));
    controller.abort();
    const cancelled = { kind: 'not-measured', reason: 'cancelled' };
    expect((await attempt).outcome).toEqual(cancelled);
    expect((await prober.probe(target, { signal: controller.signal, timeoutMs: 10_000 })).outcome).toEqual(cancelled);
    expect(edge.counts().received).toBe(1);
  });

  test('closing cancels what is pending and what comes after, and may be repeated', async () => {
    const { target } = await startServer(() => undefined);
    const { prober } = await openProber();
    const attempt = prober.probe(target, { timeoutMs: 10_000 });
    await prober.close();
    await prober.close();
    const cancelled = { kind: 'not-measured', reason: 'cancelled' };
    expect((await attempt).outcome).toEqual(cancelled);
    expect((await prober.probe(target, { timeoutMs: 10_000 })).outcome).toEqual(cancelled);
  });

  test.each([
    ['ENETUNREACH', { kind: 'not-measured', reason: 'no-route' }],
    ['EPERM', { kind: 'not-measured', reason: 'not-permitted' }],
    ['ENOBUFS', { kind: 'not-measured', reason: 'socket-error' }],
    ['ECONNREFUSED', { kind: 'refused', reason: 'port-unreachable' }],
  ])('the kernel refusing to send with %s is told as %j', async (code, outcome) => {
    const failing = (type: 'udp4' | 'udp6' | { type: 'udp4' | 'udp6' }) => {
      const socket = createSocket(typeof type === 'string' ? type : type.type);
      vi.spyOn(socket, 'send').mockImplementation((...parameters: unknown[]) => {
        const callback = parameters.at(-1);
        if (typeof callback !== 'function') throw new Error('no callback');
        process.nextTick(() => callback(Object.assign(new Error(`send ${code}`), { code })));
      });
      return socket;
    };
    const { prober } = await openProber({ createSocket: failing });
    const target = { address: '192.0.2.1', port: 5060, requestUri: 'sip:192.0.2.1' };
    expect((await prober.probe(target, { timeoutMs: 10_000 })).outcome).toEqual(outcome);
  });

  test('an error of the socket gives up what is pending as not measured, and is reported', async () => {
    const sockets: Socket[] = [];
    const faults: Error[] = [];
    const { target } = await startServer(() => undefined);
    const { prober } = await openProber({
      onSocketFault: (error) => faults.push(error),
      createSocket: (type) => {
        const socket = createSocket(type);
        sockets.push(socket);
        return socket;
      },
    });
    const attempt = prober.probe(target, { timeoutMs: 10_000 });
    await new Promise<void>((resolve) => setImmediate(resolve));
    const error = new Error('recvmsg ENETDOWN');
    sockets[0]?.emit('error', error);
    expect((await attempt).outcome).toEqual({ kind: 'not-measured', reason: 'socket-error' });
    expect(faults).toEqual([error]);
  });

  test('a source address that is not ours cannot be opened', async () => {
    await expect(openProber({ sourceAddress: '192.0.2.1' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    await expect(openProber({ sourceAddress: 'localhost' })).rejects.toThrow('no IP literal');
  });
});

describe('findTargetFault', () => {
  const good = { address: '192.0.2.1', port: 5060, requestUri: 'sip:edge.example' };
  test.each([
    [undefined, {}],
    [undefined, { fromUser: 'pbx1' }],
    ['bad-address', { address: 'edge.example' }],
    ['bad-port', { port: 0 }],
    ['bad-port', { port: 65_536 }],
    ['bad-request-uri', { requestUri: 'edge.example' }],
    ['bad-from-user', { fromUser: '\r\n' }],
  ])('%s for %j', async (fault, change) => {
    expect(findTargetFault({ ...good, ...change })).toBe(fault);
    if (fault === undefined) return;
    const { prober } = await openProber();
    await expect(prober.probe({ ...good, ...change }, { timeoutMs: 10 })).rejects.toThrow(fault);
  });
});

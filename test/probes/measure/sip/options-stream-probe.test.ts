import { createServer, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { OptionsStreamProber } from '../../../../probes/measure/sip/options-stream-probe.ts';
import type { ConnectionTarget } from '../../../../probes/measure/sip/sip-connection-client.ts';
import { makeEdgeCertificate, okTo, type PemPair, startStreamEdge } from '../../../support/sip-stream-edge.ts';

const closers: (() => Promise<unknown>)[] = [];
const GOOD_UNTIL = '20990101000000Z';
const EXPIRED = '20200601000000Z';
let good: PemPair;
let expired: PemPair;

beforeAll(async () => {
  [good, expired] = await Promise.all([makeEdgeCertificate(GOOD_UNTIL), makeEdgeCertificate(EXPIRED)]);
});

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function startEdge(...options: Parameters<typeof startStreamEdge>) {
  const edge = await startStreamEdge(...options);
  closers.push(() => edge.close());
  return edge;
}

function openProber(port: number, change: Partial<ConnectionTarget> = {}) {
  let count = 0;
  const connection: ConnectionTarget = {
    transport: 'tcp',
    address: '127.0.0.1',
    port,
    sourceAddress: '127.0.0.1',
    ...change,
  };
  const prober = new OptionsStreamProber({
    target: { address: '127.0.0.1', port, requestUri: `sip:127.0.0.1:${port};transport=${connection.transport}` },
    connection,
    clock: { nowMs: () => performance.now() },
    randomToken: () => {
      count += 1;
      return `token${count}`;
    },
    onStray: () => undefined,
  });
  closers.push(() => prober.close());
  return prober;
}

async function startPlainServer(onSocket: (socket: Socket) => void): Promise<number> {
  const held: Socket[] = [];
  const server = createServer((socket) => {
    held.push(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of held) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const IN_TIME = { timeoutMs: 10_000 };

describe('over TCP', () => {
  test('keeps its connection: the first attempt shows connecting, the second has no phases', async () => {
    const edge = await startEdge();
    const prober = openProber(edge.port);
    const first = await prober.probe(IN_TIME);
    const second = await prober.probe(IN_TIME);
    expect(first).toMatchObject({ outcome: { kind: 'answered', statusCode: 200 }, phases: {} });
    expect(first.phases?.connectMs).toBeGreaterThanOrEqual(0);
    expect(second.outcome.kind).toBe('answered');
    expect(second.phases).toBeUndefined();
    expect(edge.sockets).toHaveLength(1);
    expect(edge.requests[0]?.vias[0]).toMatchObject({ transport: 'TCP', port: edge.sockets[0]?.remotePort });
  });

  test('connects anew once the edge has closed an idle connection', async () => {
    const edge = await startEdge();
    const prober = openProber(edge.port);
    await prober.probe(IN_TIME);
    edge.sockets[0]?.end();
    await vi.waitFor(async () => {
      await prober.probe(IN_TIME);
      expect(edge.sockets).toHaveLength(2);
    });
    expect((await prober.probe(IN_TIME)).outcome.kind).toBe('answered');
  });

  test('gives up a connection on which an answer was missed', async () => {
    let isSilent = true;
    const edge = await startEdge((request) => (isSilent ? undefined : okTo(request)));
    const prober = openProber(edge.port);
    expect((await prober.probe({ timeoutMs: 200 })).outcome).toMatchObject({ kind: 'timed-out' });
    isSilent = false;
    expect((await prober.probe(IN_TIME)).outcome.kind).toBe('answered');
    expect(edge.sockets).toHaveLength(2);
  });

  test('a closed port is connection-refused', async () => {
    const edge = await startStreamEdge();
    await edge.close();
    const attempt = await openProber(edge.port).probe(IN_TIME);
    expect(attempt.outcome).toEqual({ kind: 'refused', reason: 'connection-refused' });
  });

  test('a connection ended instead of an answer is connection-reset', async () => {
    const edge = await startEdge((_request, socket) => {
      socket.resetAndDestroy();
      return undefined;
    });
    expect((await openProber(edge.port).probe(IN_TIME)).outcome).toEqual({
      kind: 'refused',
      reason: 'connection-reset',
    });
  });

  test('an answer in pieces with keep-alives before it is one answer', async () => {
    const edge = await startEdge((request, socket) => {
      const bytes = okTo(request);
      socket.write('\r\n\r\n');
      for (const byte of bytes) socket.write(Uint8Array.of(byte));
      return undefined;
    });
    expect((await openProber(edge.port).probe(IN_TIME)).outcome).toMatchObject({ kind: 'answered', statusCode: 200 });
  });

  test('attempts at once share one connection, and closing cancels what waits', async () => {
    const edge = await startEdge(() => undefined);
    const prober = openProber(edge.port);
    const both = [prober.probe(IN_TIME), prober.probe(IN_TIME)];
    await vi.waitFor(() => expect(edge.requests).toHaveLength(2));
    await prober.close();
    for (const { outcome } of await Promise.all(both)) {
      expect(outcome).toEqual({ kind: 'not-measured', reason: 'cancelled' });
    }
    expect(edge.sockets).toHaveLength(1);
  });
});

describe('over TLS', () => {
  test('sends the server name, accepts a certificate of a believed authority and tells its end', async () => {
    const edge = await startEdge(okTo, good);
    const prober = openProber(edge.port, { transport: 'tls', serverName: 'edge.test', ca: good.cert });
    const attempt = await prober.probe(IN_TIME);
    expect(attempt).toMatchObject({
      outcome: { kind: 'answered', statusCode: 200 },
      certificate: { isAccepted: true, validUntilEpochMs: Date.UTC(2099, 0, 1) },
    });
    expect(attempt.phases?.tlsMs).toBeGreaterThan(0);
    expect(edge.serverNames).toEqual(['edge.test']);
    expect(edge.requests[0]?.vias[0].transport).toBe('TLS');
  });

  test('an expired certificate is refused, its end is told, and no SIP is sent', async () => {
    const edge = await startEdge(okTo, expired);
    const prober = openProber(edge.port, { transport: 'tls', serverName: 'edge.test', ca: expired.cert });
    expect(await prober.probe(IN_TIME)).toMatchObject({
      outcome: { kind: 'refused', reason: 'tls-certificate' },
      certificate: { isAccepted: false, fault: 'CERT_HAS_EXPIRED', validUntilEpochMs: Date.UTC(2020, 5, 1) },
    });
    expect(edge.requests).toEqual([]);
  });

  test.each<[string, Partial<ConnectionTarget>, string]>([
    ['an authority that is not believed', { serverName: 'edge.test' }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['another name', { serverName: 'other.test' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['an address it does not name', {}, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('a certificate of %s is refused', async (_case, change, fault) => {
    const edge = await startEdge(okTo, good);
    const ca = fault.startsWith('ERR') ? { ca: good.cert } : {};
    const attempt = await openProber(edge.port, { transport: 'tls', ...ca, ...change }).probe(IN_TIME);
    expect(attempt).toMatchObject({
      outcome: { kind: 'refused', reason: 'tls-certificate' },
      certificate: { isAccepted: false, fault },
    });
  });

  test('a server that never shakes hands is a time-out of the phase tls', async () => {
    const port = await startPlainServer(() => undefined);
    const attempt = await openProber(port, { transport: 'tls' }).probe({ timeoutMs: 300 });
    expect(attempt.outcome).toMatchObject({ kind: 'timed-out', phase: 'tls' });
  });

  test('a server that speaks no TLS is tls-handshake', async () => {
    const port = await startPlainServer((socket) => socket.end('HTTP/1.0 400 Bad\r\n\r\n'));
    const attempt = await openProber(port, { transport: 'tls' }).probe(IN_TIME);
    expect(attempt.outcome).toEqual({ kind: 'refused', reason: 'tls-handshake' });
  });
});

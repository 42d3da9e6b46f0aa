import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { fieldValue, type SipRequest } from '../../probes/measure/sip/message.ts';
import { buildResponse } from '../../probes/measure/sip/response.ts';
import { OptionsRunner, type OptionsRunnerDeps } from '../../probes/options-runner.ts';
import type { ProbeTarget } from '../../probes/probe-targets.ts';
import { startStreamEdge } from '../support/sip-stream-edge.ts';

const closers: (() => Promise<unknown>)[] = [];
const SIGNAL = new AbortController().signal;

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function startEdge(answer: (request: SipRequest) => Parameters<typeof buildResponse>[2]) {
  const edge = await startStreamEdge((request) =>
    buildResponse(request, { address: '127.0.0.1', port: 1 }, { ...answer(request) }),
  );
  closers.push(() => edge.close());
  return edge;
}

function openRunner(port: number, change: Partial<OptionsRunnerDeps> = {}, target: Partial<ProbeTarget> = {}) {
  const runner = new OptionsRunner({
    targets: [
      {
        target: 'a.a1',
        description: { target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' },
        address: '127.0.0.1',
        port,
        requestUri: `sip:127.0.0.1:${port};transport=tcp`,
        trunk: 'a',
        transport: 'tcp',
        ...target,
      },
    ],
    sourceAddress: undefined,
    sourcePort: 0,
    bounds: { minMs: 10_000, maxMs: 10_000, firstMs: 10_000 },
    retryAfterMaxS: 300,
    credentials: new Map(),
    clock: { nowMs: () => performance.now() },
    userAgent: 'test',
    onStray: () => undefined,
    onFault: (place, cause) => {
      throw new Error(place, { cause });
    },
    ...change,
  });
  closers.push(() => runner.close());
  return runner;
}

const attempt = (runner: OptionsRunner) => runner.attempt('a.a1', 'liveness', SIGNAL);
const OK = { statusCode: 200, reasonPhrase: 'OK', toTag: 't' };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A server of its own arithmetic: checks the credentials of RFC 7616 with SHA-256 and counts nonces. */
function challenging(nonces: readonly string[], maxCount = 99) {
  let current = 0;
  return (request: SipRequest) => {
    const header = fieldValue(request, 'proxy-authorization') ?? '';
    const part = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)`).exec(header)?.[1] ?? '';
    const nonce = nonces[current] ?? '';
    const [ha1, ha2] = [sha256('carol:edge:s3cret'), sha256(`OPTIONS:${request.requestUri}`)];
    const expected = sha256(`${ha1}:${nonce}:${part('nc')}:${part('cnonce')}:auth:${ha2}`);
    const isRight = part('response') === expected && Number.parseInt(part('nc'), 16) <= maxCount;
    if (isRight) return OK;
    if (header !== '' && Number.parseInt(part('nc'), 16) > maxCount) current += 1;
    const challenge = `Digest realm="edge", nonce="${nonces[current]}", algorithm=SHA-256, qop="auth"`;
    const headers = [`Proxy-Authenticate: ${challenge}`];
    return { ...OK, statusCode: 407, reasonPhrase: 'Proxy Authentication Required', headers };
  };
}

const CAROL = new Map([['a', { username: 'carol', password: 's3cret' }]]);

describe('a provider that challenges', () => {
  test('is answered within the attempt, and later asked with the same nonce in one request', async () => {
    const edge = await startEdge(challenging(['n1']));
    const runner = openRunner(edge.port, { credentials: CAROL });
    expect((await attempt(runner)).outcome).toMatchObject({ kind: 'answered', statusCode: 200 });
    expect(edge.requests).toHaveLength(2);
    expect(edge.requests[1]?.callId).toBe(edge.requests[0]?.callId);
    expect(edge.requests[1]?.cseq.sequenceNumber).toBeGreaterThan(edge.requests[0]?.cseq.sequenceNumber ?? 0);
    expect((await attempt(runner)).outcome).toMatchObject({ kind: 'answered', statusCode: 200 });
    expect(edge.requests).toHaveLength(3);
  });

  test('with a new nonce is answered anew', async () => {
    const edge = await startEdge(challenging(['n1', 'n2'], 1));
    const runner = openRunner(edge.port, { credentials: CAROL });
    await attempt(runner);
    expect((await attempt(runner)).outcome).toMatchObject({ kind: 'answered', statusCode: 200 });
    expect(edge.requests).toHaveLength(4);
  });

  test('and refuses the password has answered, with its 407, and is not asked a third time', async () => {
    const edge = await startEdge(challenging(['n1']));
    const credentials = new Map([['a', { username: 'carol', password: 'wrong' }]]);
    const runner = openRunner(edge.port, { credentials });
    expect((await attempt(runner)).outcome).toMatchObject({ kind: 'answered', statusCode: 407 });
    expect(edge.requests).toHaveLength(2);
  });

  test('without configured credentials is asked once', async () => {
    const edge = await startEdge(challenging(['n1']));
    expect((await attempt(openRunner(edge.port))).outcome).toMatchObject({ kind: 'answered', statusCode: 407 });
    expect(edge.requests).toHaveLength(1);
  });
});

describe('a 503 with Retry-After', () => {
  test('keeps the probe quiet for as long, then it asks again', async () => {
    let nowMs = 1000;
    let statusCode = 503;
    const edge = await startEdge(() => ({ ...OK, statusCode, headers: ['Retry-After: 20 (busy)'] }));
    const runner = openRunner(edge.port, { clock: { nowMs: () => nowMs } });
    expect((await attempt(runner)).outcome).toMatchObject({ kind: 'answered', statusCode: 503, retryAfterS: 20 });
    nowMs = 20_999;
    expect((await attempt(runner)).outcome).toEqual({ kind: 'not-measured', reason: 'retry-after' });
    expect(edge.requests).toHaveLength(1);
    nowMs = 21_000;
    statusCode = 200;
    expect((await attempt(runner)).outcome).toEqual({ kind: 'answered', rttMs: 0, statusCode: 200 });
  });

  test('cannot blind the probe for longer than the cap', async () => {
    let nowMs = 0;
    const edge = await startEdge(() => ({ ...OK, statusCode: 503, headers: ['Retry-After: 999999999'] }));
    const runner = openRunner(edge.port, { clock: { nowMs: () => nowMs } });
    await attempt(runner);
    nowMs = 300_000;
    expect((await attempt(runner)).outcome.kind).toBe('answered');
  });
});

test('a source of its own is where the connection comes from', async () => {
  const edge = await startEdge(() => OK);
  await attempt(openRunner(edge.port, {}, { sourceAddress: '127.0.0.9' }));
  expect(edge.sockets[0]?.remoteAddress).toBe('127.0.0.9');
});

test('a confirmation waits as long as the attempt that it confirms did, however often the target was missed since', async () => {
  const silent = createSocket('udp4');
  closers.push(async () => await new Promise<void>((resolve) => silent.close(() => resolve())));
  await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
  const bounds = { minMs: 40, maxMs: 5000, firstMs: 40 };
  const target = { transport: 'udp', requestUri: 'sip:127.0.0.1' } as const;
  const runner = openRunner(silent.address().port, { bounds }, target);
  for (let missed = 0; missed < 4; missed += 1) await attempt(runner);
  const settled: string[] = [];
  const ask = async (schedule: 'liveness' | 'confirm') => {
    const { outcome } = await runner.attempt('a.a1', schedule, SIGNAL);
    settled.push(`${schedule} ${outcome.kind}`);
  };
  await Promise.all([ask('liveness'), ask('confirm')]);
  expect(settled).toEqual(['confirm timed-out', 'liveness timed-out']);
});

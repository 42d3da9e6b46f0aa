import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { postMessage, signMessage } from '../../../server/actuate/webhook-client.ts';
import { Secret } from '../../../wire/secret.ts';
import { httpServer } from './dispatcher-fixture.ts';

const MESSAGE = { id: 'webhook.noc.fra-1.national.3.4', timestampS: 1_800_000_000, body: '{"type":"flip"}' };
const SECRET = new Secret('a-token-of-more-than-22-characters');

/** Posts one message to a receiver that answers so. */
async function posted(answer: (response: ServerResponse) => void, timeoutMs = 5000) {
  const seen: { headers: IncomingHttpHeaders; body: string; method: string | undefined }[] = [];
  const { url } = await httpServer((request, body, response) => {
    seen.push({ headers: request.headers, body, method: request.method });
    answer(response);
  });
  const result = await postMessage({ url, timeoutMs }, MESSAGE, SECRET, new AbortController().signal);
  return { result, seen };
}

describe('the signature of a webhook', () => {
  it('is that of the Standard Webhooks specification, by its published example', () => {
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampS: 1_614_265_330, body: '{"test": 2432232314}' };
    expect(signMessage(message, new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'))).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('takes any other text for the key as it stands', () => {
    const wanted = createHmac('sha256', SECRET.reveal())
      .update(`${MESSAGE.id}.${MESSAGE.timestampS}.${MESSAGE.body}`)
      .digest('base64');
    expect(signMessage(MESSAGE, SECRET)).toBe(`v1,${wanted}`);
  });
});

describe('a webhook', () => {
  it('gets the body byte for byte, with its id, time and signature', async () => {
    const { result, seen } = await posted((response) => response.writeHead(204).end());
    expect(result).toEqual({ kind: 'made' });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        body: MESSAGE.body,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': MESSAGE.id,
          'webhook-id': MESSAGE.id,
          'webhook-timestamp': '1800000000',
          'webhook-signature': signMessage(MESSAGE, SECRET),
        },
      },
    ]);
  });

  it.each([
    [500, {}, { kind: 'failed', reason: 'answered 500' }],
    [503, { 'retry-after': '7' }, { kind: 'failed', reason: 'answered 503', retryAfterMs: 7000 }],
    [429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, { kind: 'failed', reason: 'answered 429' }],
    [404, {}, { kind: 'refused', reason: 'answered 404' }],
    [410, {}, { kind: 'refused', reason: 'answered 410' }],
    [302, { location: 'http://192.0.2.1/elsewhere' }, { kind: 'refused', reason: 'answered 302' }],
  ])('that answers %i is taken at its word, and redirects are not followed', async (status, headers, wanted) => {
    const { result, seen } = await posted((response) => response.writeHead(status, headers).end('x'));
    expect(result).toEqual(wanted);
    expect(seen).toHaveLength(1);
  });

  it('that says nothing is given up on in time', async () => {
    const { result } = await posted(() => undefined, 100);
    expect(result).toEqual({ kind: 'failed', reason: 'no answer within 100 ms' });
  });

  it('that never ends its answer does not hold the hub', async () => {
    const { result } = await posted((response) => {
      response.writeHead(200);
      response.write('x'.repeat(100_000));
    });
    expect(result).toEqual({ kind: 'made' });
  });

  it('that nobody listens at has failed, and may come back', async () => {
    const { server, url } = await httpServer(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const result = await postMessage({ url, timeoutMs: 5000 }, MESSAGE, SECRET, new AbortController().signal);
    expect(result).toEqual({ kind: 'failed', reason: 'ECONNREFUSED' });
  });
});

import { createHmac } from 'node:crypto';
import type { Secret } from '../../wire/secret.ts';
import type { AttemptResult } from './delivery-schedule.ts';
import type { Webhook } from './hook-policy.ts';

/** What of a delivery goes over the line. */
export type SignedMessage = { readonly id: string; readonly timestampS: number; readonly body: string };

const BASE64_SECRET = /^whsec_(?<key>[A-Za-z0-9+/]+={0,2})$/;
/** Answers after which the same request may go well later, beside 5xx. */
const LATER = new Set([408, 425, 429]);
/** A wait that a receiver asks for in words of the header is not read: only seconds. */
const RETRY_AFTER_S = /^[0-9]{1,6}$/;

/**
 * Signs a message: HMAC-SHA-256 over `id.timestamp.body`, in base64, with its version before it.
 *
 * @param secret - `whsec_` and base64, as the specification has it; any other text is the key as it stands, in UTF-8.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (signature scheme)
 */
export function signMessage({ body, id, timestampS }: SignedMessage, secret: Secret): string {
  const text = secret.reveal();
  const encoded = BASE64_SECRET.exec(text)?.groups?.['key'];
  const key = encoded === undefined ? Buffer.from(text, 'utf8') : Buffer.from(encoded, 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')}`;
}

/**
 * Posts one message once. Redirects are not followed, and of the answer only its head is read.
 *
 * @param webhook - its `url` is from the hub's own file.
 */
export async function postMessage(
  webhook: Pick<Webhook, 'url' | 'timeoutMs'>,
  message: SignedMessage,
  secret: Secret,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const timeout = AbortSignal.timeout(webhook.timeoutMs);
  let response: Response;
  try {
    response = await fetch(webhook.url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([timeout, signal]),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'trunkward',
        'idempotency-key': message.id,
        'webhook-id': message.id,
        'webhook-timestamp': String(message.timestampS),
        'webhook-signature': signMessage(message, secret),
      },
      body: message.body,
    });
  } catch (cause) {
    if (timeout.aborted) return { kind: 'failed', reason: `no answer within ${webhook.timeoutMs} ms` };
    return { kind: 'failed', reason: faultText(cause) };
  }
  await response.body?.cancel().catch(() => undefined);
  return read(response);
}

function read({ headers, status }: Response): AttemptResult {
  if (status >= 200 && status < 300) return { kind: 'made' };
  const reason = `answered ${status}`;
  if (status < 500 && !LATER.has(status)) return { kind: 'refused', reason };
  const wanted = headers.get('retry-after') ?? '';
  return { kind: 'failed', reason, ...(RETRY_AFTER_S.test(wanted) && { retryAfterMs: Number(wanted) * 1000 }) };
}

/** The system's own word for why there was no connection: `fetch` hides it in the cause. */
function faultText(fault: unknown): string {
  const cause = fault instanceof Error ? (fault.cause ?? fault) : fault;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

import type { Secret } from '../../wire/secret.ts';

/** Most bytes of an answer that are read. */
export const MAX_ANSWER_BYTES = 4_194_304;

/** Where a JSON-RPC service is, from the hub's own file. */
export type RpcPlace = { readonly url: string; readonly timeoutMs: number; readonly secret: Secret | undefined };

/** An answer. `refused`: the service said no, and will again; `failed`: no answer, or none that can be read. */
export type RpcAnswer =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

/**
 * Asks one question once, over HTTP. A result that does not come whole within the time, is too long or is no JSON-RPC is none.
 *
 * @see https://www.jsonrpc.org/specification §4, §5
 * @see https://www.kamailio.org/docs/modules/5.6.x/modules/jsonrpcs.html (an error comes with HTTP status 500)
 */
export async function callRpc(
  { secret, timeoutMs, url }: RpcPlace,
  method: string,
  params: readonly (string | number)[],
  signal: AbortSignal,
): Promise<RpcAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([timeout, signal]),
      headers: {
        'content-type': 'application/json',
        ...(secret && { authorization: `Bearer ${secret.reveal()}` }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 }),
    });
    const text = await wholeText(response);
    return text === undefined
      ? failed(`an answer of more than ${MAX_ANSWER_BYTES} bytes`)
      : read(text, response.status);
  } catch (cause) {
    if (timeout.aborted) return failed(`no whole answer within ${timeoutMs} ms`);
    const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
    return failed(inner instanceof Error ? ('code' in inner && String(inner.code)) || inner.message : String(inner));
  }
}

async function wholeText({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function read(text: string, status: number): RpcAnswer {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return failed(`answered ${status}, with no JSON`);
  }
  if (typeof parsed !== 'object' || parsed === null) return failed(`answered ${status}, with no JSON-RPC`);
  if ('error' in parsed && typeof parsed.error === 'object' && parsed.error !== null) {
    const message = 'message' in parsed.error ? String(parsed.error.message) : 'an error without words';
    return { kind: 'refused', reason: message.slice(0, 200) };
  }
  if (!('result' in parsed) || status !== 200) return failed(`answered ${status}, without a result`);
  return { kind: 'result', result: parsed.result };
}

function failed(reason: string): RpcAnswer {
  return { kind: 'failed', reason };
}

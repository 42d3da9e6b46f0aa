import type { HubOrder } from './order-command.ts';

/** What came of an order: what it does, or why it was not taken. */
export type OrderAnswer =
  | { readonly kind: 'done'; readonly effect: string }
  | { readonly kind: 'failed'; readonly why: string };

/** The hub journals an order and plans anew before it answers. */
const ANSWER_WITHIN_MS = 20_000;

/** Gives an order with this tab's token. Never rejects. Told again under the same id it is the same order. */
export async function giveOrder(order: HubOrder, token: string | undefined): Promise<OrderAnswer> {
  const url = new URL(order.path, document.baseURI);
  url.hash = '';
  url.search = new URLSearchParams(order.query).toString();
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(order.body && { 'content-type': 'application/json' }),
  };
  try {
    const response = await fetch(url, {
      method: order.method,
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(order.body && { body: JSON.stringify(order.body) }),
    });
    const said = (await response.json()) as { readonly effect?: string; readonly message?: string };
    return response.ok
      ? { kind: 'done', effect: said.effect ?? 'Done.' }
      : { kind: 'failed', why: said.message ?? `the hub answered ${response.status}` };
  } catch (cause) {
    return { kind: 'failed', why: cause instanceof Error ? cause.message : 'no answer' };
  }
}

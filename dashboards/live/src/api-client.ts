/** What came of asking the hub. `none`: it knows nothing of the name that was asked for. */
export type HubAnswer<Body> =
  | { readonly kind: 'body'; readonly body: Body }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly why: string };

/** What to ask for: a path of the API, relative to the page, and its query. */
export type HubQuestion = { readonly path: string; readonly query: Readonly<Record<string, string>> };

/** A hub that hangs must not leave old figures standing as if they were new. */
const ANSWER_WITHIN_MS = 10_000;

/** Asks the hub by GET. Never rejects. The answer is taken for what it says it is: the page trusts its own hub. */
export async function askHub<Body>(
  { path, query }: HubQuestion,
  token: string | undefined,
  signal: AbortSignal,
): Promise<HubAnswer<Body>> {
  const url = new URL(path, document.baseURI);
  url.hash = '';
  url.search = new URLSearchParams(query).toString();
  try {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      cache: 'no-store',
      ...(headers && { headers }),
    });
    if (response.status === 404) return { kind: 'none' };
    if (!response.ok) return { kind: 'failed', why: `the hub answered ${response.status}` };
    return { kind: 'body', body: (await response.json()) as Body };
  } catch (cause) {
    return { kind: 'failed', why: cause instanceof Error ? cause.message : 'no answer' };
  }
}

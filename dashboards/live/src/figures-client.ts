import type { FigureSheet } from '../../../wire/figures.ts';

/** What came of asking for a sheet. `none`: the hub knows nothing of the key. */
export type SheetAnswer =
  | { readonly kind: 'sheet'; readonly sheet: FigureSheet }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly why: string };

/** Asks the hub for the figures of one path. Never rejects. */
export async function fetchSheet(key: string, token: string | undefined, signal: AbortSignal): Promise<SheetAnswer> {
  const url = new URL('api/v1/figures', document.baseURI);
  url.hash = '';
  url.search = new URLSearchParams({ key }).toString();
  try {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    const response = await fetch(url, { signal, cache: 'no-store', ...(headers && { headers }) });
    if (response.status === 404) return { kind: 'none' };
    if (!response.ok) return { kind: 'failed', why: `the hub answered ${response.status}` };
    return { kind: 'sheet', sheet: (await response.json()) as FigureSheet };
  } catch (cause) {
    return { kind: 'failed', why: cause instanceof Error ? cause.message : 'no answer' };
  }
}

import { StoreError } from '../errors.ts';

/** Most items that one page holds. */
export const MAX_PAGE_ITEMS = 500;

/** Which part of a list is wanted. */
export type PageRequest = {
  /** Id of the last item of the page before; absent for the first page. */
  readonly cursor?: number;
  /** 1 to {@link MAX_PAGE_ITEMS}; 100 when absent. */
  readonly limit?: number;
  /** By id; `newest` first when absent. */
  readonly order?: 'newest' | 'oldest';
};

/** Part of a list. `nextCursor` is absent on the last page. */
export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: number | undefined };

/** A request with its defaults filled in, as query parts over an `id` column. */
export type PageBounds = {
  readonly cursor: number | undefined;
  readonly limit: number;
  readonly comparison: '<' | '>';
  readonly direction: 'asc' | 'desc';
};

/**
 * Fills in a request.
 *
 * @throws StoreError `STORE_VALUE_REFUSED` for a limit or cursor out of range.
 */
export function pageBounds({ cursor, limit = 100, order = 'newest' }: PageRequest): PageBounds {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_ITEMS) {
    throw new StoreError('STORE_VALUE_REFUSED', `page limit ${limit} is not within 1 and ${MAX_PAGE_ITEMS}`);
  }
  if (cursor !== undefined && (!Number.isSafeInteger(cursor) || cursor < 0)) {
    throw new StoreError('STORE_VALUE_REFUSED', `page cursor ${cursor} is no id`);
  }
  return order === 'newest'
    ? { cursor, limit, comparison: '<', direction: 'desc' }
    : { cursor, limit, comparison: '>', direction: 'asc' };
}

/**
 * Cuts a page from rows.
 *
 * @param rows - up to `limit + 1` rows in the order asked for; the one too many says that there is a next page.
 */
export function cutPage<Row extends { readonly id: number }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): Page<Item> {
  const kept = rows.slice(0, limit);
  return { items: kept.map(toItem), nextCursor: rows.length > limit ? kept.at(-1)?.id : undefined };
}

/** Whole milliseconds for a column: wall times may come with a fraction. */
export function wholeMs(epochMs: number): number {
  return Math.round(epochMs);
}

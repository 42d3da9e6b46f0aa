/** Which part of a list is wanted: up to `limit` items whose key comes after `after`. */
export type Paging = { readonly limit: number; readonly after?: string };

/** One page in the order of keys, and the cursor of the next where there is more. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next?: string };

/**
 * Cuts one page out of a list.
 *
 * @param keyOf - a unique key; pages follow its order by code units, so that a list that changes between two pages
 *   neither repeats nor skips what stayed.
 */
export function page<Item>(items: readonly Item[], keyOf: (item: Item) => string, paging: Paging): Page<Item> {
  const sorted = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => paging.after === undefined || key > paging.after)
    .toSorted((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)));
  const shown = sorted.slice(0, paging.limit);
  const last = shown.at(-1);
  return sorted.length > shown.length && last
    ? { items: shown.map(({ item }) => item), next: last.key }
    : { items: shown.map(({ item }) => item) };
}

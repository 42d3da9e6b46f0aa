/**
 * A trie of digits in three flat arrays. Nodes are numbered breadth first from the root, 0, so that the children of a node stand side by side:
 *
 *     childBits[node]   bit d is set where digit d has a child
 *     firstChild[node]  number of its lowest child; the child of digit d is as many further as bits below d are set
 *     valueAt[node]     index of the prefix that ends here in the list it was built from, or −1
 *
 * Ten bytes a node; a deck of 100,000 prefixes has some 120,000.
 */
export type PrefixIndex = {
  readonly childBits: Uint16Array;
  readonly firstChild: Uint32Array;
  readonly valueAt: Int32Array;
};

/** The longest prefix of a number that is in an index. */
export type PrefixFound = { readonly at: number; readonly length: number };

const ONES = Uint8Array.from({ length: 1024 }, (_, bits) => bits.toString(2).replaceAll('0', '').length);
const ZERO = 48;

/**
 * Builds the index.
 *
 * @param prefixes - digits alone, each once, in ascending order of text.
 */
export function buildPrefixIndex(prefixes: readonly string[]): PrefixIndex {
  const childBits: number[] = [0];
  const firstChild: number[] = [0];
  const valueAt: number[] = [-1];
  const from: number[] = [0];
  const to: number[] = [prefixes.length];
  const depths: number[] = [0];
  for (let node = 0; node < childBits.length; node += 1) {
    const depth = depths[node] ?? 0;
    const end = to[node] ?? 0;
    let at = from[node] ?? 0;
    if (at < end && prefixes[at]?.length === depth) {
      valueAt[node] = at;
      at += 1;
    }
    firstChild[node] = childBits.length;
    while (at < end) {
      const digit = digitAt(prefixes[at] ?? '', depth);
      const begin = at;
      while (at < end && digitAt(prefixes[at] ?? '', depth) === digit) at += 1;
      childBits[node] = (childBits[node] ?? 0) | (1 << digit);
      childBits.push(0);
      firstChild.push(0);
      valueAt.push(-1);
      from.push(begin);
      to.push(at);
      depths.push(depth + 1);
    }
  }
  return {
    childBits: Uint16Array.from(childBits),
    firstChild: Uint32Array.from(firstChild),
    valueAt: Int32Array.from(valueAt),
  };
}

/**
 * Finds the longest prefix of a number that a caller accepts.
 *
 * @param digits - of E.164, without `+`; anything else ends the search where it stands.
 * @param accepts - asked with the index of each prefix that fits, the shortest first.
 */
export function longestPrefix(
  { childBits, firstChild, valueAt }: PrefixIndex,
  digits: string,
  accepts: (at: number) => boolean,
): PrefixFound | undefined {
  let found = -1;
  let length = 0;
  let node = 0;
  for (let depth = 0; depth < digits.length; depth += 1) {
    const digit = digitAt(digits, depth);
    const bits = childBits[node] ?? 0;
    if (digit < 0 || digit > 9 || (bits & (1 << digit)) === 0) break;
    node = (firstChild[node] ?? 0) + (ONES[bits & ((1 << digit) - 1)] ?? 0);
    const at = valueAt[node] ?? -1;
    if (at >= 0 && accepts(at)) {
      found = at;
      length = depth + 1;
    }
  }
  return found < 0 ? undefined : { at: found, length };
}

function digitAt(text: string, at: number): number {
  return text.charCodeAt(at) - ZERO;
}

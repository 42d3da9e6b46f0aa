const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * A number from 0 to 2^32 - 1 that depends on the text alone: the same choice on every hub and after every restart.
 *
 * @see FNV-1a, 32 bits, with a final mix (the low bits of FNV-1a alone follow the last character).
 */
export function stableHash(text: string): number {
  let hash = OFFSET;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Uniform numbers in [0, 1) from a seed (mulberry32). Each stream depends on its name and the seed alone, so the losses of
 * one source do not depend on how its datagrams interleave with those of others.
 */
export class SeededChance {
  readonly #seed: number;
  readonly #states = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The next number of that stream. */
  next(stream: string): number {
    const state = ((this.#states.get(stream) ?? hash(stream, this.#seed)) + 0x6d2b79f5) >>> 0;
    this.#states.set(stream, state);
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** FNV-1a over the name, begun from the seed. */
function hash(text: string, seed: number): number {
  let value = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}

const GROW_BYTES = 64;
/** A longer one (an outage) is cut; a shorter one is used again. */
const MOST_KEPT_BYTES = 4096;

/**
 * A set of packet numbers with a moving lower end, one bit each: a minute of a stream in a few hundred bytes, where a `Set`
 * takes as many kilobytes. Numbers below the lower end are not taken in.
 */
export class NumberWindow {
  #bits = new Uint8Array(GROW_BYTES);
  /** Of the first bit; a multiple of 8. */
  #first: number;
  #from: number;

  /** @param from - lower end to begin with, 0 or more. */
  constructor(from: number) {
    this.#from = from;
    this.#first = from - (from % 8);
  }

  has(number: number): boolean {
    const at = number - this.#first;
    return number >= this.#from && ((this.#bits[Math.floor(at / 8)] ?? 0) & (0x80 >> (at % 8))) !== 0;
  }

  /** Takes a number in; room is made for all numbers up to it, so the caller bounds how far it may lie ahead. */
  add(number: number): void {
    if (number < this.#from) return;
    const at = number - this.#first;
    const byte = Math.floor(at / 8);
    if (byte >= this.#bits.length) {
      const grown = new Uint8Array(Math.ceil((byte + 1) / GROW_BYTES) * GROW_BYTES);
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[byte] = (this.#bits[byte] ?? 0) | (0x80 >> (at % 8));
  }

  /** Raises the lower end, never lowers it; what lies below is forgotten. */
  forgetBelow(from: number): void {
    if (from <= this.#from) return;
    this.#from = from;
    const bytes = Math.min(this.#bits.length, Math.floor((from - this.#first) / 8));
    this.#first = from - (from % 8);
    if (this.#bits.length > MOST_KEPT_BYTES) this.#bits = this.#bits.slice(bytes);
    else this.#bits.copyWithin(0, bytes).fill(0, this.#bits.length - bytes);
  }
}

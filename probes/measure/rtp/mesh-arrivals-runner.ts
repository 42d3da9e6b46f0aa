/** A datagram as it came; the bytes are the worker's to change. */
export type Arrival = { readonly bytes: Uint8Array; readonly address: string; readonly arrivalMs: number };

/** So many wait at most: beyond, the system's own buffer holds what comes, and counts what it drops. */
const MOST_WAITING = 64;

/**
 * Lets every datagram be stamped before any is worked on: what is read in one go waits here, and between two of them the
 * sockets are looked at again. So a stamp is late by the work on one packet, not by that on all before it.
 */
export class MeshArrivals {
  readonly #work: (arrival: Arrival) => void;
  readonly #waiting: Arrival[] = [];

  /** @param work - must not throw. */
  constructor(work: (arrival: Arrival) => void) {
    this.#work = work;
  }

  /** Takes one over; it is worked on soon, in order. */
  take(arrival: Arrival): void {
    this.#waiting.push(arrival);
    if (this.#waiting.length === 1) setImmediate(() => this.#next());
    while (this.#waiting.length > MOST_WAITING) this.#workOne();
  }

  /** What waits is forgotten. */
  close(): void {
    this.#waiting.length = 0;
  }

  #next(): void {
    this.#workOne();
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }

  #workOne(): void {
    const arrival = this.#waiting.shift();
    if (arrival) this.#work(arrival);
  }
}

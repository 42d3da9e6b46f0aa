/** Work that is done one after another, with few waiting: what takes a thread, memory or time that the hub needs for its frames. */
export class WorkQueue {
  readonly #maxWaiting: number;
  #pending = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** @param maxWaiting - behind the one that is being done. */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** Does `work` when its turn comes; undefined where too many wait already. A rejection is the asker's, not the next one's. */
  run<Value>(work: () => Promise<Value>): Promise<Value> | undefined {
    if (this.#pending > this.#maxWaiting) return undefined;
    this.#pending += 1;
    const done = this.#tail.then(work);
    this.#tail = done.then(
      () => this.#end(),
      () => this.#end(),
    );
    return done;
  }

  #end(): void {
    this.#pending -= 1;
  }
}

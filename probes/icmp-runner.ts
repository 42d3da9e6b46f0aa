import { type IcmpDeps, type IcmpTarget, watchIcmp } from './measure/icmp/icmp-probe.ts';

/** What the runner needs from the outside. */
export type IcmpRunnerDeps = IcmpDeps & {
  /** Pinging has ended by a broken invariant. */
  readonly onEnded: (cause: unknown) => void;
};

/** Pings targets that may change: one that stays at its address is not disturbed. */
export class IcmpRunner {
  readonly #deps: IcmpRunnerDeps;
  readonly #watched = new Map<string, AbortController>();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: IcmpRunnerDeps) {
    this.#deps = deps;
  }

  /** Ends what is not among `targets`, and begins with what is new, spread over one interval. */
  retarget(targets: readonly Pick<IcmpTarget, 'target' | 'address'>[]): void {
    const wanted = new Map(targets.map(({ address, target }) => [`${target} ${address}`, { address, target }]));
    for (const [key, own] of this.#watched) {
      if (wanted.has(key)) continue;
      own.abort();
      this.#watched.delete(key);
    }
    const added = [...wanted].flatMap(([key, target]) => {
      if (this.#watched.has(key)) return [];
      const own = new AbortController();
      this.#watched.set(key, own);
      return [{ ...target, signal: own.signal }];
    });
    if (added.length === 0) return;
    const running = watchIcmp(added, this.#deps)
      .catch((cause: unknown) => this.#deps.onEnded(cause))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when no ping runs any more; the signal of the dependencies must be aborted before. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }
}

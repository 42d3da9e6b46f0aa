import { setTimeout as delay } from 'node:timers/promises';

/** Bounds of a wait: give up after `timeoutMs`, look every `intervalMs` (default 100). */
export type PollOptions = { readonly timeoutMs: number; readonly intervalMs?: number; readonly signal?: AbortSignal };

/**
 * Waits until `look` gives something other than `undefined`, looking at once and then at the interval.
 *
 * @param what - named in the error, e.g. `pbx1 fully booted`.
 * @returns what `look` gave, with the time it took (monotonic, milliseconds).
 * @throws Error when the time is over, or the signal's reason when it is aborted.
 */
export async function pollFor<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  options: PollOptions,
): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startedAtMs = performance.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const value = await look();
    const tookMs = performance.now() - startedAtMs;
    if (value !== undefined) return { value, tookMs };
    if (tookMs >= options.timeoutMs) throw new Error(`${what}: not within ${options.timeoutMs} ms`);
    await delay(options.intervalMs ?? 100);
  }
}

/** Waits until `holds` is true; the time it took in milliseconds. Throws as {@link pollFor} does. */
export async function pollUntil(
  what: string,
  holds: () => Promise<boolean> | boolean,
  options: PollOptions,
): Promise<number> {
  const { tookMs } = await pollFor(what, async () => ((await holds()) ? true : undefined), options);
  return tookMs;
}

/**
 * Looks again and again for a given time, for what must not happen.
 *
 * @returns what `look` gave first, or `undefined` when it gave nothing all the time.
 */
export async function watchFor<T>(
  look: () => Promise<T | undefined> | T | undefined,
  options: { readonly forMs: number; readonly intervalMs?: number; readonly signal?: AbortSignal },
): Promise<T | undefined> {
  const endsAtMs = performance.now() + options.forMs;
  while (performance.now() < endsAtMs) {
    options.signal?.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) return seen;
    await delay(options.intervalMs ?? 250);
  }
  return undefined;
}

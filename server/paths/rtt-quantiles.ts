import type { RttEstimate } from './path-health.ts';

/** Round trips kept for one path: two a second over a minute. */
export const RTT_CAPACITY = 128;

/**
 * The last {@link RTT_CAPACITY} answered round trips of one path. Mutable, owned by one path table entry; memory is taken
 * with the first answer.
 */
export class RttWindow {
  #atMs: Float64Array | undefined;
  #rttMs: Float32Array | undefined;
  #count = 0;

  /** Adds one answered attempt; `atMs` is hub time at which it was sent, `rttMs` its round trip. */
  add(atMs: number, rttMs: number): void {
    this.#atMs ??= new Float64Array(RTT_CAPACITY);
    this.#rttMs ??= new Float32Array(RTT_CAPACITY);
    const slot = this.#count % RTT_CAPACITY;
    this.#atMs[slot] = atMs;
    this.#rttMs[slot] = rttMs;
    this.#count += 1;
  }

  /**
   * Quantiles over the window that ends at `nowMs`.
   *
   * @returns undefined when nothing was answered in it. `windowMs` is shorter than asked where the ring holds less.
   */
  estimate(windowMs: number, nowMs: number): RttEstimate | undefined {
    if (!this.#atMs || !this.#rttMs) return undefined;
    const kept = Math.min(this.#count, RTT_CAPACITY);
    const inWindow: number[] = [];
    let oldestAtMs = nowMs;
    for (let slot = 0; slot < kept; slot += 1) {
      const atMs = this.#atMs[slot] ?? 0;
      oldestAtMs = Math.min(oldestAtMs, atMs);
      if (atMs > nowMs - windowMs) inWindow.push(this.#rttMs[slot] ?? 0);
    }
    if (inWindow.length === 0) return undefined;
    const isCut = this.#count > RTT_CAPACITY && oldestAtMs > nowMs - windowMs;
    return { ...rttQuantiles(inWindow), windowMs: isCut ? nowMs - oldestAtMs : windowMs };
  }
}

/**
 * Nearest-rank quantiles: the least value that at least q of the values do not exceed, so always one that was measured.
 *
 * @param rttsMs - at least one round trip, milliseconds, in any order; not changed.
 */
export function rttQuantiles(rttsMs: readonly number[]): Omit<RttEstimate, 'windowMs'> {
  const sorted = rttsMs.toSorted((a, b) => a - b);
  const at = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  return { n: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

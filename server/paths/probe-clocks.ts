/** The shortest way is remembered for one to two of these: long enough for a full queue to drain, short enough for a paused clock. */
const SPAN_MS = 60_000;

/** Of one instance of a probe: the least of hub time less its own, in this span and in the one before. */
type Clock = {
  readonly instanceId: string;
  readonly spanSinceMs: number;
  readonly leastMs: number;
  readonly leastBeforeMs: number;
};

/**
 * What the clocks of probes show now, by what they wrote on their batches. A batch that a full line, a lost packet of its connection or
 * a busy hub held back comes later than others did after it was sent: by so much all in it is older than it seems.
 * Without this, what a site measured before its line filled would stand beside what others measured of it since. Mutable.
 *
 * @see D. Mills, RFC 5905 §10 (clock filter): the sample with the least delay tells the offset best
 */
export class ProbeClocks {
  readonly #clocks = new Map<string, Clock>();

  /**
   * Takes a batch and gives what the probe's monotonic clock shows at `nowMs`, the shortest way of the last minute or two aside.
   *
   * @param sentAtMs - the probe's monotonic clock when it sent; of another instance it is another clock.
   * @param nowMs - hub time when it came.
   * @returns `sentAtMs` or later, in the probe's clock.
   */
  shownAtMs(pbx: string, instanceId: string, sentAtMs: number, nowMs: number): number {
    const offsetMs = nowMs - sentAtMs;
    const known = this.#clocks.get(pbx);
    const clock =
      known?.instanceId === instanceId
        ? next(known, offsetMs, nowMs)
        : { instanceId, spanSinceMs: nowMs, leastMs: offsetMs, leastBeforeMs: offsetMs };
    this.#clocks.set(pbx, clock);
    return nowMs - Math.min(clock.leastMs, clock.leastBeforeMs);
  }
}

function next(clock: Clock, offsetMs: number, nowMs: number): Clock {
  const { instanceId, leastMs, spanSinceMs } = clock;
  if (nowMs - spanSinceMs < SPAN_MS) return { ...clock, leastMs: Math.min(leastMs, offsetMs) };
  const isGap = nowMs - spanSinceMs >= 2 * SPAN_MS;
  return { instanceId, spanSinceMs: nowMs, leastMs: offsetMs, leastBeforeMs: isGap ? offsetMs : leastMs };
}

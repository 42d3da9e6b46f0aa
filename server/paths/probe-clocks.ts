/** The shortest way is remembered for one to two of these: long enough for a full queue to drain. */
const SPAN_MS = 60_000;

/**
 * Ways that are longer than the shortest by `leastMs` and as good as alike, over so many batches and so long: no queue stands so still
 * while packets go through it, so the probe's clock stood still (a host suspended, a virtual machine moved).
 */
const PAUSE = { leastMs: 5000, spreadMs: 100, batches: 5, lastingMs: 10_000 } as const;

/** Batches in a row whose ways differ by no more than {@link PAUSE}.spreadMs. */
type Steady = {
  readonly sinceMs: number;
  readonly batches: number;
  readonly leastMs: number;
  readonly mostMs: number;
};

/** Of one instance of a probe: the least of hub time less its own, in this span and in the one before. */
type Clock = {
  readonly instanceId: string;
  readonly spanSinceMs: number;
  readonly leastMs: number;
  readonly leastBeforeMs: number;
  readonly steady: Steady;
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
   * Takes a batch and gives what the probe's monotonic clock shows at `nowMs`, the shortest way of the last minute or two aside. A clock
   * that stood still for 5 s or more is taken as it is ten seconds after it went on; a shorter stand within two minutes.
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
        ? afterPause(next(known, offsetMs, nowMs), nowMs)
        : startedWith(instanceId, offsetMs, steadyFrom(offsetMs, nowMs), nowMs);
    this.#clocks.set(pbx, clock);
    return nowMs - Math.min(clock.leastMs, clock.leastBeforeMs);
  }
}

function startedWith(instanceId: string, leastMs: number, steady: Steady, nowMs: number): Clock {
  return { instanceId, spanSinceMs: nowMs, leastMs, leastBeforeMs: leastMs, steady };
}

function next(clock: Clock, offsetMs: number, nowMs: number): Clock {
  const { instanceId, leastMs, spanSinceMs } = clock;
  const steady = steadied(clock.steady, offsetMs, nowMs);
  if (nowMs - spanSinceMs < SPAN_MS) return { ...clock, steady, leastMs: Math.min(leastMs, offsetMs) };
  const isGap = nowMs - spanSinceMs >= 2 * SPAN_MS;
  return { instanceId, spanSinceMs: nowMs, leastMs: offsetMs, leastBeforeMs: isGap ? offsetMs : leastMs, steady };
}

function afterPause(clock: Clock, nowMs: number): Clock {
  const { batches, leastMs, sinceMs } = clock.steady;
  const isSteady = batches >= PAUSE.batches && nowMs - sinceMs >= PAUSE.lastingMs;
  const isPaused = isSteady && leastMs - Math.min(clock.leastMs, clock.leastBeforeMs) >= PAUSE.leastMs;
  return isPaused ? startedWith(clock.instanceId, leastMs, clock.steady, nowMs) : clock;
}

function steadyFrom(offsetMs: number, nowMs: number): Steady {
  return { sinceMs: nowMs, batches: 1, leastMs: offsetMs, mostMs: offsetMs };
}

function steadied(steady: Steady, offsetMs: number, nowMs: number): Steady {
  const leastMs = Math.min(steady.leastMs, offsetMs);
  const mostMs = Math.max(steady.mostMs, offsetMs);
  if (mostMs - leastMs > PAUSE.spreadMs) return steadyFrom(offsetMs, nowMs);
  return { sinceMs: steady.sinceMs, batches: steady.batches + 1, leastMs, mostMs };
}

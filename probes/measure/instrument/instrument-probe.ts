import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setInterval as ticks } from 'node:timers/promises';
import type { InstrumentReading } from '../../../wire/measurement.ts';
import { type InstrumentCounters, summariseInstrument } from './instrument-reading.ts';
import { openLoopbackProbe } from './loopback-probe.ts';

/** Period of the timer that samples the event loop's delay. */
const RESOLUTION_MS = 5;
const SELF_PROBES_PER_INTERVAL = 5;

/** What the instrument's own measuring needs from the outside. */
export type InstrumentDeps = {
  readonly clock: { readonly nowMs: () => number };
  /** Length of one reading, 1,000 ms in practice. */
  readonly intervalMs: number;
  readonly counters: () => InstrumentCounters;
  readonly onReading: (reading: InstrumentReading) => void;
  readonly signal: AbortSignal;
};

/**
 * Gives one reading per interval: event-loop delay and loopback self-probe, spread evenly over the interval. It must run
 * in the thread that measures, whose delays are the ones that count.
 *
 * @returns resolves once the signal is aborted; rejects where loopback cannot be bound.
 */
export async function runInstrument(deps: InstrumentDeps): Promise<void> {
  const { clock, intervalMs, signal } = deps;
  const loopback = await openLoopbackProbe(clock);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let sent = 0;
  let fromMs = clock.nowMs();
  try {
    for await (const _ of ticks(intervalMs / SELF_PROBES_PER_INTERVAL, undefined, { signal })) {
      if (sent === SELF_PROBES_PER_INTERVAL) {
        const nowMs = clock.nowMs();
        const { count, max } = delay;
        const histogram = { count, maxNs: max, p99Ns: delay.percentile(99), resolutionMs: RESOLUTION_MS };
        deps.onReading(summariseInstrument(histogram, loopback.collect(), deps.counters(), nowMs - fromMs));
        delay.reset();
        fromMs = nowMs;
        sent = 0;
      }
      loopback.send();
      sent += 1;
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
  } finally {
    delay.disable();
    loopback.close();
  }
}

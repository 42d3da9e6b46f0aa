import { performance } from 'node:perf_hooks';

/**
 * Hub time: whole epoch milliseconds from the monotonic clock, set by the wall clock once at start. It never steps back, so
 * windows and holds survive a step of the wall clock; it drifts from the wall clock by no more than the host's clock did.
 */
export function hubClock(): () => number {
  const offsetMs = Date.now() - performance.now();
  return () => Math.round(offsetMs + performance.now());
}

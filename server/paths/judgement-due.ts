import { CALLS_STAND_FOR_MS } from './call-run.ts';
import { type PathFacts, sampleStaleAfterMs } from './path-judgement.ts';
import type { PathPolicy } from './path-policy.ts';

/**
 * When the judgement of a path may next change by time alone, with nothing further measured: a probe falls silent or is sick no
 * more, a sample grows stale, failed calls are forgotten. Never too late; it may be too early, for not every such time matters.
 *
 * @returns hub time after `nowMs`, or infinity where time changes nothing.
 */
export function judgementDueAtMs(
  facts: PathFacts & { readonly sickUntilMs: number },
  policy: PathPolicy,
  nowMs: number,
): number {
  const { intervalMs, lastHeardAtMs, path, sickUntilMs } = facts;
  const sampledAtMs =
    path.lastSampleAtMs === undefined ? undefined : Math.max(path.lastSampleAtMs, path.quietUntilMs ?? 0);
  const times = [
    sickUntilMs,
    after(lastHeardAtMs, policy.staleAfterMs),
    after(sampledAtMs, policy.staleAfterMs),
    after(sampledAtMs, sampleStaleAfterMs(intervalMs, policy)),
    after(path.failedCalls.at(-1)?.atMs, CALLS_STAND_FOR_MS),
  ];
  return times.reduce(
    (earliest, atMs) => (atMs > nowMs && atMs < earliest ? atMs : earliest),
    Number.POSITIVE_INFINITY,
  );
}

function after(atMs: number | undefined, waitMs: number): number {
  return atMs === undefined ? 0 : atMs + waitMs;
}

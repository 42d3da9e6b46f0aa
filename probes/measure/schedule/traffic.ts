import type { ScheduleState, TargetState } from './schedule-state.ts';

/** A call speaks for so long: at one call a second or more a trunk counts as busy all the time. */
const TRAFFIC_MS = 2000;

/** While it is busy, no two attempts at a target are further apart. */
const BUSY_GAP_MS = 500;

/** Part of what an assignment sets apart for confirmations that this may spend; the rest stays for confirming. */
export const TRAFFIC_SHARE = 0.5;

/**
 * Notes that a call goes out by these targets now. While calls keep coming, a target that answers is asked at least every half second, for
 * a call lost is worth more than a few OPTIONS; the attempts are of the `control` kind, no samples of loss. Unknown names
 * change nothing.
 */
export function withTraffic(state: ScheduleState, names: readonly string[], nowMs: number): ScheduleState {
  const targets = new Map(state.targets);
  for (const name of names) {
    const target = targets.get(name);
    if (!target) continue;
    const busy = { ...target, trafficUntilMs: nowMs + TRAFFIC_MS };
    targets.set(name, { ...busy, nextTrafficAtMs: trafficDueAtMs(busy, nowMs) });
  }
  return { ...state, targets };
}

/** When traffic next asks for an attempt; `Infinity` while there is none, none is asked here, or the target is silent already. */
export function trafficDueAtMs(target: TargetState, nowMs: number): number {
  const { lastSentAtMs, pace, run, trafficUntilMs } = target;
  if (pace?.isAsked === false || !run.hasAnswered || run.misses > 0) return Number.POSITIVE_INFINITY;
  const dueAtMs = Math.max(nowMs, lastSentAtMs + BUSY_GAP_MS);
  return dueAtMs < trafficUntilMs ? dueAtMs : Number.POSITIVE_INFINITY;
}

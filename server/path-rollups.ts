import type { PathSight } from './paths/path-sight.ts';
import { HEALTHY_ROLLUP_MS, type PathRollup, UNHEALTHY_ROLLUP_MS } from './store/rollup-store.ts';

/** Sums of one path over a quarter of an hour, as far as it has gone. */
export type Quarter = {
  readonly startMs: number;
  readonly sent: number;
  readonly lost: number;
  readonly rttP50sMs: readonly number[];
  readonly rttP95sMs: readonly number[];
};

/** Quarters under way, by path key. Start with an empty map. */
export type RollupState = ReadonlyMap<string, Quarter>;

/** So long after its end a minute is closed: the probes' longest time-out (2 s unless configured higher), and the way here. */
export const SETTLE_MS = 5000;

/** State after a minute, and what is to be kept of it. */
export type RollupStep = { readonly state: RollupState; readonly rollups: readonly PathRollup[] };

/**
 * Closes one minute: a rollup of the minute for each path that is not healthy at its end, lost anything in it or is
 * watched, and one of the quarter of an hour for every path when the quarter is over. The quarter's round trips are the median of the
 * minutes' medians and the greatest of their 95th percentiles: what minutes can honestly say of more.
 *
 * @param minuteStartMs - hub time, a whole minute that is over for {@link SETTLE_MS}: attempts count by when they were sent, and a
 *   lost one is known only when its time-out has passed.
 * @param watched - keys of paths whose every minute is wanted: those of verdicts and their control groups.
 */
export function closeMinute(
  state: RollupState,
  paths: readonly PathSight[],
  minuteStartMs: number,
  watched: ReadonlySet<string> = new Set(),
): RollupStep {
  const quarterStartMs = Math.floor(minuteStartMs / HEALTHY_ROLLUP_MS) * HEALTHY_ROLLUP_MS;
  const isQuarterOver = minuteStartMs + UNHEALTHY_ROLLUP_MS >= quarterStartMs + HEALTHY_ROLLUP_MS;
  const next = new Map<string, Quarter>();
  const rollups: PathRollup[] = [];
  for (const { health, countsSince } of paths) {
    const { key } = health.ref;
    const since = countsSince(minuteStartMs);
    const later = countsSince(minuteStartMs + UNHEALTHY_ROLLUP_MS);
    const [sent, lost] = [since.sent - later.sent, since.lost - later.lost];
    const quarter = addMinute(quarterOf(state.get(key), quarterStartMs), { sent, lost, rtt: health.rtt });
    if (sent > 0 && (health.state !== 'healthy' || lost > 0 || watched.has(key))) {
      const rtt = { rttP50Ms: health.rtt?.p50Ms, rttP95Ms: health.rtt?.p95Ms };
      rollups.push({ pathKey: key, startEpochMs: minuteStartMs, lengthMs: UNHEALTHY_ROLLUP_MS, sent, lost, ...rtt });
    }
    if (!isQuarterOver) next.set(key, quarter);
    else if (quarter.sent > 0) rollups.push(quarterRollup(key, quarter));
  }
  return { state: next, rollups };
}

function quarterOf(known: Quarter | undefined, startMs: number): Quarter {
  return known?.startMs === startMs ? known : { startMs, sent: 0, lost: 0, rttP50sMs: [], rttP95sMs: [] };
}

type Minute = {
  readonly sent: number;
  readonly lost: number;
  readonly rtt: { readonly p50Ms: number; readonly p95Ms: number } | undefined;
};

function addMinute(quarter: Quarter, { sent, lost, rtt }: Minute): Quarter {
  const sums = { ...quarter, sent: quarter.sent + sent, lost: quarter.lost + lost };
  if (!rtt || sent === lost) return sums;
  return { ...sums, rttP50sMs: [...quarter.rttP50sMs, rtt.p50Ms], rttP95sMs: [...quarter.rttP95sMs, rtt.p95Ms] };
}

function quarterRollup(pathKey: string, quarter: Quarter): PathRollup {
  const medians = quarter.rttP50sMs.toSorted((a, b) => a - b);
  return {
    pathKey,
    startEpochMs: quarter.startMs,
    lengthMs: HEALTHY_ROLLUP_MS,
    sent: quarter.sent,
    lost: quarter.lost,
    rttP50Ms: medians[Math.floor((medians.length - 1) / 2)],
    rttP95Ms: quarter.rttP95sMs.length > 0 ? Math.max(...quarter.rttP95sMs) : undefined,
  };
}

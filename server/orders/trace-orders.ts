import { placeKey } from '../correlate/places.ts';
import type { Verdict } from '../correlate/verdict.ts';
import type { VerdictEffect } from '../correlate/verdict-effect.ts';
import type { PathHealth } from '../paths/path-health.ts';
import { pathKey } from '../paths/path-key.ts';
import { endName, firstOfTwoPlaces, recentTimes, type TraceSight, type TraceTimes, traceRoom } from './trace-limits.ts';

/** One trace to be made; `role` says what it is to show. `verdictId` is absent for a path that fell by itself. */
export type TraceOrder = {
  readonly pbx: string;
  readonly target: string;
  readonly verdictId: string | undefined;
  readonly role: 'witness' | 'healthy' | 'down';
};

/** What was ordered lately. Start with {@link NO_TRACES}. Times are hub time. */
export type TraceOrderState = {
  readonly lastAtMs: TraceTimes;
  /** Open verdicts as they were when their traces were last decided on. */
  readonly told: ReadonlyMap<string, { readonly place: string; readonly isNamed: boolean }>;
  /** Ordered for a verdict and not sent: the probe was away, or did not keep up. */
  readonly owed: readonly TraceOrder[];
};

/** A decision with the memory after it. */
export type TraceStep = { readonly state: TraceOrderState; readonly orders: readonly TraceOrder[] };

/** A baseline that hardly scatters is taken for this, so that a quiet path does not go before a worse one. */
const LEAST_SPREAD = { milliseconds: 1, mos: 0.05 } as const;

/** Symptoms whose way is worth seeing. */
const TRACED: ReadonlySet<Verdict['symptom']> = new Set(['loss', 'latency', 'media']);

/** Nothing ordered yet in this life of the hub. */
export const NO_TRACES: TraceOrderState = { lastAtMs: new Map(), told: new Map(), owed: [] };

/**
 * Decides which traces to order after a change of a verdict: when it opens, also as a mere suspicion, when its place becomes
 * another, and when it becomes named. Asked are the worst path of each of up to two witnesses, of different sites where there
 * are, and one healthy path to the same place, so that the two can be compared. Where it is latency or media that are worse, the
 * worst path is the one whose figure is furthest off its baseline. A target that answers nothing shows no way, so `probe-blocked`
 * and `unmeasurable` are not traced.
 */
export function orderTraces(
  state: TraceOrderState,
  { kind, verdict }: VerdictEffect,
  sight: TraceSight,
  nowMs: number,
): TraceStep {
  const { verdictId } = verdict;
  const before = state.told.get(verdictId);
  const isOpen = kind !== 'verdict-cleared';
  const isNamed = isOpen && verdict.certainty === 'named';
  const place = placeKey(verdict.place);
  const isElsewhere = isOpen && before !== undefined && before.place !== place;
  const isNews = kind === 'verdict-opened' || isElsewhere || (isNamed && before?.isNamed !== true);
  const told = new Map(state.told);
  if (isOpen) told.set(verdictId, { place, isNamed: isNamed || (before?.isNamed === true && !isElsewhere) });
  else told.delete(verdictId);
  const owed = isOpen ? state.owed : state.owed.filter((order) => order.verdictId !== verdictId);
  const lastAtMs = recentTimes(state.lastAtMs, nowMs);
  const isTraceable = TRACED.has(verdict.symptom) && verdict.place.kind !== 'none' && verdict.place.kind !== 'probe';
  if (!isNews || !isTraceable) return { state: { lastAtMs, told, owed }, orders: [] };

  const room = traceRoom(lastAtMs, sight.able, nowMs);
  const free = sight.healths.filter(room.isFree);
  const bad = witnessPaths(verdict, free);
  const good = bad.length === 0 ? undefined : healthyPath(verdict, free, bad);
  const chosen = [...bad, ...(good ? [good] : [])].slice(0, room.left);
  const orders = chosen.map((health) => {
    const { pbx, target } = health.ref;
    return { pbx, target, verdictId, role: health === good ? 'healthy' : 'witness' } as const;
  });
  return { state: { lastAtMs: noted(lastAtMs, orders, nowMs), told, owed }, orders };
}

/** The times of the traces with these orders as given now. */
export function noted(times: TraceTimes, orders: readonly TraceOrder[], nowMs: number): TraceTimes {
  return new Map([...times, ...orders.map(({ pbx, target }) => [pathKey(pbx, target), nowMs] as const)]);
}

/** The order did not reach its probe: it limits nothing, and one for a verdict is owed as long as that is open. */
export function unsent({ lastAtMs, owed, told }: TraceOrderState, order: TraceOrder): TraceOrderState {
  const key = pathKey(order.pbx, order.target);
  const isOwed = order.verdictId !== undefined && told.has(order.verdictId);
  return {
    lastAtMs: new Map([...lastAtMs].filter(([other]) => other !== key)),
    owed: isOwed ? [...owed, order] : owed,
    told,
  };
}

/** The worst path of each of two witnesses; a second one of the same site only where no other site saw it. */
function witnessPaths(verdict: Verdict, free: readonly PathHealth[]): readonly PathHealth[] {
  const worstOf = verdict.symptom === 'loss' ? lossOf(verdict) : shiftOf(verdict);
  const seen = free
    .filter(({ ref }) => worstOf.has(ref.key) && verdict.witnesses.includes(ref.pbx))
    .toSorted((one, other) => (worstOf.get(other.ref.key) ?? 0) - (worstOf.get(one.ref.key) ?? 0));
  return firstOfTwoPlaces(seen);
}

/** By path that loses, the lower end of its loss. */
function lossOf({ evidence }: Verdict): ReadonlyMap<string, number> {
  return new Map(evidence.flatMap((path) => (path.lost > 0 ? [[path.pathKey, path.lowRatio]] : [])));
}

/** By path that is off its baseline, by how many times what the baseline scatters: of its figures the one that is furthest off. */
function shiftOf({ shifts = [] }: Verdict): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const { isShifted, now, pathKey: key, spread, unit, usual } of shifts) {
    if (!isShifted) continue;
    const off = Math.abs(now - usual) / Math.max(spread, LEAST_SPREAD[unit]);
    most.set(key, Math.max(most.get(key) ?? 0, off));
  }
  return most;
}

/** A healthy path of another PBX to the same target, else to the same provider or peer site. */
function healthyPath(
  verdict: Verdict,
  free: readonly PathHealth[],
  bad: readonly PathHealth[],
): PathHealth | undefined {
  const evidence = new Map(verdict.evidence.map((path) => [path.pathKey, path.lost]));
  const shifted = shiftOf(verdict);
  const asked = new Set(bad.map(({ ref }) => ref.pbx));
  const healthy = free.filter(
    (health) =>
      health.state === 'healthy' &&
      !health.isAbstaining &&
      !asked.has(health.ref.pbx) &&
      (evidence.get(health.ref.key) ?? 0) === 0 &&
      !shifted.has(health.ref.key),
  );
  const targets = new Set(bad.map(({ ref }) => ref.target));
  const ends = new Set(bad.map(endName));
  return healthy.find(({ ref }) => targets.has(ref.target)) ?? healthy.find((health) => ends.has(endName(health)));
}

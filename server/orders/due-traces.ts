import type { PathHealth } from '../paths/path-health.ts';
import { pathKey } from '../paths/path-key.ts';
import { endName, firstOfTwoPlaces, recentTimes, type TraceSight, traceRoom } from './trace-limits.ts';
import { noted, type TraceOrder, type TraceOrderState, type TraceStep } from './trace-orders.ts';

/** A path that went down longer ago is not traced for it any more. */
const FALLEN_LATELY_MS = 60_000;

/** So many ways to one provider, or to one peer site, are traced within five minutes because paths to it went down. */
const PER_END = 2;

/**
 * Decides which traces to order at a pass, besides those of a change of a verdict: first what is owed to probes that could not
 * be told, then the way to paths that went hard-down within the minute. The limits are those of all traces, and two ways to one
 * provider (or peer site) are enough: where it is one trouble, a hundred PBXs see it alike.
 */
export function orderDueTraces(state: TraceOrderState, sight: TraceSight, nowMs: number): TraceStep {
  const fallen = sight.healths.filter((health) => isFallen(health, nowMs));
  if (fallen.length === 0 && state.owed.length === 0) return { state, orders: [] };
  const lastAtMs = recentTimes(state.lastAtMs, nowMs);
  const room = traceRoom(lastAtMs, sight.able, nowMs);
  const stillOwed = state.owed.filter((order) => isOpen(state, order) && !lastAtMs.has(keyOf(order)));
  const owedKeys = new Set(stillOwed.map(keyOf));
  const possible = new Set<string>();
  const tracedEnds: string[] = [];
  for (const health of sight.healths) {
    if (owedKeys.has(health.ref.key) && room.isFree(health)) possible.add(health.ref.key);
    if (lastAtMs.has(health.ref.key)) tracedEnds.push(endName(health));
  }
  const asked = new Set<string>();
  const orders: TraceOrder[] = [];
  const give = (order: TraceOrder): void => {
    if (orders.length >= room.left || asked.has(order.pbx)) return;
    asked.add(order.pbx);
    orders.push(order);
  };
  for (const order of stillOwed) if (possible.has(keyOf(order))) give(order);
  for (const [end, paths] of Map.groupBy(fallen.filter(room.isFree), endName)) {
    const open = PER_END - tracedEnds.filter((name) => name === end).length;
    const left = paths.filter(({ ref }) => !asked.has(ref.pbx));
    for (const { ref } of firstOfTwoPlaces(left).slice(0, Math.max(0, open))) {
      give({ pbx: ref.pbx, target: ref.target, verdictId: undefined, role: 'down' });
    }
  }
  const owed = stillOwed.filter((order) => !orders.includes(order));
  return { state: { ...state, owed, lastAtMs: noted(lastAtMs, orders, nowMs) }, orders };
}

function isOpen({ told }: TraceOrderState, { verdictId }: TraceOrder): boolean {
  return verdictId !== undefined && told.has(verdictId);
}

function keyOf({ pbx, target }: TraceOrder): string {
  return pathKey(pbx, target);
}

function isFallen({ inheritedFrom, isAbstaining, sinceMs, state }: PathHealth, nowMs: number): boolean {
  const isOwn = inheritedFrom === undefined && !isAbstaining;
  return state === 'hard-down' && isOwn && nowMs - sinceMs <= FALLEN_LATELY_MS;
}

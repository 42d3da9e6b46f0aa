import type { ShownTrace } from '../wire/traces.ts';
import type { TracesOf } from './api/hub-api.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { Engine } from './engine.ts';
import { shownTrace } from './orders/shown-trace.ts';
import { type StoredTrace, TRACE_TAIL_MS, type VerdictTrace } from './orders/trace-evidence.ts';
import type { TraceBody } from './orders/trace-judgement.ts';
import type { TraceOrderRunner } from './orders/trace-order-runner.ts';
import { splitPathKey } from './paths/path-key.ts';
import type { Store } from './store/database-store.ts';
import type { EventStore, ProbeEvent } from './store/event-store.ts';

/** Of the traces received in a verdict's time, so many are looked at, the newest. */
const MAX_LOOKED_AT = 500;
const MAX_OF_PATH = 20;

/** The traces that belong to a verdict, newest first, each with what it says; those still on disk. */
export async function tracesOfVerdict(
  verdict: Verdict,
  events: EventStore,
  traces: TraceOrderRunner,
): Promise<readonly VerdictTrace[]> {
  const { clearedAtMs, openedAtMs } = verdict;
  const { items } = await events.list({
    kinds: ['trace'],
    fromEpochMs: Math.floor(openedAtMs),
    limit: MAX_LOOKED_AT,
    order: 'newest',
    ...(clearedAtMs !== undefined && { toEpochMs: Math.ceil(clearedAtMs + TRACE_TAIL_MS) }),
  });
  return traces.belonging(verdict, items.map(storedTrace));
}

/** What shown traces are drawn from. */
export type TraceSources = {
  readonly engine: Engine;
  readonly store: Store;
  readonly traces: TraceOrderRunner;
  /** Name of the probe of each PBX. */
  readonly probeOf: ReadonlyMap<string, string>;
};

/**
 * Traces as they are shown, newest first: all of the way of a path, whatever they were ordered for, or those of a verdict.
 *
 * @returns undefined for a path that no probe declared, or a verdict that is not on disk.
 */
export async function shownTraces(of: TracesOf, sources: TraceSources): Promise<readonly ShownTrace[] | undefined> {
  const found = await ('key' in of ? ofPath(of.key, sources) : ofVerdict(of.verdictId, sources));
  return found?.map((trace) => shownTrace(trace, sources.probeOf));
}

async function ofVerdict(verdictId: string, { store, traces }: TraceSources) {
  const verdict = await store.verdicts.get(verdictId);
  if (!verdict) return undefined;
  const latest: unknown = verdict.latest;
  return tracesOfVerdict(latest as Verdict, store.events, traces);
}

async function ofPath(key: string, { engine, store }: TraceSources): Promise<readonly StoredTrace[] | undefined> {
  const { name, pbx } = splitPathKey(key);
  if (!engine.targetOf(pbx, name)) return undefined;
  const { items } = await store.events.list({ kinds: ['trace'], pbx, limit: MAX_LOOKED_AT, order: 'newest' });
  return items
    .map(storedTrace)
    .filter(({ body }) => body.target === name)
    .slice(0, MAX_OF_PATH);
}

function storedTrace({ body, pbx, receivedAtEpochMs }: ProbeEvent): StoredTrace {
  const taken: unknown = body;
  return { pbx, receivedAtEpochMs, body: taken as TraceBody };
}

import type { Verdict } from './correlate/verdict.ts';
import { TRACE_TAIL_MS, type VerdictTrace } from './orders/trace-evidence.ts';
import type { TraceBody } from './orders/trace-judgement.ts';
import type { TraceOrderRunner } from './orders/trace-order-runner.ts';
import type { EventStore } from './store/event-store.ts';

/** Of the traces received in a verdict's time, so many are looked at, the newest. */
const MAX_LOOKED_AT = 500;

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
  const stored = items.map(({ body, pbx, receivedAtEpochMs }) => {
    const taken: unknown = body;
    return { pbx, receivedAtEpochMs, body: taken as TraceBody };
  });
  return traces.belonging(verdict, stored);
}

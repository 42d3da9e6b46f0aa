import { Check } from 'typebox/value';
import { EventBody } from '../wire/probe-frames.ts';
import type { Engine } from './engine.ts';
import { SUMS_REACH_MS } from './paths/quality/minute-sums.ts';
import type { EventStore } from './store/event-store.ts';

/** Most calls read back at a start: the newest of a big fleet's busy hour. */
const MAX_CALLS = 50_000;

/** Counts the calls of the last hour again from the events on disk, so that a restart of the hub forgets no figure. */
export async function recallCalls(engine: Engine, events: EventStore, nowMs: number): Promise<number> {
  let counted = 0;
  let cursor: number | undefined;
  do {
    const page = await events.list({
      kinds: ['call-ended'],
      fromEpochMs: nowMs - SUMS_REACH_MS,
      limit: 500,
      order: 'newest',
      ...(cursor !== undefined && { cursor }),
    });
    for (const { body, occurredAtEpochMs, pbx } of page.items) {
      if (!Check(EventBody, body) || body.kind !== 'call-ended') continue;
      engine.callEnded(pbx, body, Math.min(occurredAtEpochMs, nowMs));
      counted += 1;
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined && counted < MAX_CALLS);
  return counted;
}

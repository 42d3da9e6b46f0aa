import { Check } from 'typebox/value';
import { EventBody } from '../wire/probe-frames.ts';
import type { Engine } from './engine.ts';
import type { CallEnded } from './paths/quality/ended-call.ts';
import { SUMS_REACH_MS } from './paths/quality/minute-sums.ts';
import type { EventStore } from './store/event-store.ts';

/** Most calls read back at a start: the newest of a big fleet's busy hour. */
const MAX_CALLS = 50_000;

/** What was counted again; `isCut` where older calls of the hour were left out for there being too many. */
export type RecalledCalls = { readonly counted: number; readonly isCut: boolean };

/**
 * Counts the calls of the last hour again from the events on disk, so that a restart of the hub forgets no figure: reads the
 * newest first, and tells them in the order of their ends, as runs of failures are counted by it.
 *
 * @param maxCalls - where it stops, to the page of 500; older calls of the hour are then in no figure.
 */
export async function recallCalls(
  engine: Pick<Engine, 'callEnded'>,
  events: Pick<EventStore, 'list'>,
  nowMs: number,
  maxCalls = MAX_CALLS,
): Promise<RecalledCalls> {
  const fromEpochMs = nowMs - SUMS_REACH_MS;
  const calls: { readonly pbx: string; readonly body: CallEnded; readonly atMs: number }[] = [];
  let cursor: number | undefined;
  do {
    const page = await events.list({
      kinds: ['call-ended'],
      fromEpochMs,
      limit: 500,
      order: 'newest',
      ...(cursor !== undefined && { cursor }),
    });
    for (const { body, occurredAtEpochMs, pbx } of page.items) {
      if (!Check(EventBody, body) || body.kind !== 'call-ended' || occurredAtEpochMs < fromEpochMs) continue;
      calls.push({ pbx, body, atMs: Math.min(occurredAtEpochMs, nowMs) });
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined && calls.length < maxCalls);
  const inOrder = calls.toReversed().toSorted((one, other) => one.atMs - other.atMs);
  for (const { atMs, body, pbx } of inOrder) engine.callEnded(pbx, body, atMs);
  return { counted: calls.length, isCut: cursor !== undefined };
}

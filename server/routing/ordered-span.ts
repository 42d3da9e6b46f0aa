import { isoTime as exactTime } from '../evidence/zone-time.ts';
import type { OrderFault } from './ordered-names.ts';

/** When an order is to hold, as it is asked for. */
export type AskedSpan = {
  readonly fromEpochMs?: number | undefined;
  readonly untilEpochMs?: number | undefined;
  /** Seconds from its begin. */
  readonly forS?: number | undefined;
};

/** When an order holds; without an end until it is taken away. */
export type Span = { readonly fromMs: number; readonly untilMs?: number };

/** No order reaches further: what is forgotten for so long is not wanted any more. */
export const MAX_SPAN_MS = 366 * 86_400_000;

/**
 * Works out when an order holds. One without a begin holds from now on, and so does one whose begin is past.
 *
 * @returns its span, or what is wrong with it, with the place.
 */
export function spanOf(
  { forS, fromEpochMs, untilEpochMs }: AskedSpan,
  nowMs: number,
): { readonly span: Span } | { readonly fault: OrderFault } {
  if (forS !== undefined && untilEpochMs !== undefined) return refused('forS: either this or untilEpochMs, not both');
  const fromMs = Math.max(nowMs, fromEpochMs ?? nowMs);
  const untilMs = forS === undefined ? untilEpochMs : fromMs + forS * 1000;
  if (fromMs - nowMs > MAX_SPAN_MS) return refused('fromEpochMs: more than 366 days ahead');
  if (untilMs === undefined) return { span: { fromMs } };
  const place = forS === undefined ? 'untilEpochMs' : 'forS';
  if (untilMs <= nowMs) return refused(`${place}: ${isoTime(untilMs)} is over; the hub's clock says ${isoTime(nowMs)}`);
  if (untilMs <= fromMs) return refused(`${place}: ${isoTime(untilMs)} is not after its begin, ${isoTime(fromMs)}`);
  if (untilMs - fromMs > MAX_SPAN_MS) return refused(`${place}: longer than 366 days`);
  return { span: { fromMs, untilMs } };
}

/** A time in words: ISO 8601 in UTC, whole seconds. @param atMs - epoch milliseconds. */
export function isoTime(atMs: number): string {
  return `${exactTime(atMs).slice(0, 19)}Z`;
}

function refused(sentence: string): { readonly fault: OrderFault } {
  return { fault: { fault: 'refused', sentence } };
}

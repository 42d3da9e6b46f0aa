import { GIVE_UP_MS } from './measure/sip/dialog-transaction.ts';
import type { TestCall } from './test-call-schema.ts';

/** What test calls of one entry have used up on one day; calls under way count at their dearest. */
export type Spent = { readonly day: string; readonly calls: number; readonly seconds: number; readonly micros: number };

/** One call's share of the budget. */
export type Share = { readonly day: string; readonly seconds: number; readonly micros: number };

/** What is held before dialling, or which bound leaves no room for it. */
export type Reservation =
  | { readonly ok: true; readonly share: Share }
  | { readonly ok: false; readonly because: 'calls' | 'seconds' | 'money'; readonly day: string };

/**
 * Day of the budget as `YYYY-MM-DD`.
 *
 * @param timeZone - IANA name.
 * @throws RangeError for a zone that the system does not know.
 */
export function dayOf(epochMs: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(epochMs);
}

/** Price of a call that was up for so long, micro-units: whole begun minutes. A call that was not answered costs nothing. */
export function priceMicros(entry: TestCall, seconds: number): number {
  return seconds === 0 ? 0 : entry.priceMicrosPerCall + entry.priceMicrosPerMinute * Math.ceil(seconds / 60);
}

/** Longest that a call can be up for the provider: its talk and the whole of a BYE that nobody answers. */
export function dearestSeconds({ talkMs }: TestCall): number {
  return Math.ceil((talkMs + GIVE_UP_MS) / 1000);
}

/**
 * What an entry has used: of all edges of its trunk where it names none, so that two edges cannot spend its bounds twice.
 *
 * @param spent - by target, `trunk.edge`.
 */
export function spentBy(
  { edge, trunk }: Pick<TestCall, 'trunk' | 'edge'>,
  spent: ReadonlyMap<string, readonly Spent[]>,
): readonly Spent[] {
  return [...spent].flatMap(([target, days]) => {
    const [ofTrunk, ofEdge] = target.split('.');
    return ofTrunk === trunk && (edge ?? ofEdge) === ofEdge ? days : [];
  });
}

/**
 * Decides whether one more call may be placed.
 *
 * @param spent - whatever order, a day any number of times; other days do not count.
 */
export function reserve(entry: TestCall, spent: readonly Spent[], epochMs: number): Reservation {
  const day = dayOf(epochMs, entry.timeZone);
  const today = { calls: 0, seconds: 0, micros: 0 };
  for (const each of spent) {
    if (each.day !== day) continue;
    today.calls += each.calls;
    today.seconds += each.seconds;
    today.micros += each.micros;
  }
  const seconds = dearestSeconds(entry);
  const micros = priceMicros(entry, seconds);
  if (today.calls + 1 > entry.maxPerDay) return { ok: false, because: 'calls', day };
  if (today.seconds + seconds > entry.maxSecondsPerDay) return { ok: false, because: 'seconds', day };
  if (today.micros + micros > entry.maxMicrosPerDay) return { ok: false, because: 'money', day };
  return { ok: true, share: { day, seconds, micros } };
}

/** What a call used in the end; unsure ends stay at their dearest. */
export function settle(entry: TestCall, held: Share, talkMs: number, isEndUnsure: boolean): Share {
  if (isEndUnsure) return held;
  const seconds = Math.min(held.seconds, Math.ceil(talkMs / 1000));
  return { day: held.day, seconds, micros: priceMicros(entry, seconds) };
}

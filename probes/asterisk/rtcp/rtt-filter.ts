/** Longest round trip that is believed, in ms. */
const MAX_RTT_MS = 10_000;
/** Below this no round trip is doubted, in ms: a quiet LAN's triples of nothing are still nothing. */
const ALWAYS_BELIEVED_MS = 30;
/** A round trip may be this many times the largest of the last ones. */
const MAX_LEAP = 3;
/** How many of the last round trips are remembered. */
const REMEMBERED = 12;

/** The round trips that were believed last, oldest first, and one that was not, waiting to be borne out by the next. */
export type RttMemory = { readonly believedMs: readonly number[]; readonly doubtedMs: number | undefined };

/** A memory without any. */
export const EMPTY_RTT_MEMORY: RttMemory = { believedMs: [], doubtedMs: undefined };

/**
 * Passes a round trip on, or holds it back: Asterisk reckons it on the wall clock and hands nonsense on before its own check.
 * More than ten seconds is never believed; a leap past three times the largest of the last only when the next one is like it.
 *
 * @param rttMs - as reported.
 * @returns the memory after it, and the round trip if it is believed.
 * @see https://github.com/asterisk/asterisk/issues/2099
 */
export function filterRtt(memory: RttMemory, rttMs: number): { memory: RttMemory; rttMs: number | undefined } {
  if (rttMs > MAX_RTT_MS) return { memory, rttMs: undefined };
  const limitMs = Math.max(ALWAYS_BELIEVED_MS, MAX_LEAP * Math.max(0, ...memory.believedMs));
  const isBorneOut = memory.doubtedMs !== undefined && rttMs <= MAX_LEAP * memory.doubtedMs;
  if (memory.believedMs.length > 0 && rttMs > limitMs && !isBorneOut) {
    return { memory: { ...memory, doubtedMs: rttMs }, rttMs: undefined };
  }
  const believedMs = [...memory.believedMs, rttMs].slice(-REMEMBERED);
  return { memory: { believedMs, doubtedMs: undefined }, rttMs };
}

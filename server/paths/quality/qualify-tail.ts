import { wilsonInterval } from '../wilson.ts';

/**
 * First tries of a non-INVITE transaction over UDP, milliseconds after the first: timer E starts at T1 = 500 ms and doubles up
 * to T2 = 4 s.
 *
 * @see RFC 3261 §17.1.2.2.
 */
const TRY_AT_MS: readonly number[] = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];

/** Half the distance between two tries that a round trip may be off before it belongs to none. */
const TOLERANCE_MS = 200;
/** A path as slow as this puts an answer of the first try among those of the second. */
const MAX_BASE_MS = 250;
const MIN_SAMPLES = 10;

/** One qualify: its round trip, or `undefined` where it was given up after `timeoutMs`. */
export type QualifySample = { readonly rttMs: number | undefined; readonly timeoutMs: number };

/** Chance that one try and its answer get through or not, from the tail of the round trips. */
export type TailEstimate =
  | {
      readonly ok: true;
      readonly n: number;
      readonly baseMs: number;
      /** Tries that were missed and tries that were made, over all samples. */
      readonly missed: number;
      readonly tries: number;
      readonly missRatio: number;
      readonly lowRatio: number;
      readonly highRatio: number;
      /** Samples whose round trip belongs to no try: a slow answer, or a busy Asterisk. */
      readonly unplaced: number;
    }
  | { readonly ok: false; readonly because: 'few-samples' | 'slow-path' };

/**
 * Estimates loss from the round trips of a qualify that retransmits: an answer to the second try comes 0.5 s late, to the third
 * 1.5 s. With f the chance that a try is missed, a sample that was answered by try j has likelihood f^(j-1) (1-f) and one
 * given up after m tries f^m, so f is missed tries over tries.
 *
 * @returns a round-trip figure: loss on the way there, on the way back, and of a far end that drops. Its interval is Wilson's.
 */
export function estimateTail(samples: readonly QualifySample[]): TailEstimate {
  const answered = samples.flatMap(({ rttMs }) => (rttMs === undefined ? [] : [rttMs])).toSorted((a, b) => a - b);
  if (samples.length < MIN_SAMPLES || answered.length === 0) return { ok: false, because: 'few-samples' };
  const least = answered[0] ?? 0;
  const first = answered.filter((rttMs) => rttMs < least + TOLERANCE_MS);
  const baseMs = first[Math.floor((first.length - 1) / 2)] ?? least;
  if (baseMs > MAX_BASE_MS) return { ok: false, because: 'slow-path' };
  let [missed, tries, unplaced] = [0, 0, 0];
  for (const { rttMs, timeoutMs } of samples) {
    if (rttMs === undefined) {
      const made = TRY_AT_MS.filter((atMs) => atMs < timeoutMs).length;
      missed += made;
      tries += made;
      continue;
    }
    const answeredTry = TRY_AT_MS.findIndex((atMs) => Math.abs(rttMs - baseMs - atMs) <= TOLERANCE_MS);
    if (answeredTry === -1) unplaced += 1;
    else {
      missed += answeredTry;
      tries += answeredTry + 1;
    }
  }
  if (tries === 0) return { ok: false, because: 'few-samples' };
  return {
    ok: true,
    n: samples.length,
    baseMs,
    missed,
    tries,
    unplaced,
    missRatio: missed / tries,
    ...wilsonInterval({ sent: tries, lost: missed }),
  };
}

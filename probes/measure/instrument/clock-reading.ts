import type { ClockReading } from '../../../wire/measurement.ts';

/** A reading, or why the text gives none. */
export type ClockResult =
  | { readonly ok: true; readonly reading: ClockReading }
  | { readonly ok: false; readonly fault: 'not-synchronised' | 'bad-text' };

/** STA_UNSYNC: nothing disciplines the clock. STA_NANO: `offset` is in nanoseconds. */
const STA_UNSYNC = 0x0040;
const STA_NANO = 0x2000;

const CHRONY_FIELDS = 14;
const MAX_MS = 1e12;

/**
 * Reads what `chronyc -c -n tracking` prints (chrony 4, one line, comma between the fields):
 *
 *      0 reference id, hex        5 last offset, s           10 root delay, s
 *      1 address or name          6 RMS offset, s            11 root dispersion, s
 *      2 stratum                  7 frequency, ppm           12 update interval, s
 *      3 reference time, epoch s  8 residual frequency, ppm  13 leap status, in words
 *      4 system time, s           9 skew, ppm
 *
 * Field 4 is what has to be added to the host's clock, so positive where it is slow; our offset is host less true time, of the
 * other sign. The error is the root distance, root dispersion + root delay / 2.
 *
 * @returns `not-synchronised` where chrony has no source it follows: its figures mean nothing then.
 * @see chronyc(1), "tracking"; RFC 5905 §11.1 (root distance).
 */
export function parseChronyTracking(text: string): ClockResult {
  const fields = text.trim().split(',');
  const leap = fields[13];
  if (fields.length !== CHRONY_FIELDS || leap === undefined || text.trim().includes('\n')) return BAD;
  const correctionS = decimal(fields[4]);
  const delayS = decimal(fields[10]);
  const dispersionS = decimal(fields[11]);
  if (leap === 'Not synchronised') return { ok: false, fault: 'not-synchronised' };
  if (!['Normal', 'Insert second', 'Delete second'].includes(leap)) return BAD;
  if (correctionS === undefined || delayS === undefined || dispersionS === undefined || dispersionS < 0) return BAD;
  return reading('chrony', -correctionS * 1000, (dispersionS + Math.abs(delayS) / 2) * 1000, true);
}

/**
 * Reads the kernel's own state of the clock as six decimal numbers between blanks, in the order of `struct timex`:
 *
 *     state      return value of adjtimex(2), 0 to 5
 *     offset     still to be added by slewing, µs or (STA_NANO) ns
 *     freq       scaled ppm; not used
 *     maxerror   bound of the error, µs; grows by 500 ppm from what the time daemon last set
 *     esterror   estimated error, µs; not used
 *     status     STA_ bits
 *
 * Without a time daemon the kernel says STA_UNSYNC, and a `maxerror` of 16 s that is a constant and no measurement.
 *
 * @see adjtimex(2); Linux include/uapi/linux/timex.h.
 */
export function parseTimex(text: string): ClockResult {
  const words = text.trim().split(' ');
  const numbers = words.map((word) => (/^-?[0-9]{1,18}$/.test(word) ? Number(word) : undefined));
  const [state, offset, frequency, maxErrorUs, estimatedErrorUs, status] = numbers;
  const isWhole = numbers.length === 6 && frequency !== undefined && estimatedErrorUs !== undefined;
  if (!isWhole || state === undefined || state < 0 || state > 5) return BAD;
  if (offset === undefined || maxErrorUs === undefined || maxErrorUs < 0 || status === undefined || status < 0)
    return BAD;
  const offsetMs = -offset / ((status & STA_NANO) === 0 ? 1e3 : 1e6);
  return reading('kernel', offsetMs, maxErrorUs / 1e3, (status & STA_UNSYNC) === 0);
}

/** Worst drift of a clock between two readings, parts of one: the kernel's own bound, and RFC 5905's where chrony steers. */
const DRIFT_RATIO = { kernel: 500e-6, chrony: 15e-6 } as const;

/** A reading as it stands `ageMs` after it was taken: its error has grown by the drift that is possible. */
export function agedClock(taken: ClockReading, ageMs: number): ClockReading {
  return { ...taken, errorMs: taken.errorMs + Math.max(0, ageMs) * DRIFT_RATIO[taken.source] };
}

const BAD: ClockResult = { ok: false, fault: 'bad-text' };

function reading(
  source: ClockReading['source'],
  offsetMs: number,
  errorMs: number,
  isSynchronised: boolean,
): ClockResult {
  if (Math.abs(offsetMs) > MAX_MS || errorMs > MAX_MS) return BAD;
  return { ok: true, reading: { offsetMs: offsetMs + 0, errorMs, source, isSynchronised } };
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?[0-9]{1,12}\.[0-9]{1,12}$/.test(text) ? Number(text) : undefined;
}

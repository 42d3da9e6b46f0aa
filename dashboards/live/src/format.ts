/** No-break space: a figure and its unit stay on one line. */
const NBSP = '\u00a0';

/**
 * Writes a ratio as a percentage without ever rounding a little to nothing or almost all to all.
 *
 * @param ratio - 0 to 1; anything else, or NaN, is written as `?`.
 * @returns `0 %`, `<0.1 %`, `4.2 %`, `31 %`, `>99.9 %`, `100 %`.
 */
export function formatPercent(ratio: number): string {
  if (!(ratio >= 0 && ratio <= 1)) return '?';
  if (ratio === 0) return `0${NBSP}%`;
  if (ratio === 1) return `100${NBSP}%`;
  if (ratio < 0.001) return `<0.1${NBSP}%`;
  if (ratio > 0.999) return `>99.9${NBSP}%`;
  const percent = ratio * 100;
  return percent < 9.95 || percent > 99 ? `${percent.toFixed(1)}${NBSP}%` : `${Math.round(percent)}${NBSP}%`;
}

/** Writes a duration measured in milliseconds with a precision that fits its size: `0.42 ms`, `8.3 ms`, `120 ms`, `2.1 s`. */
export function formatMs(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return '?';
  const size = Math.abs(durationMs);
  if (size >= 10_000) return `${(durationMs / 1000).toFixed(0)}${NBSP}s`;
  if (size >= 1000) return `${(durationMs / 1000).toFixed(1)}${NBSP}s`;
  if (size >= 10) return `${Math.round(durationMs)}${NBSP}ms`;
  return `${durationMs.toFixed(size >= 1 || size === 0 ? 1 : 2)}${NBSP}ms`;
}

/** Writes how long something lasts or lasted, in at most two units: `4 s`, `3 min`, `2 h 05 min`, `3 d 4 h`; negative counts as 0. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return '?';
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Writes a length of a window exactly where it is whole: `60 s`, `5 min`, `90 s`. */
export function formatWindow(windowMs: number): string {
  if (!Number.isFinite(windowMs)) return '?';
  if (windowMs >= 120_000 && windowMs % 60_000 === 0) return `${windowMs / 60_000} min`;
  return windowMs >= 1000 ? `${Math.round(windowMs / 100) / 10} s` : `${Math.round(windowMs)} ms`;
}

/**
 * Writes a wall time in the reader's zone; the date is added when it is not the day of `nowEpochMs`.
 *
 * @param timeZone - IANA name; the browser's own zone when left out.
 */
export function formatClock(atEpochMs: number, nowEpochMs: number, timeZone?: string): string {
  if (!isTime(atEpochMs)) return '?';
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = (epochMs: number): string => new Intl.DateTimeFormat('en-CA', zone).format(epochMs);
  const clock = new Intl.DateTimeFormat('en-GB', { ...zone, timeStyle: 'medium' }).format(atEpochMs);
  return isTime(nowEpochMs) && day(atEpochMs) === day(nowEpochMs) ? clock : `${day(atEpochMs)} ${clock}`;
}

/** Writes a wall time in UTC, for titles beside local times and for disputes: `2025-11-24 03:12:04 UTC`. */
export function formatUtc(atEpochMs: number): string {
  if (!isTime(atEpochMs)) return '?';
  return `${new Date(atEpochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Writes a count with its noun: `1 path`, `12,000 paths`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : nouns}`;
}

/** Writes a count with thousands parted: `12,000`. */
export function formatCount(count: number): string {
  return new Intl.NumberFormat('en').format(count);
}

function isTime(epochMs: number): boolean {
  return Number.isFinite(epochMs) && Math.abs(epochMs) <= 8.64e15;
}

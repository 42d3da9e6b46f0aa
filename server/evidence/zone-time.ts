const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Zones change their distance from UTC on a quarter of an hour. */
const QUARTER_MS = 900_000;
/** Distances that are remembered; beyond it all are asked for anew. */
const MAX_REMEMBERED = 10_000;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Whether this system knows the zone, by its IANA name such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * A wall time in words that every reader of every country reads alike: `2026-03-14 03:07:02 UTC`.
 *
 * @param epochMs - fractions of a second are left out.
 * @param zone - IANA name; `UTC` when absent. Other zones are given with their distance from UTC, `2026-03-14 04:07:02 UTC+1`.
 * @throws RangeError for a zone that {@link isTimeZone} does not know.
 */
export function zoneTime(epochMs: number, zone = 'UTC'): string {
  const offsetMs = offsetOf(epochMs, zone);
  const { day, hour, minute, month, second, year } = partsOf(epochMs + offsetMs);
  return `${year}-${month}-${day} ${hour}:${minute}:${second} UTC${signed(offsetMs)}`;
}

/** Hour and minute alone, for the foot of a chart. */
export function zoneClock(epochMs: number, zone = 'UTC'): string {
  const { hour, minute } = partsOf(epochMs + offsetOf(epochMs, zone));
  return `${hour}:${minute}`;
}

/** `2026-03-14T03:07:02.123Z`, for programs. */
export function isoTime(epochMs: number): string {
  const { day, hour, minute, month, second, thousandth, year } = partsOf(epochMs);
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${thousandth}Z`;
}

/**
 * Date and time of the proleptic Gregorian calendar, by counting in eras of 400 years that begin on 1 March.
 *
 * @see H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
 */
function partsOf(localMs: number) {
  const wholeMs = Math.floor(localMs);
  const days = Math.floor(wholeMs / DAY_MS) + 719_468;
  const ofDayMs = wholeMs - (days - 719_468) * DAY_MS;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const years = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: pad(years + era * 400 + (month <= 2 ? 1 : 0), 4),
    month: pad(month, 2),
    day: pad(ofYear - Math.floor((153 * shifted + 2) / 5) + 1, 2),
    hour: pad(Math.floor(ofDayMs / HOUR_MS), 2),
    minute: pad(Math.floor(ofDayMs / 60_000) % 60, 2),
    second: pad(Math.floor(ofDayMs / 1000) % 60, 2),
    thousandth: pad(ofDayMs % 1000, 3),
  };
}

/** How far the wall clock of a zone is ahead of UTC at a time, milliseconds. @throws RangeError as {@link zoneTime}. */
export function zoneOffsetMs(epochMs: number, zone: string): number {
  return offsetOf(epochMs, zone);
}

function offsetOf(epochMs: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const slot = Math.floor(epochMs / QUARTER_MS);
  const key = `${zone} ${slot}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const parts = formatOf(zone).formatToParts(slot * QUARTER_MS);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes = '0'] = /^GMT([+-])(\d{1,2})(?::(\d{2}))?/.exec(name) ?? [];
  const distanceMs = hours === undefined ? 0 : Number(hours) * HOUR_MS + Number(minutes) * 60_000;
  const offsetMs = sign === '-' ? -distanceMs : distanceMs;
  if (offsets.size >= MAX_REMEMBERED) offsets.clear();
  offsets.set(key, offsetMs);
  return offsetMs;
}

function signed(offsetMs: number): string {
  if (offsetMs === 0) return '';
  const minutes = Math.abs(offsetMs) / 60_000;
  const rest = minutes % 60 === 0 ? '' : `:${pad(minutes % 60, 2)}`;
  return `${offsetMs < 0 ? '-' : '+'}${Math.floor(minutes / 60)}${rest}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', timeZoneName: 'shortOffset' });
  formats.set(zone, format);
  return format;
}

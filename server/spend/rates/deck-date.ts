import { zoneOffsetMs } from '../../evidence/zone-time.ts';

const DAY_MS = 86_400_000;

/** How a deck writes days. A time behind one, `2026-03-01 12:00` or `…T12:00:00`, is read too; without one the day begins. */
export type DateOrder = 'YYYY-MM-DD' | 'DD.MM.YYYY' | 'DD/MM/YYYY' | 'MM/DD/YYYY';

const FORMS: Readonly<Record<DateOrder, RegExp>> = {
  'YYYY-MM-DD': /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})/,
  'DD.MM.YYYY': /^(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4})/,
  'DD/MM/YYYY': /^(?<day>\d{1,2})\/(?<month>\d{1,2})\/(?<year>\d{4})/,
  'MM/DD/YYYY': /^(?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{4})/,
};
const CLOCK = /^(?:[T ](?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}))?)?(?<utc>Z)?$/;

/**
 * Reads a day of a deck.
 *
 * @param zone - IANA name of a zone that this system knows; the day begins at its midnight. `Z` behind a time makes it UTC.
 * @returns epoch milliseconds, or undefined for what is no such day between 2000 and 2199. In the hour that a change of clocks
 * repeats or leaves out it is the earlier of what may be meant.
 */
export function deckDate(text: string, order: DateOrder, zone: string): number | undefined {
  const plain = text.trim();
  const date = FORMS[order].exec(plain);
  const clock = date && CLOCK.exec(plain.slice(date[0].length));
  if (!date?.groups || !clock) return undefined;
  const [year, month, day] = ['year', 'month', 'day'].map((part) => Number(date.groups?.[part]));
  const [hour, minute, second] = ['hour', 'minute', 'second'].map((part) => Number(clock.groups?.[part] ?? 0));
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  if (year < 2000 || year > 2199 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const localMs = daysSince1970(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
  if (clock.groups?.['utc'] !== undefined) return localMs;
  return localMs - Math.max(...distances(localMs, zone));
}

/** Distances from UTC that give this very wall time, or those around the hour that a change of clocks leaves out. */
function distances(localMs: number, zone: string): readonly number[] {
  const near = [localMs - DAY_MS, localMs + DAY_MS].map((atMs) => zoneOffsetMs(atMs, zone));
  const exact = near.filter((distanceMs) => zoneOffsetMs(localMs - distanceMs, zone) === distanceMs);
  return exact.length > 0 ? exact : near;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** @see H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil; for years above 0. */
function daysSince1970(year: number, month: number, day: number): number {
  const fromMarch = month <= 2 ? year - 1 : year;
  const era = Math.floor(fromMarch / 400);
  const ofEra = fromMarch - era * 400;
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

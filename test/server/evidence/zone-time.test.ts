import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime, isTimeZone, zoneClock, zoneTime } from '../../../server/evidence/zone-time.ts';

describe('times of evidence', () => {
  it.each([
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 0, 59, 59), '2026-03-29 01:59:59 UTC+1'],
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 1, 0, 0), '2026-03-29 03:00:00 UTC+2'],
    ['Europe/Berlin', Date.UTC(2026, 9, 25, 0, 30), '2026-10-25 02:30:00 UTC+2'],
    ['Europe/Berlin', Date.UTC(2026, 9, 25, 1, 30), '2026-10-25 02:30:00 UTC+1'],
    ['Asia/Kolkata', Date.UTC(2026, 0, 1, 20, 0), '2026-01-02 01:30:00 UTC+5:30'],
    ['America/St_Johns', Date.UTC(2026, 0, 1, 2, 0), '2025-12-31 22:30:00 UTC-3:30'],
    ['UTC', Date.UTC(2028, 1, 29, 23, 59, 59, 999), '2028-02-29 23:59:59 UTC'],
  ])('in %s say their distance from UTC, on both sides of a change of the clock', (zone, epochMs, text) => {
    expect(zoneTime(epochMs, zone)).toBe(text);
  });

  it('agree with the calendar of the system, at any time', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (epochMs) => {
        expect(isoTime(epochMs)).toBe(new Date(epochMs).toISOString());
      }),
    );
  });

  it('agree with the zones of the system, to the minute', () => {
    const berlin = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
    fc.assert(
      fc.property(fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 }), (epochMs) => {
        expect(zoneClock(epochMs, 'Europe/Berlin')).toBe(berlin.format(epochMs));
      }),
    );
  });

  it('know which names are zones', () => {
    expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});

import { describe, expect, it } from 'vitest';
import { maintenanceFaults, pinFaults } from '../../../server/routing/ordered-names.ts';
import { isoTime, spanOf } from '../../../server/routing/ordered-span.ts';

const KNOWN = {
  sites: ['fra'],
  siteOf: new Map([['fra-1', 'fra']]),
  providerOf: new Map([
    ['a', 'telco-a'],
    ['b', 'telco-b'],
  ]),
  classes: [{ class: 'national', trunks: ['a'] }],
};
const NOW = Date.UTC(2026, 0, 1);

describe('names in an order', () => {
  it('are all known: nothing is wrong', () => {
    expect(pinFaults({ scope: { pbx: 'fra-1', class: 'national' }, trunks: ['a'] }, KNOWN)).toEqual([]);
    for (const of of [{ trunk: 'b' }, { provider: 'telco-b' }, { site: 'fra' }, { pbx: 'fra-1' }]) {
      expect(maintenanceFaults(of, KNOWN)).toEqual([]);
    }
  });

  it('that are not configured are told all at once, each with its place', () => {
    const faults = pinFaults({ scope: { site: 'lon', class: 'mobile' }, trunks: ['a', 'x'] }, KNOWN);
    expect(faults).toEqual([
      { fault: 'unknown-name', sentence: 'scope.site: no site lon is configured' },
      { fault: 'unknown-name', sentence: 'scope.class: no class mobile is configured' },
      { fault: 'unknown-name', sentence: 'trunks[1]: no trunk x is configured' },
    ]);
    const places = [{ trunk: 'x' }, { provider: 'x' }, { site: 'x' }, { pbx: 'x' }];
    expect(places.flatMap((of) => maintenanceFaults(of, KNOWN)).map(({ sentence }) => sentence)).toEqual([
      'of.trunk: no trunk x is configured',
      'of.provider: no provider x is configured',
      'of.site: no site x is configured',
      'of.pbx: no PBX x is configured',
    ]);
  });

  it('refuse a trunk that the class does not use, and anything for emergency calls (rule 4)', () => {
    expect(pinFaults({ scope: { class: 'national' }, trunks: ['b'] }, KNOWN)).toEqual([
      { fault: 'refused', sentence: 'trunks[0]: b is not in the trunks of class national' },
    ]);
    expect(pinFaults({ scope: { class: 'emergency' }, trunks: ['a'] }, KNOWN)).toEqual([
      {
        fault: 'refused',
        sentence: 'scope.class: emergency calls go by the static list of each PBX, which no order changes',
      },
    ]);
  });
});

describe('the span of an order', () => {
  it('begins now where it says nothing else or something past, and ends where it says', () => {
    expect(spanOf({}, NOW)).toEqual({ span: { fromMs: NOW } });
    expect(spanOf({ fromEpochMs: NOW - 5, forS: 60 }, NOW)).toEqual({ span: { fromMs: NOW, untilMs: NOW + 60_000 } });
    expect(spanOf({ fromEpochMs: NOW + 5, untilEpochMs: NOW + 6 }, NOW)).toEqual({
      span: { fromMs: NOW + 5, untilMs: NOW + 6 },
    });
  });

  it.each([
    [{ untilEpochMs: NOW }, "untilEpochMs: 2026-01-01T00:00:00Z is over; the hub's clock says 2026-01-01T00:00:00Z"],
    [
      { fromEpochMs: NOW + 9000, untilEpochMs: NOW + 5000 },
      'untilEpochMs: 2026-01-01T00:00:05Z is not after its begin, 2026-01-01T00:00:09Z',
    ],
    [{ untilEpochMs: NOW + 1, forS: 1 }, 'forS: either this or untilEpochMs, not both'],
    [{ fromEpochMs: NOW + 367 * 86_400_000 }, 'fromEpochMs: more than 366 days ahead'],
    [{ forS: 367 * 86_400 }, 'forS: longer than 366 days'],
  ])('%j is refused with its place', (asked, sentence) => {
    expect(spanOf(asked, NOW)).toEqual({ fault: { fault: 'refused', sentence } });
  });

  it('is told in UTC', () => {
    expect(isoTime(NOW + 1500)).toBe('2026-01-01T00:00:01Z');
  });
});

import { describe, expect, it } from 'vitest';
import type { CountedCall } from '../../../server/paths/quality/call-window.ts';
import { CallLedger } from '../../../server/routing/call-ledger.ts';
import { NOW } from './judged.ts';

const ANSWERED: CountedCall = {
  isAnswered: true,
  statusCode: 200,
  causeCode: 16,
  hasRung: true,
  missedEvents: false,
  pddMs: 900,
  talkMs: 60_000,
};
const REFUSED: CountedCall = {
  ...ANSWERED,
  isAnswered: false,
  statusCode: 503,
  causeCode: 34,
  hasRung: false,
  pddMs: undefined,
  talkMs: undefined,
};
const A = { trunk: 'a', class: 'national' };

describe('ledger of calls', () => {
  it('keeps the calls of a PBX, trunk and class apart, and says which are news', () => {
    const ledger = new CallLedger();
    expect(ledger.add('fra-1', A, ANSWERED, NOW)).toBe(false);
    expect(ledger.add('fra-1', A, REFUSED, NOW + 1)).toBe(true);
    expect(ledger.recent('fra-1', 'a', 'national')).toEqual([
      { atMs: NOW, isEffective: true, isAnswered: true, pddMs: 900 },
      { atMs: NOW + 1, isEffective: false, isAnswered: false, pddMs: undefined },
    ]);
    expect(ledger.recent('fra-1', 'b', 'national')).toEqual([]);
    expect(ledger.recent('ams-1', 'a', 'national')).toEqual([]);
    expect(ledger.recent('fra-1', 'a', 'mobile')).toEqual([]);
  });

  it('a busy line is no fault of the trunk (ITU-T E.425, NER)', () => {
    const ledger = new CallLedger();
    expect(ledger.add('fra-1', A, { ...REFUSED, statusCode: 486, causeCode: 17 }, NOW)).toBe(false);
    expect(ledger.recent('fra-1', 'a', 'national')[0]).toMatchObject({ isEffective: true, isAnswered: false });
  });

  it.each<[string, Partial<CountedCall>]>([
    ['hidden by a gap in the events', { missedEvents: true }],
    ['redirected', { statusCode: 302, causeCode: 23 }],
    ['won by another branch', { statusCode: undefined, causeCode: 26 }],
    ['given up before it rang', { statusCode: undefined, causeCode: 16 }],
  ])('a call %s says nothing of its trunk, but that the class is in use', (_name, parts) => {
    const ledger = new CallLedger();
    expect(ledger.add('fra-1', A, { ...REFUSED, ...parts }, NOW)).toBe(false);
    expect(ledger.recent('fra-1', 'a', 'national')).toEqual([]);
    expect(ledger.latestAtMs('fra-1', 'national')).toBe(NOW);
  });

  it('calls whose class was not told speak for the classes that have none of their own', () => {
    const ledger = new CallLedger();
    ledger.add('fra-1', { trunk: 'a', class: undefined }, REFUSED, NOW);
    ledger.add('fra-1', A, ANSWERED, NOW + 5);
    expect(ledger.recent('fra-1', 'a', 'mobile')).toHaveLength(1);
    expect(ledger.recent('fra-1', 'a', 'national')).toMatchObject([{ isAnswered: true }]);
    expect(ledger.latestAtMs('fra-1', 'national')).toBe(NOW + 5);
    expect(ledger.latestAtMs('fra-1', 'mobile')).toBe(NOW);
    expect(ledger.latestAtMs('ams-1', 'mobile')).toBeUndefined();
  });

  it('remembers the last 64', () => {
    const ledger = new CallLedger();
    for (let at = 0; at < 100; at += 1) ledger.add('fra-1', A, ANSWERED, NOW + at);
    const kept = ledger.recent('fra-1', 'a', 'national');
    expect([kept.length, kept[0]?.atMs, kept.at(-1)?.atMs]).toEqual([64, NOW + 36, NOW + 99]);
  });
});

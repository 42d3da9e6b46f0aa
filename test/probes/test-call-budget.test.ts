import { expect, test } from 'vitest';
import { dayOf, dearestSeconds, priceMicros, reserve, settle, spentBy } from '../../probes/test-call-budget.ts';
import { assignCalls, dueCalls } from '../../probes/test-call-schedule.ts';
import { ENTRY } from './test-call-bench.ts';

const NOON = Date.UTC(2026, 0, 15, 12);

test('a call is held at its talk and an unanswered BYE, in whole minutes', () => {
  expect(dearestSeconds({ ...ENTRY, talkMs: 30_000 })).toBe(62);
  expect(reserve({ ...ENTRY, talkMs: 30_000 }, [], NOON)).toEqual({
    ok: true,
    share: { day: '2026-01-15', seconds: 62, micros: 41_000 },
  });
});

test.each([
  ['calls', { maxPerDay: 1 }],
  ['seconds', { maxSecondsPerDay: 40 }],
  ['money', { maxMicrosPerDay: 41_999 }],
] as const)('the bound of %s is held', (because, change) => {
  const spent = [{ day: '2026-01-15', calls: 1, seconds: 34, micros: 21_000 }];
  expect(reserve({ ...ENTRY, ...change }, spent, NOON)).toEqual({ ok: false, because, day: '2026-01-15' });
  expect(reserve({ ...ENTRY, ...change }, spent, NOON + 86_400_000)).toMatchObject({ ok: true });
});

test('an entry of a whole trunk is held over all its edges together, one of an edge over that alone', () => {
  const day = '2026-01-15';
  const spent = new Map([
    ['acme.one', [{ day, calls: 1, seconds: 3, micros: 21_000 }]],
    ['acme.two', [{ day, calls: 1, seconds: 4, micros: 21_000 }]],
    ['other.one', [{ day, calls: 9, seconds: 9, micros: 9 }]],
  ]);
  const whole = { ...ENTRY, maxPerDay: 2 };
  expect(reserve(whole, spentBy(whole, spent), NOON)).toEqual({ ok: false, because: 'calls', day });
  const single = { ...whole, edge: 'two' };
  expect(reserve(single, spentBy(single, spent), NOON)).toMatchObject({ ok: true });
  const money = { ...ENTRY, maxMicrosPerDay: 42_000 + 20_999 };
  expect(reserve(money, spentBy(money, spent), NOON)).toEqual({ ok: false, because: 'money', day });
});

test('the last micro-unit may be spent', () => {
  const spent = [{ day: '2026-01-15', calls: 1, seconds: 34, micros: 21_000 }];
  expect(reserve({ ...ENTRY, maxMicrosPerDay: 42_000 }, spent, NOON)).toMatchObject({ ok: true });
});

test('what was not used is given back, but not where the end is unsure', () => {
  const held = { day: '2026-01-15', seconds: 62, micros: 41_000 };
  expect(settle(ENTRY, held, 2001, false)).toEqual({ day: '2026-01-15', seconds: 3, micros: 21_000 });
  expect(settle(ENTRY, held, 0, false)).toEqual({ day: '2026-01-15', seconds: 0, micros: 0 });
  expect(settle(ENTRY, held, 2001, true)).toEqual(held);
  expect(priceMicros(ENTRY, 61)).toBe(41_000);
});

test('a day begins at midnight of the named zone', () => {
  const lateEvening = Date.UTC(2026, 0, 15, 23, 30);
  expect([dayOf(lateEvening, 'UTC'), dayOf(lateEvening, 'Europe/Berlin')]).toEqual(['2026-01-15', '2026-01-16']);
});

test('calls are due at their phase of the hub clock, and slots slept through are not made up for', () => {
  const duty = { target: 'acme.one', everyMs: 60_000, phaseMs: 15_000 };
  const schedule = assignCalls(new Map(), [duty], 1_000_000, 0);
  expect(schedule.get('acme.one')?.nextAtMs).toBe(35_000);
  expect(dueCalls(schedule, 34_999).due).toEqual([]);
  const late = dueCalls(schedule, 35_000 + 150_000);
  expect(late.due).toEqual(['acme.one']);
  expect(late.schedule.get('acme.one')?.nextAtMs).toBe(35_000 + 180_000);
  expect(assignCalls(late.schedule, [duty], 999_000, 190_000)).toEqual(late.schedule);
});

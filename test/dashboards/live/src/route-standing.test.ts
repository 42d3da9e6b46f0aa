import { describe, expect, test } from 'vitest';
import { routeLines } from '../../../../dashboards/live/src/route-lines.ts';
import {
  describeOrder,
  routeCountText,
  routeStanding,
  trunksInAsterisk,
} from '../../../../dashboards/live/src/route-standing.ts';
import { route } from '../../../browser/support/fleet.ts';

const AWAY = {
  planned: [
    { trunk: 'b', weight: 100 },
    { trunk: 'a', weight: 0 },
    { trunk: 'c', weight: 0 },
  ],
};
const TAIL = {
  planned: [
    { trunk: 'a', weight: 100 },
    { trunk: 'c', weight: 0 },
    { trunk: 'b', weight: 0 },
  ],
};
const CONFIGURED_IN_ASTERISK = '2:7.41:a/100,b/0,c/0';
const AWAY_IN_ASTERISK = '2:7.42:b/100,a/0,c/0';

const make = (parts: Parameters<typeof route>[3]) => route('fra-1', 'national', ['a', 'b', 'c'], parts);
const unread = (parts: Parameters<typeof route>[3]) => {
  const { readBack: _readBack, ...rest } = make(parts);
  return rest;
};

describe('standing', () => {
  test.each([
    ['enforced and applied, configured order', make({}), false, 'default'],
    ['enforced and applied, another first trunk', make(AWAY), false, 'moved'],
    ['enforced and applied, same first trunk', make(TAIL), false, 'reordered'],
    ['enforced, not applied', make({ ...AWAY, isApplied: false }), false, 'pending'],
    ['enforced, the way back not applied', make({ isApplied: false, readBack: AWAY_IN_ASTERISK }), false, 'pending'],
    ['enforced but stopped', make({ ...AWAY, isApplied: false, readBack: CONFIGURED_IN_ASTERISK }), true, 'proposed'],
    [
      'observed, Asterisk on the configured order',
      make({ ...AWAY, mode: 'observe', readBack: CONFIGURED_IN_ASTERISK }),
      false,
      'proposed',
    ],
    ['observed, not read back', unread({ ...AWAY, mode: 'observe' }), false, 'proposed'],
    [
      'observed, Asterisk already as planned',
      make({ ...AWAY, mode: 'observe', readBack: AWAY_IN_ASTERISK }),
      false,
      'moved',
    ],
    ['observed, not read back, configured order', unread({ mode: 'observe' }), false, 'default'],
    ['observed, other weights proposed', make({ mode: 'observe', readBack: '2:7.41:a/95,b/5,c/0' }), false, 'proposed'],
  ] as const)('%s', (_case, value, isStopped, expected) => {
    expect(routeStanding(value, isStopped)).toBe(expected);
  });

  test('an observed plan is never shown as done on the word of isApplied alone (safety rule 7)', () => {
    expect(
      routeStanding(make({ ...AWAY, mode: 'observe', isApplied: true, readBack: CONFIGURED_IN_ASTERISK }), false),
    ).toBe('proposed');
  });
});

describe('orders in words', () => {
  test('what calls follow stands first', () => {
    const proposed = make({ ...AWAY, mode: 'observe', readBack: CONFIGURED_IN_ASTERISK });
    expect(routeLines(proposed, 'proposed')).toEqual([
      { label: 'in use', order: 'a › b › c' },
      { label: 'would be', order: 'b 100 % › a standby › c standby' },
    ]);
    expect(routeLines(make(AWAY), 'moved').map(({ label }) => label)).toEqual(['in use', 'default']);
  });

  test('what was not read back, or not understood, is said to be so', () => {
    expect(routeLines(unread({ ...AWAY, isApplied: false }), 'pending')[0]).toEqual({
      label: 'in use',
      order: 'not read back',
    });
    expect(routeLines(make({ ...AWAY, readBack: '9:what' }), 'proposed')[0].order).toBe('not understood: 9:what');
    expect(routeLines(unread({}), 'default')[0].label).toBe('not read back');
    expect(trunksInAsterisk(make({ readBack: '2:1.1:' }))).toBeUndefined();
  });

  test('weights are shares of new calls, weight 0 is standby', () => {
    expect(
      describeOrder([
        { trunk: 'a', weight: 3 },
        { trunk: 'b', weight: 1 },
        { trunk: 'c', weight: 0 },
      ]),
    ).toBe('a 75 % › b 25 % › c standby');
  });
});

describe('the count of routes', () => {
  const NONE = { default: 0, moved: 0, pending: 0, proposed: 0, reordered: 0 };

  test.each([
    ['all as configured', { ...NONE, default: 6 }, '0 of 6 routes off their default'],
    [
      'each way of being off',
      { ...NONE, default: 3, moved: 1, proposed: 1, reordered: 1 },
      '3 of 6 routes off their default',
    ],
    [
      'what was not read back, told apart',
      { ...NONE, pending: 6 },
      '6 not applied yet, 0 of 6 routes off their default',
    ],
    ['no route', NONE, '0 of 0 routes off their default'],
  ])('says %s', (_name, routes, text) => {
    expect(routeCountText(routes)).toBe(text);
  });
});

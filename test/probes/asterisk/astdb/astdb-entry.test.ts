import { expect, test } from 'vitest';
import { readTreeEntry, toStoredPlan } from '../../../../probes/asterisk/astdb/astdb-entry.ts';

const item = (...headers: [string, string][]) => ({ headers, wireBytes: 0 });

test.each([
  ['/trunkward/route/national', { key: 'route/national', value: 'v' }],
  ['/trunkward/class/1555', { key: 'class/1555', value: 'v' }],
  ['/trunkwardish/route/national', undefined],
  ['/other/trunkward/route/national', undefined],
  ['trunkward/route/national', undefined],
  ['/trunkward', undefined],
])('the tree’s key %s is %j', (path, entry) => {
  expect(readTreeEntry(item(['Event', 'DBGetTreeResponse'], ['Key', path], ['Val', 'v']))).toEqual(entry);
});

test('an item without key or value is none; an empty value is a value', () => {
  expect(readTreeEntry(item(['Val', 'v']))).toBeUndefined();
  expect(readTreeEntry(item(['Key', '/trunkward/down/acme']))).toBeUndefined();
  expect(readTreeEntry(item(['Key', '/trunkward/down/acme'], ['Val', '']))).toEqual({ key: 'down/acme', value: '' });
});

test('only routes and marks make the plan, under plain names', () => {
  const keys = ['route/a', 'down/b', 'route/a/b', 'route/', 'down', 'class/1', 'xroute/c', 'route/__proto__'];
  expect(toStoredPlan(keys.map((key) => ({ key, value: key })))).toEqual({
    routes: new Map([
      ['a', 'route/a'],
      ['__proto__', 'route/__proto__'],
    ]),
    down: new Map([['b', 'down/b']]),
  });
});

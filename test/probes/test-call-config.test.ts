import { expect, test } from 'vitest';
import type { ProbeTarget } from '../../probes/probe-targets.ts';
import { testCallEntry, testCallFaults } from '../../probes/test-call-config.ts';
import type { TestCall } from '../../probes/test-call-schema.ts';
import { probeConfig } from './probe-fixture.ts';
import { ENTRY, edgeAt } from './test-call-bench.ts';

const TRUNKS = [
  {
    trunk: 'acme',
    endpoint: 'acme',
    edges: [
      { edge: 'one', address: '192.0.2.1' },
      { edge: 'two', address: '192.0.2.2' },
    ],
  },
];
const SOUND = probeConfig({
  trunks: TRUNKS,
  classes: [{ class: 'national', prefixes: ['49'], trunks: ['acme'] }],
  emergency: { numbers: ['112'], trunks: ['acme'] },
});

function faultsOf(...changes: readonly Partial<TestCall>[]) {
  return testCallFaults({ ...SOUND, testCalls: changes.map((change) => ({ ...ENTRY, ...change })) });
}

test('a sound entry for each edge, or one for the whole trunk, has no fault', () => {
  expect(faultsOf({ edge: 'one' }, { edge: 'two' })).toEqual([]);
  expect(faultsOf({})).toEqual([]);
});

test.each([
  ['a trunk that is not there', { trunk: 'none' }, 'testCalls[0].trunk', 'not among trunks'],
  ['an edge that is not there', { edge: 'none' }, 'testCalls[0].edge', 'none is no edge of acme'],
  ['an emergency number', { number: '112' }, 'testCalls[0].number', 'emergency number'],
  ['seconds for no call', { talkMs: 30_000, maxSecondsPerDay: 61 }, 'testCalls[0].maxSecondsPerDay', 'held at 62 s'],
  ['money for no call', { maxMicrosPerDay: 20_999 }, 'testCalls[0].maxMicrosPerDay', 'held at 21000 micro-units'],
  ['a time zone of nowhere', { timeZone: 'Mars/Olympus' }, 'testCalls[0].timeZone', 'no time zone'],
] as const)('%s is told with its place', (_, change, path, message) => {
  expect(faultsOf(change)).toEqual([{ path, message: expect.stringContaining(message) }]);
});

test.each([
  ['the same edge twice', { edge: 'one' }, { edge: 'one' }],
  ['an edge of a trunk that is covered', {}, { edge: 'one' }],
  ['a whole trunk of which one edge is covered', { edge: 'one' }, {}],
] as const)('%s is told at the later entry', (_, first, second) => {
  expect(faultsOf(first, second)).toMatchObject([{ path: 'testCalls[1]' }]);
});

test('an entry covers UDP edges of its trunk alone, and no further source', () => {
  const edge = edgeAt(5060);
  expect(testCallEntry([ENTRY], edge)).toBe(ENTRY);
  const description = { target: 'acme.one', kind: 'trunk', trunk: 'acme', edge: 'one' } as const;
  const strangers: readonly ProbeTarget[] = [
    { ...edge, transport: 'tcp' },
    { ...edge, description: { ...description, trunk: 'other' } },
    { ...edge, description: { ...description, source: 'wan' } },
    { ...edge, description: { target: 'peer.ams-1', kind: 'peer', peer: 'ams-1' } },
  ];
  expect(strangers.map((target) => testCallEntry([ENTRY], target))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(testCallEntry([{ ...ENTRY, edge: 'two' }], edge)).toBeUndefined();
});

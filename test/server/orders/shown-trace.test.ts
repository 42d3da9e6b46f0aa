import { expect, test } from 'vitest';
import { shownTrace } from '../../../server/orders/shown-trace.ts';
import type { TraceBody } from '../../../server/orders/trace-judgement.ts';

/** Losses per hop of 30 packets; undefined for a silent hop. */
function shown(losses: readonly (number | undefined)[], isReached = true) {
  const hops = losses.map((lost, at) =>
    lost === undefined
      ? { hop: at + 1, sent: 30, lost: 30 }
      : { hop: at + 1, address: `10.0.0.${at + 1}`, sent: 30, lost, bestMs: 1, averageMs: 2, worstMs: 9 },
  );
  const body: TraceBody = { kind: 'trace', target: 'a.a1', isReached, hops };
  return shownTrace({ pbx: 'fra-1', receivedAtEpochMs: 7, body }, new Map([['fra-1', 'probe-1']]));
}

const remarks = (losses: readonly (number | undefined)[], isReached?: boolean) =>
  shown(losses, isReached).hops.map(({ remark }) => remark);

test('a shown trace says who made it, and of each hop n, loss with its interval and round trips', () => {
  const { hops, ...head } = shown([0, 12]);
  expect(head).toMatchObject({ pbx: 'fra-1', probe: 'probe-1', target: 'a.a1', endedAtEpochMs: 7, outcome: 'blamed' });
  // Wilson 95 % of 12 in 30, worked out by hand from the closed form.
  expect(hops[1]).toMatchObject({ sent: 30, lost: 12, bestMs: 1, averageMs: 2, worstMs: 9 });
  expect(hops[1]?.lowRatio).toBeCloseTo(0.2459, 3);
  expect(hops[1]?.highRatio).toBeCloseTo(0.5768, 3);
});

test('loss at a hop in the middle that does not last is said to be no fault of that hop', () => {
  expect(remarks([0, 20, undefined, 0, 12])).toEqual([
    '',
    'its loss does not last to the end: not a fault of this hop',
    'never answered: nothing is known of it',
    '',
    'loss begins here or just before, and lasts to the target',
  ]);
});

test.each<[string, readonly (number | undefined)[], boolean, readonly string[]]>([
  [
    'goes on',
    [0, 11, 12],
    true,
    ['', 'loss begins here or just before, and lasts to the target', 'loss from before goes on'],
  ],
  ['is chance', [0, 1], true, ['', 'no more than chance']],
  ['cannot be placed', [2, 5], true, Array(2).fill('too few packets to say where they are lost')],
  ['has no end', [0, 9], false, ['', 'the target did not answer: whether this loss lasts is not known']],
])('loss that %s is said so', (_name, losses, isReached, expected) => {
  expect(remarks(losses, isReached)).toEqual(expected);
});

test('a hop that was sent nothing has no interval, and a trace that was not made has no hops', () => {
  const body: TraceBody = { kind: 'trace', target: 'a.a1', isReached: false, hops: [{ hop: 1, sent: 0, lost: 0 }] };
  const bare = shownTrace({ pbx: 'x-1', receivedAtEpochMs: 7, body }, new Map());
  expect(bare.hops).toEqual([{ hop: 1, sent: 0, lost: 0, remark: 'never answered: nothing is known of it' }]);
  expect(bare.probe).toBeUndefined();
  const failed = { ...body, fault: 'mtr is not installed', hops: [] };
  expect(shownTrace({ pbx: 'x-1', receivedAtEpochMs: 7, body: failed }, new Map())).toMatchObject({
    outcome: 'failed',
    sentence: 'trace from x-1 to a.a1 was not made: mtr is not installed',
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeTrace, type TraceBody } from '../../../server/orders/trace-judgement.ts';

type Hub = { readonly count: number; readonly host: string; readonly 'Loss%': number; readonly Snt: number };

/** A trace out of losses per hop of 30 packets; undefined for a silent hop. The last hop is the target unless told. */
function trace(losses: readonly (number | undefined)[], isReached = true, sent = 30): TraceBody {
  const hops = losses.map((lost, at) =>
    lost === undefined ? { hop: at + 1, sent, lost: sent } : { hop: at + 1, address: `10.0.0.${at + 1}`, sent, lost },
  );
  return { kind: 'trace', target: 'a.a1', isReached, hops };
}

/** A run that was recorded over real routers, see test/vectors/mtr. */
function recorded(name: string, isReached = true): TraceBody {
  const text = readFileSync(new URL(`../../vectors/mtr/${name}.json`, import.meta.url), 'utf8');
  const { report } = JSON.parse(text) as { readonly report: { readonly hubs: readonly Hub[] } };
  const hops = report.hubs.map(({ count, host, Snt, ...hub }) => {
    const counted = { hop: count, sent: Snt, lost: Math.round((Snt * hub['Loss%']) / 100) };
    return host === '???' ? counted : { ...counted, address: host };
  });
  return { kind: 'trace', target: 'a.a1', isReached, hops };
}

const judge = (body: TraceBody) => judgeTrace('fra-1 to a.a1', body);

describe('judgeTrace', () => {
  test('blames no router that only limits its own replies, and says so (recorded)', () => {
    expect(judge(recorded('rate-limited'))).toEqual({
      kind: 'no-loss',
      afterHop: undefined,
      fromHop: undefined,
      rateLimitedHops: [1],
      sentence:
        'trace from fra-1 to a.a1: 0 of 10 lost at the target, hop 3; hop 1 (10.91.1.2) left 6 of 10 unanswered: limits its replies, not to blame',
    });
  });

  test('places a loss that lasts to the target between the last quiet hop and the first that loses (recorded)', () => {
    expect(judge(recorded('loss'))).toMatchObject({
      kind: 'blamed',
      afterHop: 2,
      fromHop: 3,
      sentence:
        'trace from fra-1 to a.a1: loss begins between hop 2 (10.91.2.2) and hop 3 (10.91.3.2) and lasts to the target, 6 of 10 from there on against 0 of 20 before; the target itself may limit its replies',
    });
  });

  test('passes over silent hops', () => {
    expect(judge(recorded('silent'))).toMatchObject({ kind: 'no-loss', rateLimitedHops: [] });
    expect(judge(trace([0, undefined, 9, 10]))).toMatchObject({ kind: 'blamed', afterHop: 1, fromHop: 3 });
  });

  test('blames nobody where the target never answered: nothing lasts to an end that is not seen', () => {
    expect(judge(recorded('unreached', false))).toMatchObject({
      kind: 'not-reached',
      sentence:
        'trace from fra-1 to a.a1: the target did not answer, hop 2 (10.91.2.2) is the last that did; no hop is blamed',
    });
    expect(judge(trace([0, 12, 11], false)).kind).toBe('not-reached');
    expect(judge(trace([undefined, undefined], false)).sentence).toContain('no hop did; no hop is blamed');
    const { isReached: _, ...older } = trace([0, 12, 11]);
    expect(judge(older).kind).toBe('not-reached');
  });

  test.each<[string, readonly number[], object]>([
    ['30 % from the middle on', [0, 0, 9, 8, 10], { kind: 'blamed', afterHop: 2, fromHop: 3 }],
    ['loss from the first hop on', [9, 8, 10], { kind: 'blamed', afterHop: undefined, fromHop: 1 }],
    ['a limited router before the loss', [0, 20, 0, 9, 10], { kind: 'blamed', afterHop: 3, rateLimitedHops: [2] }],
    ['a limited router inside the loss', [0, 0, 9, 27, 9, 10], { kind: 'blamed', afterHop: 2, rateLimitedHops: [4] }],
    ['loss in the middle that does not last', [0, 9, 0, 0], { kind: 'no-loss', rateLimitedHops: [2] }],
    ['two of thirty at the target', [0, 0, 2], { kind: 'no-loss', rateLimitedHops: [] }],
    ['a little everywhere, a little more at the target', [2, 2, 5], { kind: 'unplaced', fromHop: undefined }],
  ])('judges %s', (_name, losses, expected) => {
    expect(judge(trace(losses))).toMatchObject(expected);
  });

  test('says why no trace was made', () => {
    const body: TraceBody = { kind: 'trace', target: 'a.a1', fault: 'mtr is not installed', hops: [] };
    expect(judge(body)).toMatchObject({
      kind: 'failed',
      sentence: 'trace from fra-1 to a.a1 was not made: mtr is not installed',
    });
  });

  test('never blames a hop after which some hop, or the target, answers everything', () => {
    const losses = fc.array(fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }), { maxLength: 12 });
    fc.assert(
      fc.property(losses, (before) => {
        expect(judge(trace([...before, 0])).kind).toBe('no-loss');
        const { kind, fromHop = 0 } = judge(trace([...before, 0, 9]));
        if (kind === 'blamed') expect(fromHop).toBe(before.length + 2);
      }),
    );
  });
});

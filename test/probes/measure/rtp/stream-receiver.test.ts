import fc from 'fast-check';
import { Check } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { addPacket, figuresOf, newStream, receptionOf } from '../../../../probes/measure/rtp/stream-receiver.ts';
import { StreamFigures } from '../../../../wire/rtp-measurement.ts';

type Arrival = { readonly at: number; readonly sequence: number; readonly ssrc?: number; readonly isTimed?: boolean };

function receive(arrivals: readonly Arrival[]) {
  let state = newStream(8000, 20);
  for (const { at, isTimed, sequence, ssrc = 1 } of arrivals) {
    const packet = {
      ssrc,
      sequenceNumber: sequence & 0xffff,
      rtpTimestamp: (sequence * 160) >>> 0,
      isTimed: isTimed ?? true,
    };
    state = addPacket(state, packet, at);
  }
  return state;
}

/** Packets in the order given, each arriving 20 ms after the one before. */
function inOrder(...sequences: readonly number[]): readonly Arrival[] {
  return sequences.map((sequence, index) => ({ at: 1000 + index * 20, sequence }));
}

describe('the statistics of a received stream', () => {
  test('of no packets, or of one alone, are none: no stream is no loss', () => {
    expect(figuresOf(receive([]))).toBeUndefined();
    expect(figuresOf(receive(inOrder(5)))).toBeUndefined();
    expect(receptionOf(receive(inOrder(5)))).toBeUndefined();
  });

  test('count what is missing between the first and the last packet', () => {
    const figures = figuresOf(receive(inOrder(1, 2, 5, 6)));
    expect(figures).toMatchObject({ expected: 6, received: 4, lost: 2, duplicates: 0, reordered: 0 });
    expect(figures?.lossRuns).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
  });

  test('take a loss back when the packet comes late, and count it as reordered (RFC 4737 §3.3)', () => {
    const state = receive(inOrder(1, 2, 4));
    expect(figuresOf(state)).toMatchObject({ lost: 1, reordered: 0 });
    addPacket(state, { ssrc: 1, sequenceNumber: 3, rtpTimestamp: 480 }, 1100);
    expect(figuresOf(state)).toMatchObject({ expected: 4, lost: 0, reordered: 1 });
  });

  test('count a copy as a duplicate, never against a loss', () => {
    const state = receive(inOrder(1, 2, 2, 2, 5));
    expect(figuresOf(state)).toMatchObject({ expected: 5, received: 3, lost: 2, duplicates: 2, reordered: 0 });
    expect(receptionOf(state)).toMatchObject({ expected: 5, received: 5 });
  });

  test('go on over the wrap of the sequence number and of the timestamp', () => {
    const sequences = Array.from({ length: 40 }, (_, at) => 65_520 + at).filter((each) => each !== 65_536);
    const state = receive(sequences.map((sequence) => ({ at: sequence * 20, sequence })));
    expect(figuresOf(state)).toMatchObject({ expected: 40, lost: 1, jitterMs: 0 });
    expect(receptionOf(state)?.extendedSequence).toBe(65_559);
  });

  test('add up both runs of a source that restarted, without a loss between them', () => {
    const state = receive([
      ...inOrder(1, 2, 4),
      { at: 2000, sequence: 900, ssrc: 2 },
      { at: 2020, sequence: 901, ssrc: 2 },
    ]);
    expect(figuresOf(state)).toMatchObject({ expected: 6, lost: 1, jitterMs: 0 });
    expect(receptionOf(state)).toMatchObject({ ssrc: 2, expected: 2, received: 2 });
  });

  test('give jitter in milliseconds of the clock, and delay variation above the least', () => {
    const arrivals = [0, 20, 56, 60, 80].map((at, index) => ({ at, sequence: 10 + index }));
    const figures = figuresOf(receive(arrivals));
    // Deviations 0, 16, 16, 0 ms: 0, 1, 1.9375, 1.81640625.
    expect(figures?.jitterMs).toBeCloseTo(1.81640625, 9);
    expect(figures?.delayVariation).toEqual({ p50Ms: 0, p95Ms: 16, p99Ms: 16, maxMs: 16 });
  });

  test('leave packets that carry no media time out of jitter, not out of the counts', () => {
    const state = receive([
      { at: 0, sequence: 1 },
      { at: 20, sequence: 2 },
      { at: 900, sequence: 3, isTimed: false },
      { at: 60, sequence: 4 },
    ]);
    expect(figuresOf(state)).toMatchObject({ expected: 4, lost: 0, jitterMs: 0 });
  });

  test('fit the wire and balance for any losses, copies and order', () => {
    const sequence = fc.integer({ min: 0, max: 90 });
    fc.assert(
      fc.property(fc.array(sequence, { minLength: 2, maxLength: 300 }), (sequences) => {
        const figures = figuresOf(receive(sequences.map((each, index) => ({ at: index * 20, sequence: each }))));
        const distinct = new Set(sequences);
        if (distinct.size < 2) return;
        expect(Check(StreamFigures, figures)).toBe(true);
        expect(figures?.expected).toBe(Math.max(...distinct) - Math.min(...distinct) + 1);
        expect(figures?.received).toBe(distinct.size);
        expect(figures?.lost).toBe((figures?.expected ?? 0) - distinct.size);
      }),
    );
  });
});

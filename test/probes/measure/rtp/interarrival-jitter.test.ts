import { describe, expect, test } from 'vitest';
import { addArrival, type JitterState } from '../../../../probes/measure/rtp/interarrival-jitter.ts';

function jitterOf(rows: readonly (readonly [arrivalTicks: number, rtpTimestamp: number])[]): number {
  let state: JitterState | undefined;
  for (const [arrivalTicks, rtpTimestamp] of rows) state = addArrival(state, arrivalTicks, rtpTimestamp);
  return state?.jitterTicks ?? Number.NaN;
}

describe('interarrival jitter (RFC 3550 A.8)', () => {
  test('is 0 for one packet, and for packets as far apart as they were sent', () => {
    expect(jitterOf([[5000, 160]])).toBe(0);
    expect(
      jitterOf([
        [5000, 0],
        [5160, 160],
        [5320, 320],
      ]),
    ).toBe(0);
  });

  test('takes in a sixteenth of each deviation, worked out by hand', () => {
    // D: 16, then 32 back. J: 16/16 = 1, then 1 + (32 - 1)/16 = 2.9375.
    expect(
      jitterOf([
        [0, 0],
        [176, 160],
      ]),
    ).toBe(1);
    expect(
      jitterOf([
        [0, 0],
        [176, 160],
        [304, 320],
      ]),
    ).toBe(2.9375);
  });

  test('is not shaken by a lost or reordered packet, nor by the wrap of the timestamp', () => {
    expect(
      jitterOf([
        [0, 0],
        [480, 480],
        [640, 640],
      ]),
    ).toBe(0);
    expect(
      jitterOf([
        [0, 2 ** 32 - 160],
        [160, 0],
        [320, 160],
      ]),
    ).toBe(0);
  });
});

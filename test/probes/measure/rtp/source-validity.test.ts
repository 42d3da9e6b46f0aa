import { describe, expect, test } from 'vitest';
import { type SourceState, stepSource } from '../../../../probes/measure/rtp/source-validity.ts';

/** Extended numbers that a row of sequence numbers gets; `held` for one held back, `a+b` where a held one counts with it. */
function walk(row: readonly (number | readonly [number, number])[]): readonly string[] {
  let state: SourceState = {};
  return row.map((each) => {
    const [sequenceNumber, ssrc] = typeof each === 'number' ? [each, 1] : each;
    const step = stepSource(state, { ssrc, sequenceNumber });
    state = step.state;
    if (step.extended === undefined) return 'held';
    return step.heldExtended === undefined ? `${step.extended}` : `${step.heldExtended}+${step.extended}`;
  });
}

describe('stepSource (RFC 3550 A.1)', () => {
  test.each([
    ['a source is believed with its second packet, which counts the first', [10, 11, 12], ['held', '10+11', '12']],
    ['a loss between its first two packets is not hidden', [10, 13], ['held', '10+13']],
    ['its first two packets may come the wrong way round', [11, 10, 12], ['held', '11+10', '12']],
    ['a repeated packet alone makes no source', [10, 10, 10], ['held', 'held', 'held']],
    ['numbers go on over the wrap', [65_534, 65_535, 0, 1], ['held', '65534+65535', '65536', '65537']],
    [
      'a late packet from before the wrap keeps its number',
      [65_534, 65_535, 1, 0, 2],
      ['held', '65534+65535', '65537', '65536', '65538'],
    ],
    [
      'a second wrap goes on too',
      [65_530, 65_531, 2000, 4000, 6000],
      ['held', '65530+65531', '67536', '69536', '71536'],
    ],
    ['2,999 lost in a row are losses', [1, 2, 3001], ['held', '1+2', '3001']],
    [
      'a jump of 3,000 is held until the next confirms a restart',
      [1, 2, 3002, 3003],
      ['held', '1+2', 'held', '3002+3003'],
    ],
    [
      'a jump back of more than 100 is a restart likewise',
      [500, 501, 390, 391],
      ['held', '500+501', 'held', '390+391'],
    ],
    ['a jump that nothing confirms changes nothing', [1, 2, 9000, 3], ['held', '1+2', 'held', '3']],
    ['another SSRC takes over with its second packet', [1, 2, [7, 5], [8, 5]], ['held', '1+2', 'held', '7+8']],
    ['a single packet of another SSRC is no restart', [1, 2, [7, 5], 3], ['held', '1+2', 'held', '3']],
  ] as const)('%s', (_, row, expected) => {
    expect(walk(row)).toEqual(expected);
  });
});

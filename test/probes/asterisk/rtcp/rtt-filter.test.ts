import { describe, expect, it } from 'vitest';
import { EMPTY_RTT_MEMORY, filterRtt } from '../../../../probes/asterisk/rtcp/rtt-filter.ts';

function pass(...rttsMs: readonly number[]): readonly (number | undefined)[] {
  let memory = EMPTY_RTT_MEMORY;
  return rttsMs.map((given) => {
    const step = filterRtt(memory, given);
    memory = step.memory;
    return step.rttMs;
  });
}

describe('filterRtt', () => {
  it('passes what is near the last ones', () => {
    expect(pass(20, 55, 12, 160)).toEqual([20, 55, 12, 160]);
  });

  it('never believes more than ten seconds, not even at first or twice', () => {
    expect(pass(10_001, 20, 65_535_000, 65_535_000)).toEqual([undefined, 20, undefined, undefined]);
  });

  it('holds a leap past three times the largest back once, and believes it when the next is like it', () => {
    expect(pass(20, 200, 210, 220)).toEqual([20, undefined, 210, 220]);
  });

  it('a single leap leaves no trace', () => {
    expect(pass(20, 5000, 21, 5000, 22)).toEqual([20, undefined, 21, undefined, 22]);
  });

  it('does not doubt the small change of a quiet network', () => {
    expect(pass(0.3, 25)).toEqual([0.3, 25]);
  });
});

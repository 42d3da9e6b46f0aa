import { describe, expect, it } from 'vitest';
import { addStretch, isWithin, NEVER_SICK } from '../../../server/paths/sick-stretches.ts';

const T0 = 1_800_000_000_000;
const stretch = (fromS: number, toS: number) => ({ sinceMs: T0 + fromS * 1000, untilMs: T0 + toS * 1000 });

describe('stretches of sickness', () => {
  it('are one where the next begins before the last has ended, and two where it was well in between', () => {
    const one = addStretch(addStretch(NEVER_SICK, stretch(0, 10)), stretch(9, 20));
    expect(one).toEqual([stretch(0, 20)]);
    expect(addStretch(one, stretch(20, 30))).toEqual([stretch(0, 20), stretch(20, 30)]);
  });

  it('hold their beginning, and not their end', () => {
    const both = addStretch(addStretch(NEVER_SICK, stretch(0, 10)), stretch(30, 40));
    const at = (second: number) => isWithin(both, T0 + second * 1000);
    expect([-1, 0, 9, 10, 29, 30, 39, 40].map(at)).toEqual([false, true, true, false, false, true, true, false]);
  });

  it('are forgotten after an hour, and are never more than thirty', () => {
    const often = Array.from({ length: 100 }, (_, at) => stretch(at * 60, at * 60 + 10)).reduce(addStretch, NEVER_SICK);
    expect(often).toHaveLength(30);
    expect(often.at(-1)).toEqual(stretch(5940, 5950));
    expect(addStretch(often, stretch(20_000, 20_010))).toEqual([stretch(20_000, 20_010)]);
  });
});

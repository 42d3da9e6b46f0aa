import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianOf, medianWithInterval, spreadOf } from '../../../../server/correlate/shift/median.ts';
import { ShiftBook } from '../../../../server/correlate/shift/shift-book.ts';
import { RTT_RULE } from '../../../../server/correlate/shift/shift-rule.ts';

/** A lane that a sample comes into each second. */
class Lane {
  readonly book = new ShiftBook(RTT_RULE);
  readonly lane = this.book.open();
  nowMs = 1_000_000;

  feed(...values: readonly number[]): this {
    for (const value of values) {
      this.nowMs += 1000;
      this.book.add(this.lane, this.nowMs, value);
    }
    return this;
  }

  get says() {
    return this.book.says(this.lane, this.nowMs);
  }

  get usual() {
    return this.book.figures(this.lane)?.usual;
  }
}

const steady = (count: number, value: number) => Array.from({ length: count }, (_, at) => value + (at % 3) - 1);
const learnt = () => new Lane().feed(...steady(30, 20));

describe('a baseline', () => {
  it('is the median of the first samples with its median absolute deviation, and says nothing before', () => {
    const lane = new Lane().feed(...steady(29, 20));
    expect(lane.says).toEqual({ kind: 'none' });
    expect(lane.usual).toBe(undefined);
    expect(lane.feed(400).usual).toBe(20);
    expect(lane.book.figures(lane.lane)).toMatchObject({ spread: 1, n: 0, now: 20 });
    expect(lane.says).toEqual({ kind: 'clean' });
  });

  it('follows a tide: 8 ms more over six hours raise nothing', () => {
    const lane = learnt();
    for (let second = 0; second < 21_600; second += 1) {
      lane.feed(20 + (8 * second) / 21_600 + (second % 3) - 1);
      expect(lane.says.kind).toBe('clean');
    }
    expect(lane.usual).toBeGreaterThan(26);
    expect(lane.usual).toBeLessThan(29);
  });

  it('stands still from the first doubt until the shift is over', () => {
    const lane = learnt();
    const before = lane.usual ?? 0;
    lane.feed(...steady(3600, 50));
    expect(lane.says.kind).toBe('shifted');
    expect(Math.abs((lane.usual ?? 0) - before)).toBeLessThan(0.05);
    lane.feed(...steady(10, 20));
    expect(lane.says).toEqual({ kind: 'clean' });
  });

  it('follows a fall within minutes: a faster way is the new usual', () => {
    const lane = learnt().feed(...steady(1, 20));
    lane.feed(...steady(180, 5));
    expect(lane.usual).toBeLessThan(9);
  });

  it('is not believed where a lane is above its own reach time and again by itself', () => {
    const lane = new Lane();
    for (let at = 0; at < 600; at += 1) lane.feed(at % 5 < 3 ? 20 : 45);
    expect(lane.says.kind).toBe('none');
  });
});

describe('a shift', () => {
  it('is raised by the seventh sample in a row above the reach, since the first of them', () => {
    const lane = learnt();
    lane.feed(...steady(30, 20));
    const beganMs = lane.nowMs + 1000;
    lane.feed(...steady(6, 50));
    expect(lane.says.kind).toBe('unsure');
    lane.feed(50);
    expect(lane.says).toEqual({ kind: 'shifted', sinceMs: beganMs });
    expect(lane.book.isAnyShifted(lane.nowMs)).toBe(true);
  });

  it('is not raised by less than 10 ms, nor within three spreads, nor within 5 % of a long way', () => {
    expect(learnt().feed(...steady(300, 28)).says.kind).toBe('clean');
    const wide = new Lane();
    const scattered = (centre: number) => Array.from({ length: 60 }, (_, at) => centre + ((at * 7) % 41) - 20);
    expect(wide.feed(...scattered(60)).feed(...scattered(70)).says.kind).not.toBe('shifted');
    expect(new Lane().feed(...steady(30, 400)).feed(...steady(300, 415)).says.kind).toBe('clean');
    expect(new Lane().feed(...steady(30, 400)).feed(...steady(300, 430)).says.kind).toBe('shifted');
  });

  it('is confirmed by fresh samples alone, and denied by others', () => {
    const lane = learnt();
    lane.feed(...steady(10, 50));
    const sinceMs = lane.nowMs;
    expect(lane.book.saysSince(lane.lane, sinceMs, lane.nowMs)).toEqual({ kind: 'none' });
    lane.feed(50, 51);
    expect(lane.book.saysSince(lane.lane, sinceMs, lane.nowMs).kind).toBe('shifted');
    lane.feed(20, 21, 20);
    expect(lane.book.saysSince(lane.lane, sinceMs, lane.nowMs).kind).toBe('clean');
  });

  it('says nothing once no sample has come for two minutes (safety rule 2)', () => {
    const lane = learnt().feed(...steady(10, 50));
    expect(lane.book.says(lane.lane, lane.nowMs + 119_999).kind).toBe('shifted');
    expect(lane.book.says(lane.lane, lane.nowMs + 120_000).kind).toBe('none');
  });

  it('is no longer counted once its lane is not fed, and begins anew with what comes after the gap', () => {
    const lane = learnt().feed(...steady(40, 50));
    lane.nowMs += 120_000;
    expect(lane.book.isAnyShifted(lane.nowMs)).toBe(false);
    lane.feed(50);
    expect(lane.says).toEqual({ kind: 'shifted', sinceMs: lane.nowMs });
    expect(lane.book.figures(lane.lane)?.n).toBe(1);
    expect(lane.book.isAnyShifted(lane.nowMs)).toBe(true);
    lane.nowMs += 120_000;
    expect(lane.feed(20).says.kind).toBe('unsure');
    expect(lane.feed(20).says.kind).toBe('clean');
  });

  it('is not taken as usual for a gap of hours: what it was before the gap is no baseline', () => {
    const lane = learnt().feed(...steady(40, 50));
    lane.nowMs += 7 * 3_600_000;
    lane.feed(...steady(10, 50));
    expect(lane.says.kind).toBe('shifted');
    expect(lane.book.settledAtMs(lane.lane)).toBe(undefined);
    expect(lane.usual).toBeLessThan(21);
  });

  it('has the median of its samples with their interval: 7 to 26 of 32 by rank', () => {
    const lane = learnt();
    const values = Array.from({ length: 32 }, (_, at) => 50 + at);
    lane.feed(...values);
    expect(lane.book.figures(lane.lane)).toMatchObject({ now: 65.5, n: 32, low: 60, high: 71 });
  });
});

describe('lanes', () => {
  it('are given out again once closed, with nothing of what they held', () => {
    const { book, lane, nowMs } = learnt().feed(...steady(10, 50));
    book.close(lane);
    expect(book.isAnyShifted(nowMs)).toBe(false);
    expect(book.open()).toBe(lane);
    expect(book.says(lane, nowMs)).toEqual({ kind: 'none' });
    expect(book.figures(lane)).toBe(undefined);
  });

  it('keep apart, ten thousand of them', () => {
    const book = new ShiftBook(RTT_RULE);
    const lanes = Array.from({ length: 10_000 }, () => book.open());
    for (let at = 1; at <= 40; at += 1) {
      for (const lane of lanes) book.add(lane, at * 1000, lane === 77 && at > 30 ? 500 : 20 + (lane % 50));
    }
    expect(lanes.filter((lane) => book.says(lane, 41_000).kind === 'shifted')).toEqual([77]);
    expect(book.figures(9999)?.usual).toBe(20 + (9999 % 50));
  });

  it('never hold anything that is not a number, whatever comes in at whatever time', () => {
    const sample = fc.tuple(
      fc.oneof(fc.double(), fc.double({ min: 0, max: 1000, noNaN: true }), fc.constant(Number.MAX_VALUE)),
      fc.oneof(fc.integer({ min: -10_000, max: 100_000 }), fc.constant(Number.NaN), fc.constant(30_000_000)),
    );
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 200 }), (samples) => {
        const book = new ShiftBook(RTT_RULE);
        const lane = book.open();
        let atMs = 1_000_000;
        for (const [value, stepMs] of samples) {
          atMs += Number.isNaN(stepMs) ? 0 : stepMs;
          book.add(lane, Number.isNaN(stepMs) ? stepMs : atMs, value);
          const figures = Object.values(book.figures(lane) ?? {});
          expect(figures.filter((each) => Number.isNaN(each))).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('medians', () => {
  it('of odd and even counts, and their deviations', () => {
    expect([medianOf([3, 1, 2]), medianOf([4, 1, 2, 3]), medianOf([])]).toEqual([2, 2.5, 0]);
    expect(spreadOf([1, 2, 3, 4, 100], 3)).toBe(1);
  });

  it('hold the true median in 93 of 100 samples or more, for skew values too', () => {
    let held = 0;
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    for (let draw = 0; draw < 2000; draw += 1) {
      const told = medianWithInterval(Array.from({ length: 30 }, () => -Math.log(random())));
      if (told && told.low <= Math.LN2 && Math.LN2 <= told.high) held += 1;
    }
    expect(held / 2000).toBeGreaterThan(0.93);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LossWindow } from '../../../server/paths/loss-window.ts';

describe('loss window', () => {
  it('counts sent and lost of the whole seconds from the asked time on', () => {
    const window = new LossWindow();
    for (let second = 0; second < 100; second += 1) window.add(second * 1000 + 300, second % 10 === 0);
    expect(window.countsSince(0)).toEqual({ sent: 100, lost: 10, lossRuns: 10 });
    expect(window.countsSince(90_000)).toEqual({ sent: 10, lost: 1, lossRuns: 1 });
    expect(window.countsSince(89_500)).toEqual({ sent: 10, lost: 1, lossRuns: 1 });
    expect(window.countsSince(90_001).sent).toBe(9);
  });

  it('forgets what is older than its span', () => {
    const window = new LossWindow(60);
    window.add(0, true);
    window.add(59_999, false);
    expect(window.countsSince(0)).toEqual({ sent: 2, lost: 1, lossRuns: 1 });
    window.add(60_000, false);
    expect(window.countsSince(0)).toEqual({ sent: 2, lost: 0, lossRuns: 0 });
    window.add(1_000_000, false);
    expect(window.countsSince(0)).toEqual({ sent: 1, lost: 0, lossRuns: 0 });
    window.add(900_000, true);
    expect(window.countsSince(0)).toEqual({ sent: 1, lost: 0, lossRuns: 0 });
  });

  it('counts a run of losses once, over bucket borders too', () => {
    const window = new LossWindow();
    const lost = [false, true, true, true, false, true, false, false, true, true];
    for (const [at, isLost] of lost.entries()) window.add(at * 700, isLost);
    expect(window.countsSince(0)).toEqual({ sent: 10, lost: 6, lossRuns: 3 });
  });

  it('counts a run that began before the window as one where it reaches in', () => {
    const window = new LossWindow();
    for (let second = 0; second < 10; second += 1) window.add(second * 1000, second >= 2 && second <= 6);
    expect(window.countsSince(4000)).toEqual({ sent: 6, lost: 3, lossRuns: 1 });
    expect(window.countsSince(7000)).toEqual({ sent: 3, lost: 0, lossRuns: 0 });
  });

  it('keeps one run whole though an answer to a later attempt settled between its time-outs', () => {
    const window = new LossWindow();
    window.add(0, true);
    window.add(1000, false);
    window.add(500, true);
    window.add(2000, true);
    expect(window.countsSince(0)).toEqual({ sent: 4, lost: 3, lossRuns: 2 });
  });

  it('leaves out samples that one second cannot hold, sent and lost alike, so that the ratio stays honest (safety rule 1)', () => {
    const window = new LossWindow();
    for (let at = 0; at < 500; at += 1) window.add(1000 + at, true);
    expect(window.countsSince(0)).toEqual({ sent: 255, lost: 255, lossRuns: 1 });
  });

  it('tells the same second by second as in sums, for samples in any order', () => {
    const sample = fc.record({ atMs: fc.integer({ min: 0, max: 60_000 }), isLost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 120 }), fc.integer({ min: 0, max: 60 }), (samples, from) => {
        const window = new LossWindow();
        for (const { atMs, isLost } of samples) window.add(atMs, isLost);
        const seconds = window.secondsSince(from * 1000);
        const sum = (of: 'sent' | 'lost' | 'begun') => seconds.reduce((total, each) => total + each[of], 0);
        const reaching = Number(seconds.find(({ lost }) => lost > 0)?.isContinued ?? false);
        expect({ sent: sum('sent'), lost: sum('lost'), lossRuns: sum('begun') + reaching }).toEqual(
          window.countsSince(from * 1000),
        );
        expect(seconds.map(({ second }) => second)).toEqual(
          [...new Set(seconds.map(({ second }) => second))].toSorted((one, other) => one - other),
        );
      }),
    );
  });

  it('agrees with a plain count for any samples in order', () => {
    const sample = fc.record({ gapMs: fc.integer({ min: 10, max: 3000 }), isLost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 150 }), (samples) => {
        const window = new LossWindow();
        let atMs = 0;
        let lossRuns = 0;
        let wasLost = false;
        for (const { gapMs, isLost } of samples) {
          atMs += gapMs;
          window.add(atMs, isLost);
          if (isLost && !wasLost) lossRuns += 1;
          wasLost = isLost;
        }
        fc.pre(atMs < 299_000);
        const lost = samples.filter(({ isLost }) => isLost).length;
        expect(window.countsSince(0)).toEqual({ sent: samples.length, lost, lossRuns });
      }),
    );
  });

  it('agrees with a plain count in the order of sending though each sample settles after a time-out of its own', () => {
    const sample = fc.record({
      gapMs: fc.integer({ min: 60, max: 1500 }),
      isLost: fc.boolean(),
      settledAfterMs: fc.integer({ min: 1, max: 1800 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 120 }), fc.nat(200), (samples, sinceSecond) => {
        let atMs = 0;
        const sent = samples.map(({ gapMs, ...each }) => {
          atMs += gapMs;
          return { ...each, atMs };
        });
        const window = new LossWindow();
        const settled = sent.toSorted(
          (one, other) => one.atMs + one.settledAfterMs - other.atMs - other.settledAfterMs,
        );
        for (const each of settled) window.add(each.atMs, each.isLost);
        const inside = sent.filter((each) => each.atMs >= sinceSecond * 1000);
        const runs = inside.filter(({ isLost }, index) => isLost && inside[index - 1]?.isLost !== true).length;
        const lost = inside.filter(({ isLost }) => isLost).length;
        expect(window.countsSince(sinceSecond * 1000)).toEqual({ sent: inside.length, lost, lossRuns: runs });
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it('agrees with a plain count of seconds for samples that come late, in any order', () => {
    const sample = fc.record({ second: fc.integer({ min: 0, max: 900 }), isLost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 400 }), fc.integer({ min: 1, max: 300 }), (samples, span) => {
        const window = new LossWindow(span);
        const kept: { readonly second: number; readonly isLost: boolean }[] = [];
        let newest = -1;
        for (const each of samples) {
          window.add(each.second * 1000, each.isLost);
          newest = Math.max(newest, each.second);
          if (each.second > newest - span) kept.push(each);
        }
        for (const since of [0, newest - span + 1, newest - 10, newest]) {
          const own = kept.filter(({ second }) => second >= since && second > newest - span);
          const { lost, sent } = window.countsSince(since * 1000);
          expect([sent, lost]).toEqual([own.length, own.filter(({ isLost }) => isLost).length]);
        }
      }),
      { seed: 7 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { MediaWindow } from '../../../../server/paths/quality/media-window.ts';
import { dispersion, spreadInterval } from '../../../../server/paths/quality/spread-loss.ts';

const NOW = 10 * 3_600_000;

describe('MediaWindow', () => {
  it('pools packets, so that a long call counts for as much as it is long', () => {
    const media = new MediaWindow();
    media.add(NOW, { expected: 9000, lost: 0, jitterMs: 1 });
    media.add(NOW, { expected: 1000, lost: 100, jitterMs: 11 });
    expect(media.pool(NOW - 60_000)).toMatchObject({ sent: 10_000, lost: 100, intervals: 2, jitterMs: 2 });
  });

  it('duplicates of one interval make up for losses of another, and never give less than nothing', () => {
    const media = new MediaWindow();
    media.add(NOW, { expected: 250, lost: -5 });
    expect(media.pool(0)?.lost).toBe(0);
    media.add(NOW, { expected: 250, lost: 25 });
    expect(media.pool(0)?.lost).toBe(20);
  });

  it('forgets what is older than an hour, and knows nothing of an empty window (rule 2)', () => {
    const media = new MediaWindow();
    media.add(NOW - 4_000_000, { expected: 250, lost: 250 });
    media.add(NOW, { expected: 250, lost: 0 });
    expect(media.pool(0)).toMatchObject({ sent: 250, lost: 0 });
    expect(media.pool(NOW + 120_000)).toBeUndefined();
    expect(new MediaWindow().pool(0)).toBeUndefined();
  });
});

describe('spreadInterval', () => {
  function intervals(lost: readonly number[]) {
    const media = new MediaWindow();
    for (const each of lost) media.add(NOW, { expected: 250, lost: each });
    const pool = media.pool(0);
    if (!pool) throw new Error('no pool');
    return pool;
  }

  it('takes packets as independent while the intervals vary as independent loss does', () => {
    const even = intervals([24, 26, 25, 27, 23, 25, 25, 25]);
    expect(dispersion(even)).toBe(1);
    expect(spreadInterval(even).independent).toBe(2000);
  });

  it('widens when the loss came in bursts', () => {
    const even = spreadInterval(intervals([25, 25, 25, 25]));
    const bursty = spreadInterval(intervals([100, 0, 0, 0]));
    expect(bursty.independent).toBeLessThan(even.independent / 10);
    expect(bursty.highRatio).toBeGreaterThan(even.highRatio);
    expect(bursty.lowRatio).toBeLessThan(even.lowRatio);
  });
});

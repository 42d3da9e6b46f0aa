import { describe, expect, it } from 'vitest';
import { packTime } from '../../../server/evidence/pack-input.ts';
import { contextOfCounts } from '../../../server/evidence/pack-looks.ts';
import { kept, MINUTE_MS, OPENED, openVerdict } from './evidence-fixture.ts';

const DAY_MS = 86_400_000;
const minutesFrom = (epochMs: number) => (epochMs - OPENED) / MINUTE_MS;

describe('the time that a pack looks at', () => {
  it('begins half an hour before the opening and ends a quarter after the end', () => {
    const { fromEpochMs, minutesToEpochMs, toEpochMs } = packTime(kept(), 10, OPENED + DAY_MS);
    expect([fromEpochMs, minutesToEpochMs, toEpochMs].map(minutesFrom)).toEqual([-30, 20, 20]);
  });

  it('ends now while the verdict is open, and where the quarter is not over yet', () => {
    expect(minutesFrom(packTime(openVerdict(), 10, OPENED + 90_000).toEpochMs)).toBe(2);
    expect(minutesFrom(packTime(kept(), 10, OPENED + 7 * MINUTE_MS).toEpochMs)).toBe(7);
  });

  it('follows many paths by the minute for less long, to a whole quarter of an hour, and ten days at most by quarters', () => {
    const span = packTime(openVerdict(), 100, OPENED + 30 * DAY_MS);
    expect(span.minutesToEpochMs % (15 * MINUTE_MS)).toBe(0);
    expect(span.minutesToEpochMs - span.fromEpochMs).toBeLessThanOrEqual(50 * MINUTE_MS);
    expect(span.toEpochMs - span.fromEpochMs).toBe(200 * 15 * MINUTE_MS);
    const few = packTime(openVerdict(), 8, OPENED + 30 * DAY_MS);
    expect(few.toEpochMs - few.fromEpochMs).toBe(10 * DAY_MS);
    expect(packTime(openVerdict(), 0, OPENED + DAY_MS).minutesToEpochMs).toBe(OPENED + DAY_MS);
  });
});

describe('a verdict that was kept without what stood beside it', () => {
  it('gives its own counts, with the site as far as it is known, and no control group', () => {
    const evidence = [
      { pathKey: 'fra-1>a.a1', sent: 60, lost: 6 },
      { pathKey: 'gone-1>peer.fra-1', sent: 30, lost: 1 },
    ];
    const context = contextOfCounts(kept({ evidence }), (pbx) => (pbx === 'fra-1' ? 'fra' : undefined));
    expect(context).toMatchObject({
      inside: { paths: 2, sent: 90, lost: 7 },
      outside: { paths: 0, sent: 0, lost: 0 },
      paths: [
        { pathKey: 'fra-1>a.a1', role: 'inside', site: 'fra', trunk: 'a', state: 'not recorded' },
        { pathKey: 'gone-1>peer.fra-1', site: '', peer: 'fra-1' },
      ],
    });
    expect(contextOfCounts(kept({ evidence: [] }), () => undefined)).toBe(undefined);
  });
});

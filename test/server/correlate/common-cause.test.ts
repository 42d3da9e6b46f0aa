import { describe, expect, it } from 'vitest';
import { commonCauseLog, commonCauses } from '../../../server/correlate/common-cause.ts';
import { findInWindow } from '../../../server/correlate/finding.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { PathHealth } from '../../../server/paths/path-health.ts';
import { fixedEvidence, fleetRefs, sightOf } from './loss-simulation.ts';

const REFS = fleetRefs({ sites: 2, providers: 3, hasMesh: false });

/** Two paths of one PBX, both lossy, of whose paired attempts so many were lost whole; and a third that hardly loses. */
function twoLossy(bothLost: number, lostElsewhere = 4, health: Partial<PathHealth> = {}) {
  const pairs = (other: string) => ({ other, pairs: 120, lost: 9, bothLost, windowMs: 300_000 });
  const paths = REFS.map((ref) => {
    if (ref.key === 's1-1>a.e1')
      return fixedEvidence(ref, { sent: 300, lost: 24 }, { pairs: pairs('b.e1'), ...health });
    if (ref.key === 's1-1>b.e1') return fixedEvidence(ref, { sent: 300, lost: 24 }, { pairs: pairs('a.e1') });
    return fixedEvidence(ref, { sent: 300, lost: ref.key === 's1-1>c.e1' ? lostElsewhere : 0 });
  });
  return sightOf(paths);
}

function places(bothLost: number, lostElsewhere?: number): readonly string[] {
  return findInWindow(twoLossy(bothLost, lostElsewhere), 300_000).flatMap(({ certainty, group }) =>
    group.map((place) => `${certainty} ${placeKey(place)}`),
  );
}

describe('commonCauseLog', () => {
  it('agrees with a figure made by hand: both of two losses each in ten pairs', () => {
    // The hypergeometric chance of both is 1/45, of any number from 0 to 2 a third.
    const pairs = { pairs: 10, lost: 2, bothLost: 2, windowMs: 300_000 };
    expect(commonCauseLog(pairs, { lost: 2 })).toBeCloseTo(Math.log(0.5 + 0.5 * 15), 9);
  });

  it('speaks little against a shared cause where no pair was lost whole, for independent loss on a shared way looks so too', () => {
    const log = commonCauseLog({ pairs: 120, lost: 9, bothLost: 0, windowMs: 300_000 }, { lost: 9 });
    expect(log).toBeLessThan(0);
    expect(log).toBeGreaterThan(Math.log(0.5));
  });

  it('is finite for counts that contradict each other', () => {
    expect(commonCauseLog({ pairs: 3, lost: 9, bothLost: 7, windowMs: 300_000 }, { lost: 5 })).toBeTypeOf('number');
  });
});

describe('commonCauses', () => {
  it('counts each two paths once', () => {
    expect(commonCauses(twoLossy(8))).toHaveLength(1);
  });

  it('rule 1: an abstaining path says nothing of a shared cause', () => {
    expect(commonCauses(twoLossy(8, 4, { isAbstaining: true }))).toEqual([]);
  });

  it('pairs that are lost whole point at what both paths share', () => {
    expect(places(8)).toEqual(['ambiguous probe-s1-1', 'ambiguous site-s1']);
  });

  it('without them it is a mere suspicion, for the third path loses far less', () => {
    expect(places(0)).toEqual(['suspect probe-s1-1', 'suspect site-s1']);
  });

  it('two paths whose pairs are lost whole are not named as two faults, though a third path is clean', () => {
    expect(places(0, 0)).toEqual(['named path-s1-1-a.e1', 'named path-s1-1-b.e1']);
    expect(places(8, 0)).toEqual(['suspect probe-s1-1', 'suspect site-s1']);
  });
});

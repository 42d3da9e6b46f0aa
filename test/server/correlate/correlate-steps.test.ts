import { describe, expect, it } from 'vitest';
import { type CorrelateState, correlateSteps, NOTHING_CORRELATED } from '../../../server/correlate/correlate.ts';
import type { PathEvidence } from '../../../server/correlate/path-evidence.ts';
import { fixedEvidence, fleetRefs, suffers } from './loss-simulation.ts';

const REFS = fleetRefs({ sites: 10, providers: 5, hasMesh: false, pbxesPerSite: 30 });
const PROVIDER_A = { kind: 'provider', provider: 'telco-a' } as const;
const NOW_MS = 1_000_000;

/** A fleet whose provider `telco-a` loses a sixth everywhere, and how many paths were counted over so far. */
function lossyFleet() {
  const counted = { paths: 0 };
  const paths = REFS.map((ref): PathEvidence => {
    const path = fixedEvidence(ref, { sent: 60, lost: suffers(ref, PROVIDER_A) ? 10 : 0 });
    const countsSince: PathEvidence['countsSince'] = (sinceMs) => {
      counted.paths += 1;
      return path.countsSince(sinceMs);
    };
    return { health: path.health, countsSince };
  });
  return { paths, counted };
}

/** One pass: what it found, and how many paths each of its steps counted over. */
function onePass(state: CorrelateState, { counted, paths }: ReturnType<typeof lossyFleet>, nowMs: number) {
  const ofStep: number[] = [];
  const steps = correlateSteps(state, { paths, nowMs });
  for (;;) {
    const before = counted.paths;
    const step = steps.next();
    ofStep.push(counted.paths - before);
    if (step.done === true) return { ...step.value, ofStep };
  }
}

describe('a pass of correlation in steps', () => {
  it('names the place, and no step of it looks at much more than every path once', () => {
    const fleet = lossyFleet();
    const first = onePass(NOTHING_CORRELATED, fleet, NOW_MS);
    const second = onePass(first.state, fleet, NOW_MS + 2000);
    const third = onePass(second.state, fleet, NOW_MS + 4000);
    expect(second.open).toMatchObject([{ place: PROVIDER_A, certainty: 'named' }]);
    expect(third.open).toMatchObject([{ place: PROVIDER_A, certainty: 'named' }]);
    for (const { ofStep } of [first, second, third]) {
      expect(ofStep.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(2 * REFS.length);
      expect(Math.max(...ofStep)).toBeLessThan(1.5 * REFS.length);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { kindsCalm } from '../../../../server/correlate/kinds/quiet-kinds.ts';
import { fixedEvidence, fleetRefs, sightOf } from '../loss-simulation.ts';

/** Calls at each trunk since the quiet began, of which so many failed one by one; the trouble peaked at 8 %. */
function calmOf({ sent, lost }: { readonly sent: number; readonly lost: number }) {
  const paths = fleetRefs({ sites: 2, providers: 2, hasMesh: false }).map((ref) =>
    fixedEvidence(ref, { sent: 300, lost: 0 }),
  );
  const sight = {
    ...sightOf(paths),
    callCounts: () => [{ edge: undefined, counts: { sent, lost, lossRuns: lost } }],
  };
  return kindsCalm(sight, () => true, [{ kind: 'calls', peakRatio: 0.08 }], sight.nowMs - 60_000);
}

describe('the end of a trouble that calls tell of', () => {
  it('comes though a trunk goes on to fail 3 % of its calls, as it always did', () => {
    const calm = calmOf({ sent: 200, lost: 6 });
    expect(calm.isLoud).toBe(false);
    expect(calm.logRatio).toBeGreaterThan(0);
  });

  it('does not come while 8 % of them fail', () => {
    expect(calmOf({ sent: 200, lost: 16 }).isLoud).toBe(true);
  });
});

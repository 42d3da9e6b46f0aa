import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellLikelihood } from '../../../../server/correlate/kinds/cell-likelihood.ts';
import type { KindEvents } from '../../../../server/correlate/kinds/kind-events.ts';
import { minus, type Pooled } from '../../../../server/correlate/kinds/pooled.ts';

const MESH: KindEvents = { kind: 'mesh', ofPath: new Map() };
const CALLS: KindEvents = { kind: 'calls', ofPath: new Map() };
const NONE = { events: 0, trials: 0 };

function pooled(events: number, trials: number, ...others: readonly { events: number; trials: number }[]): Pooled {
  return { events, trials, goesOn: 0, others };
}

/** ln of the fault over background for some paths of a fleet. */
function gain(likelihood: CellLikelihood, own: Pooled, total: Pooled): number {
  const rest = minus(total, own);
  return likelihood.fault(own, total, rest) + likelihood.background(rest) - likelihood.background(total);
}

describe('likelihood over kinds', () => {
  it('agrees with a figure made by hand: OPTIONS lost once of once, mesh whole once of once, nothing else there', () => {
    // Fault in OPTIONS 1.5/13.5, in the mesh kept 12/13.5; background 0.5/400.5 and 400/400.5. Shows with 0.8 and 0.5.
    const own = pooled(1, 1, { events: 0, trials: 1 });
    const both = (0.8 * (1.5 / 13.5) + 0.2 * (0.5 / 400.5)) * (0.5 * (12 / 13.5) + 0.5 * (400 / 400.5));
    const neither = 0.2 * (0.5 / 400.5) * 0.5 * (400 / 400.5);
    const byHand = Math.log((both - neither) / (1 - 0.2 * 0.5));
    expect(new CellLikelihood([MESH]).fault(own, own, pooled(0, 0, NONE))).toBeCloseTo(byHand, 12);
  });

  it('with OPTIONS alone is what it was, whether or not another kind was asked of other paths', () => {
    const own = pooled(7, 60);
    const bare = new CellLikelihood([]).fault(own, own, pooled(0, 0));
    const beside = new CellLikelihood([CALLS]).fault(pooled(7, 60, NONE), pooled(7, 60, NONE), pooled(0, 0, NONE));
    expect(beside).toBeCloseTo(bare, 9);
  });

  it('a kind that the fault spares costs at most what it costs to say so', () => {
    const total = pooled(8, 4000, { events: 0, trials: 4000 });
    const own = pooled(8, 60, { events: 0, trials: 600 });
    const alone = gain(new CellLikelihood([]), pooled(8, 60), pooled(8, 4000));
    expect(alone - gain(new CellLikelihood([MESH]), own, total)).toBeLessThan(Math.log(2.3));
  });

  it('kinds that both lose multiply', () => {
    const total = pooled(8, 4000, { events: 9, trials: 4000 });
    const own = pooled(8, 60, { events: 9, trials: 100 });
    const alone = gain(new CellLikelihood([]), pooled(8, 60), pooled(8, 4000));
    expect(gain(new CellLikelihood([MESH]), own, total)).toBeGreaterThan(alone + Math.log(1000));
  });

  it('calls need far more failures than OPTIONS losses for the same: a trunk refuses some calls anyhow', () => {
    const total = pooled(0, 4000, { events: 3, trials: 400 });
    const own = pooled(0, 60, { events: 3, trials: 40 });
    expect(gain(new CellLikelihood([MESH]), own, total)).toBeGreaterThan(
      gain(new CellLikelihood([CALLS]), own, total) + 1,
    );
  });

  it('is a number for whatever counts', () => {
    const part = fc.tuple(fc.nat(500), fc.nat(500), fc.nat(5000), fc.nat(5000));
    fc.assert(
      fc.property(fc.array(part, { minLength: 3, maxLength: 3 }), (rows) => {
        const [options, mesh, calls] = rows.map(([lost, lostElsewhere, kept, keptElsewhere]) => ({
          own: { events: lost / 2, trials: (lost + kept) / 2 },
          total: { events: (lost + lostElsewhere) / 2, trials: (lost + lostElsewhere + kept + keptElsewhere) / 2 },
        }));
        if (!options || !mesh || !calls) return;
        const own = { ...options.own, goesOn: 0, others: [mesh.own, calls.own] };
        const total = { ...options.total, goesOn: 0, others: [mesh.total, calls.total] };
        expect(gain(new CellLikelihood([MESH, CALLS]), own, total)).not.toBeNaN();
      }),
    );
  });
});

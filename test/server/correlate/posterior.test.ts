import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildHypotheses } from '../../../server/correlate/hypotheses.ts';
import type { EventCounts } from '../../../server/correlate/path-evidence.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import { weigh } from '../../../server/correlate/posterior.ts';
import { fleetRefs } from './loss-simulation.ts';

const LAB = buildHypotheses(fleetRefs({ sites: 2, providers: 2, hasMesh: true }));

function posteriors(events: readonly EventCounts[], space = LAB): Record<string, number> {
  const { nonePosterior, weighed } = weigh(space, events);
  return Object.fromEntries([
    ['none', nonePosterior],
    ...weighed.map((each) => [placeKey(each.place), each.posterior]),
  ]);
}

describe('weigh', () => {
  it('agrees with a posterior made by hand: one site, one path, two events of two', () => {
    // B(1+2, 200)/B(1, 200) = (1·2)/(201·202) and B(1.5+2, 12)/B(1.5, 12) = (1.5·2.5)/(13.5·14.5).
    const none = (0.9 * (1 * 2)) / (201 * 202);
    const fault = (0.1 * (1.5 * 2.5)) / (13.5 * 14.5);
    const space = buildHypotheses(fleetRefs({ sites: 1, providers: 1, hasMesh: false }));
    const found = posteriors([{ events: 2, trials: 2 }], space);
    expect(found['none']).toBeCloseTo(none / (none + fault), 12);
    // Site, provider, path share 0.1 as 3 : 3 : 3 and the probe has 1.
    expect(found['provider-telco-a']).toBeCloseTo((0.3 * fault) / (none + fault), 12);
    expect(found['probe-s1-1']).toBeCloseTo((0.1 * fault) / (none + fault), 12);
  });

  it('agrees with a posterior made by hand: two paths to a provider, one event of one each, another provider clean', () => {
    const refs = fleetRefs({ sites: 2, providers: 2, hasMesh: false });
    const one = { events: 1, trials: 1 };
    const clean = { events: 0, trials: 1 };
    const found = posteriors([one, clean, one, clean], buildHypotheses(refs));
    const background = (hits: number, misses: number) => {
      let product = 1;
      for (let i = 0; i < hits; i += 1) product *= 1 + i;
      for (let i = 0; i < misses; i += 1) product *= 200 + i;
      for (let i = 0; i < hits + misses; i += 1) product /= 201 + i;
      return product;
    };
    const fault = (hits: number, misses: number) => {
      let product = 1;
      for (let i = 0; i < hits; i += 1) product *= 1.5 + i;
      for (let i = 0; i < misses; i += 1) product *= 12 + i;
      for (let i = 0; i < hits + misses; i += 1) product /= 13.5 + i;
      return product;
    };
    const weights = {
      none: 0.9 * background(2, 2),
      a: 0.015 * fault(2, 0) * background(0, 2),
      b: 0.015 * fault(0, 2) * background(2, 0),
      site: 0.015 * fault(1, 1) * background(1, 1),
      pathLossy: 0.0075 * fault(1, 0) * background(1, 2),
      pathClean: 0.0075 * fault(0, 1) * background(2, 1),
      probe: 0.005 * fault(1, 1) * background(1, 1),
    };
    const { none, a, b, site, pathLossy, pathClean, probe } = weights;
    const sum = none + a + b + 2 * site + 2 * pathLossy + 2 * pathClean + 2 * probe;
    expect(found['none']).toBeCloseTo(none / sum, 10);
    expect(found['provider-telco-a']).toBeCloseTo(a / sum, 10);
    expect(found['site-s1']).toBeCloseTo(site / sum, 10);
    expect(found['path-s2-1-a.e1']).toBeCloseTo(pathLossy / sum, 10);
  });

  it('with no evidence at all says none and nothing else', () => {
    const found = posteriors(LAB.refs.map(() => ({ events: 0, trials: 0 })));
    expect(found['none']).toBe(1);
  });

  it('a hypothesis whose paths gave no evidence is out of the question (safety rule 2)', () => {
    const events = LAB.refs.map(({ pbx }) => (pbx === 's2-1' ? { events: 0, trials: 0 } : { events: 3, trials: 60 }));
    expect(posteriors(events)['probe-s2-1']).toBe(0);
    expect(posteriors(events)['path-s2-1-a.e1']).toBe(0);
  });

  it('sums to one and stays finite for any counts up to millions', () => {
    const count = fc
      .integer({ min: 0, max: 5_000_000 })
      .chain((trials) => fc.integer({ min: 0, max: trials }).map((events) => ({ events, trials })));
    fc.assert(
      fc.property(fc.array(count, { minLength: 6, maxLength: 6 }), (events) => {
        const values = Object.values(posteriors(events));
        expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
        expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});

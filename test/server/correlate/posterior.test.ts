import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildHypotheses } from '../../../server/correlate/hypotheses.ts';
import { backgroundLog, faultLog } from '../../../server/correlate/loss-likelihood.ts';
import { type EventCounts, NO_EVENTS } from '../../../server/correlate/path-evidence.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import { inStead, massOf, weigh } from '../../../server/correlate/posterior.ts';
import { fleetRefs } from './loss-simulation.ts';

const LAB = buildHypotheses(fleetRefs({ sites: 2, providers: 2, hasMesh: true }));
const ONE = buildHypotheses(fleetRefs({ sites: 1, providers: 1, hasMesh: false }));

/** Posterior of each set of places, by the keys of its places. */
function posteriors(events: readonly EventCounts[], space = LAB): Record<string, number> {
  return Object.fromEntries(
    weigh(space, events).sets.map(({ faults, posterior }) => [
      faults.map((fault) => placeKey(space.hypotheses[fault]?.place ?? { kind: 'none' })).join(' + '),
      posterior,
    ]),
  );
}

function counts(events: number, trials: number, continued = 0): EventCounts {
  return { events, trials, continued };
}

describe('likelihood in two states', () => {
  it('agrees with Beta functions made by hand: two losses apart in three attempts', () => {
    // Independent: B(0.5+2, 401)/B(0.5, 400) = 0.5·1.5·400/(400.5·401.5·402.5); bursts: the same, times B(1, 3)/B(1, 1) = 1/3.
    const row = (0.5 * 1.5 * 400) / (400.5 * 401.5 * 402.5);
    expect(backgroundLog(counts(2, 3))).toBeCloseTo(Math.log(0.5 * row + (0.5 * row) / 3), 12);
    // B(1.5+2, 13)/B(1.5, 12) = 1.5·2.5·12/(13.5·14.5·15.5).
    const fault = (1.5 * 2.5 * 12) / (13.5 * 14.5 * 15.5);
    expect(faultLog(counts(2, 3))).toBeCloseTo(Math.log(0.5 * fault + (0.5 * fault) / 3), 12);
  });

  it('counts a burst once: four losses in a row speak far less for a fault than four apart', () => {
    const apart = faultLog(counts(4, 60)) - backgroundLog(counts(4, 60));
    const burst = faultLog(counts(1, 57, 3)) - backgroundLog(counts(1, 57, 3));
    expect(apart - burst).toBeGreaterThan(Math.log(100));
  });

  it('counts every loss where they come independently: continued losses of a lossy path speak for the fault too', () => {
    const ratio = (each: EventCounts) => faultLog(each) - backgroundLog(each);
    expect(ratio(counts(15, 42, 3))).toBeGreaterThan(ratio(counts(15, 42)));
  });
});

describe('weigh', () => {
  it('agrees with a posterior made by hand: one site, one path, two events of two', () => {
    // Site, provider, path share 0.1 as 3 : 3 : 3 and the probe has 1; beside 0.9 for none.
    const events = [counts(2, 2)];
    const fault = Math.exp(faultLog(counts(2, 2)));
    const none = 0.9 * Math.exp(backgroundLog(counts(2, 2)));
    const found = posteriors(events, ONE);
    expect(found['']).toBeCloseTo(none / (none + 0.1 * fault), 12);
    expect(found['provider-telco-a']).toBeCloseTo((0.03 * fault) / (none + 0.1 * fault), 12);
    expect(found['probe-s1-1']).toBeCloseTo((0.01 * fault) / (none + 0.1 * fault), 12);
  });

  it('with no evidence at all says none and nothing else', () => {
    expect(posteriors(LAB.refs.map(() => NO_EVENTS))).toEqual({ '': 1 });
  });

  it('a hypothesis whose paths gave no evidence is out of the question (safety rule 2)', () => {
    const events = LAB.refs.map(({ pbx }) => (pbx === 's2-1' ? NO_EVENTS : counts(3, 60)));
    const places = Object.keys(posteriors(events)).join();
    expect(places).toContain('probe-s1-1');
    expect(places).not.toContain('probe-s2-1');
    expect(places).not.toContain('path-s2-1');
  });

  it('sums to one and stays finite for any counts up to millions', () => {
    const count = fc
      .integer({ min: 0, max: 5_000_000 })
      .chain((trials) =>
        fc
          .tuple(fc.integer({ min: 0, max: trials }), fc.integer({ min: 0, max: 5_000_000 }))
          .map(([events, continued]) => counts(events, trials, events === 0 ? 0 : continued)),
      );
    fc.assert(
      fc.property(fc.array(count, { minLength: 6, maxLength: 6 }), (events) => {
        const values = Object.values(posteriors(events));
        expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
        expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('does not depend on the order of the paths', () => {
    const refs = fleetRefs({ sites: 3, providers: 3, hasMesh: true });
    const events = refs.map(({ key }) =>
      key.includes('s1-1') || key.endsWith('>b.e1') ? counts(9, 60) : counts(0, 60),
    );
    const turned = weigh(buildHypotheses(refs.toReversed()), events.toReversed());
    const straight = weigh(buildHypotheses(refs), events);
    expect(turned.sets[0]?.posterior).toBeCloseTo(straight.sets[0]?.posterior ?? 0, 9);
  });
});

describe('masses over sets of places', () => {
  const posterior = {
    nonePosterior: 0.1,
    sets: [
      { faults: [1, 2], posterior: 0.5 },
      { faults: [3], posterior: 0.3 },
      { faults: [], posterior: 0.1 },
      { faults: [2], posterior: 0.1 },
    ],
  };

  it('a place has the posterior of every set that holds it, each set counted once', () => {
    expect(massOf(posterior, new Set([2]))).toBeCloseTo(0.6, 12);
    expect(massOf(posterior, new Set([1, 2]))).toBeCloseTo(0.6, 12);
  });

  it('in the stead of a place stands the likeliest of the sets without it, or nothing', () => {
    expect(inStead(posterior, new Set([2]), new Set([1]))).toEqual({ hypothesis: 3, posterior: 0.3 });
    expect(inStead(posterior, new Set([3]), new Set([1, 2]))).toEqual({ hypothesis: undefined, posterior: 0.7 });
  });
});

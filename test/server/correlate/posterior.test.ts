import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildHypotheses } from '../../../server/correlate/hypotheses.ts';
import { CellLikelihood } from '../../../server/correlate/kinds/cell-likelihood.ts';
import { poolAll } from '../../../server/correlate/kinds/pooled.ts';
import { goesOnLog } from '../../../server/correlate/loss-likelihood.ts';
import { type EventCounts, NO_EVENTS } from '../../../server/correlate/path-evidence.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import { inStead, massOf, weigh } from '../../../server/correlate/posterior.ts';
import { fleetRefs } from './loss-simulation.ts';

const LAB = buildHypotheses(fleetRefs({ sites: 2, providers: 2, hasMesh: true }));
const ONE = buildHypotheses(fleetRefs({ sites: 1, providers: 1, hasMesh: false }));

/** Posterior of each set of places, by the keys of its places. */
function posteriors(events: readonly EventCounts[], space = LAB): Record<string, number> {
  return Object.fromEntries(
    weigh(space, { options: events, kinds: [] }).sets.map(({ faults, posterior }) => [
      faults.map((fault) => placeKey(space.hypotheses[fault]?.place ?? { kind: 'none' })).join(' + '),
      posterior,
    ]),
  );
}

function counts(events: number, trials: number, continued = 0): EventCounts {
  return { events, trials, continued };
}

/** Likelihood of one path with OPTIONS alone. */
const LIKELIHOOD = new CellLikelihood([]);
const backgroundLog = (each: EventCounts) => LIKELIHOOD.background(poolAll([each], []));
const faultLog = (each: EventCounts) => {
  const own = poolAll([each], []);
  return LIKELIHOOD.fault(own, own, poolAll([], []));
};

describe('likelihood in two states', () => {
  it('agrees with Beta functions made by hand: two losses apart in three attempts', () => {
    // The beginnings: B(0.5+2, 401)/B(0.5, 400) and B(1.5+2, 13)/B(1.5, 12).
    expect(backgroundLog(counts(2, 3))).toBeCloseTo(Math.log((0.5 * 1.5 * 400) / (400.5 * 401.5 * 402.5)), 12);
    const beginnings = (1.5 * 2.5 * 12) / (13.5 * 14.5 * 15.5);
    // No loss went on, two runs ended: B(1.5, 14)/B(1.5, 12) and B(0.5, 402)/B(0.5, 400); in bursts B(1, 3)/B(1, 1) = 1/3.
    const fault = 0.65 * ((12 * 13) / (13.5 * 14.5)) + 0.35 / 3;
    const background = 0.8 * ((400 * 401) / (400.5 * 401.5)) + 0.2 / 3;
    expect(faultLog(counts(2, 3))).toBeCloseTo(Math.log((beginnings * fault) / background), 12);
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

  it('gives each path its own length of bursts: alike or each another, they weigh the same for one fault', () => {
    const goesOn = (rows: readonly EventCounts[]) => poolAll(rows, []).goesOn;
    const rows = [counts(4, 60), counts(2, 50, 12)];
    expect(goesOn(rows)).toBeCloseTo(goesOnLog(counts(4, 60)) + goesOnLog(counts(2, 50, 12)), 12);
  });
});

describe('faults that lie in one another', () => {
  it('never make a probe at fault of figures that lose less than the site they lie in: they are older, not better', () => {
    const refs = fleetRefs({ sites: 3, providers: 2, hasMesh: true });
    const events = refs.map((ref) => {
      if (ref.pbx === 's1-1') return counts(3, 119);
      const isToSite = ref.end.kind === 'peer' && ref.end.site === 's1';
      return isToSite ? counts(19, 70, 6) : counts(0, 180);
    });
    const found = Object.entries(posteriors(events, buildHypotheses(refs)));
    const mass = (key: string): number =>
      found.reduce((sum, [set, posterior]) => (set.split(' + ').includes(key) ? sum + posterior : sum), 0);
    expect(mass('probe-s1-1')).toBeLessThan(0.5);
    expect(mass('site-s1')).toBeGreaterThan(0.9);
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
    const turned = weigh(buildHypotheses(refs.toReversed()), { options: events.toReversed(), kinds: [] });
    const straight = weigh(buildHypotheses(refs), { options: events, kinds: [] });
    expect(turned.sets[0]?.posterior).toBeCloseTo(straight.sets[0]?.posterior ?? 0, 9);
  });
});

describe('paths of one fault with bursts of their own', () => {
  const found = posteriors(
    LAB.refs.map(({ key }) => {
      if (key.startsWith('s1-1>')) return counts(19, 132, 4);
      return key === 's2-1>peer.s1-1' ? counts(6, 134, 15) : counts(0, 155);
    }),
  );
  const massOfPlace = (key: string) =>
    Object.entries(found).reduce(
      (sum, [set, posterior]) => (set.split(' + ').includes(key) ? sum + posterior : sum),
      0,
    );

  it('leave most of the mass to their site where the path back alone loses in long bursts', () => {
    expect(massOfPlace('site-s1')).toBeGreaterThan(0.8);
    expect(found['site-s1']).toBeGreaterThan(0.5);
  });

  it('never make the probe sure', () => {
    expect(massOfPlace('probe-s1-1')).toBeLessThan(0.5);
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

import { describe, expect, it } from 'vitest';
import { percent } from '../../../server/correlate/percent.ts';
import { type SpokenLoss, sayCleared, sayLoss, sayStale } from '../../../server/correlate/sentence.ts';

const PROVIDER = { kind: 'provider', provider: 'telco-a' } as const;
const PATH = { kind: 'path', pbx: 'fra-1', target: 'a.a1' } as const;

const NAMED: SpokenLoss = {
  certainty: 'named',
  place: PROVIDER,
  group: [PROVIDER],
  posterior: 0.9987,
  runnerUp: { place: PATH, posterior: 0.0012 },
  sent: 642,
  lossInsideRatio: 0.312,
  lossOutsideRatio: 0.0021,
  lossyPaths: 2,
  pathsInside: 2,
  siteCount: 2,
  doubts: [],
  wouldSplit: undefined,
  direction: 'unknown',
};

describe('sayLoss', () => {
  it('says who, how much of how many, seen from where, against what, how sure, and what comes next', () => {
    expect(sayLoss(NAMED)).toBe(
      'Provider telco-a: 31 % of 642 probes lost on 2 of 2 paths seen from 2 sites, against 0.2 % elsewhere ' +
        '(posterior 0.998; next: path fra-1 > a.a1 0.001); direction unknown.',
    );
  });

  it('does not count sites where none but the accused one could see it', () => {
    expect(sayLoss({ ...NAMED, siteCount: 0 })).toContain('on 2 of 2 paths, against');
  });

  it.each([
    ['towards', 'lost on the way towards provider telco-a: 9.8 % of 6000 packets, against 0.1 % of 6000 packets back'],
    ['from', 'lost on the way from provider telco-a: 0.1 % of 6000 packets, against 9.8 % of 6000 packets towards it'],
    ['both', 'lost both ways: 9.8 % of 6000 packets towards provider telco-a, 0.1 % of 6000 packets back'],
  ] as const)('tells the direction %s with the packets that were counted each way', (direction, words) => {
    const interval = { lowRatio: 0, highRatio: 1 };
    const towards = { sent: 6000, lost: 588, ...interval };
    const from = { sent: 6000, lost: 6, ...interval };
    expect(sayLoss({ ...NAMED, direction, directionEvidence: { towards, from } })).toContain(`; ${words}.`);
  });

  it('names every place of an ambiguity group and the probe that would split it', () => {
    const split = 'a probe of provider telco-a from a site other than fra';
    const text = sayLoss({
      ...NAMED,
      certainty: 'ambiguous',
      group: [PATH, PROVIDER],
      wouldSplit: split,
      siteCount: 1,
    });
    expect(text).toMatch(/^Path fra-1 > a\.a1 or provider telco-a: 31 % of 642 .* seen from 1 site, /);
    expect(text).toMatch(
      /cannot tell these apart; a probe of provider telco-a from a site other than fra would tell\.$/,
    );
  });

  it.each([
    [{ kind: 'posterior' }, 'the posterior is below 0.95'],
    [{ kind: 'one-site', sites: ['fra'] }, 'only site fra has evidence of its own'],
    [{ kind: 'one-site', sites: [] }, 'no site has clear evidence of its own'],
    [{ kind: 'clean-inside', paths: ['path x > a.a1'] }, 'path x > a.a1 belongs to provider telco-a and is clean'],
    [{ kind: 'loss-outside', paths: ['p1', 'p2', 'p3', 'p4', 'p5'] }, 'p1, p2, p3 and 2 more loses probes too'],
  ] as const)('gives the reason of a suspicion: %o', (doubt, reason) => {
    const text = sayLoss({ ...NAMED, certainty: 'suspect', doubts: [doubt] });
    expect(text).toMatch(/^Suspect provider telco-a: /);
    expect(text).toContain(`; not named because ${reason}`);
  });

  it('of an all-red picture says to look at the monitor first and accuses nobody', () => {
    const none = { kind: 'none' } as const;
    const text = sayLoss({ ...NAMED, certainty: 'suspect', place: none, group: [none], doubts: [{ kind: 'all-red' }] });
    expect(text).toContain('Look first at the monitor itself');
    expect(text).not.toContain('telco-a');
  });

  it('never rounds a posterior up to certainty', () => {
    expect(sayLoss({ ...NAMED, posterior: 0.99999 })).toContain('posterior 0.999;');
  });
});

describe('sayStale and sayCleared', () => {
  it('mark missing figures and the end', () => {
    expect(sayStale(['path x > a.a1'])).toBe(' Stands as it was: no figures now from path x > a.a1.');
    expect(sayCleared('quiet for 31 s', 'Site fra: …')).toBe('Cleared: quiet for 31 s. It was: Site fra: …');
  });
});

describe('percent', () => {
  it.each([
    [0, '0 %'],
    [0.0002, '<0.1 %'],
    [0.0021, '0.2 %'],
    [0.0994, '9.9 %'],
    [0.312, '31 %'],
    [1, '100 %'],
  ])('%f reads %s', (ratio, text) => {
    expect(percent(ratio)).toBe(text);
  });
});

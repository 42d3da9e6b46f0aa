import { describe, expect, it } from 'vitest';
import type { AnyPlace } from '../../../server/evidence/place-paths.ts';
import {
  bothTimes,
  list,
  plainPlace,
  probability,
  share,
  span,
  symptomText,
  ways,
} from '../../../server/evidence/plain-words.ts';
import { OPENED } from './evidence-fixture.ts';

describe('plain words', () => {
  it.each<[AnyPlace, string]>([
    [{ kind: 'provider', provider: 'telco-a' }, 'the provider telco-a'],
    [{ kind: 'edge', provider: 'telco-a', trunk: 'a', edge: 'a2' }, 'the address a2 (trunk a) of the provider telco-a'],
    [{ kind: 'site', site: 'fra' }, 'our own site fra'],
    [{ kind: 'path', pbx: 'fra-1', target: 'a.a1' }, 'the single way from our server fra-1 to a.a1'],
    [{ kind: 'host', pbx: 'fra-1' }, 'our own server fra-1'],
    [{ kind: 'probe', pbx: 'fra-1' }, 'our own measuring server on fra-1'],
    [{ kind: 'line', sites: ['ams', 'fra'] }, 'the line between our sites ams and fra'],
    [{ kind: 'line' }, 'the line between our sites '],
    [{ kind: 'none' }, 'no single place'],
    [{ kind: 'cable', cable: 'x7' }, 'cable x7'],
    [{ kind: 'site', site: 7 }, 'our own site '],
  ])('for %j are %s', (place, words) => {
    expect(plainPlace(place)).toBe(words);
  });

  it('round no probability up to certainty', () => {
    expect([1, 0.99999, 0.95, 0].map(probability)).toEqual(['99.99 %', '99.99 %', '95.00 %', '0.00 %']);
  });

  it('say a loss with as many places as it needs', () => {
    const said = (lossRatio: number, lowRatio: number, highRatio: number) =>
      share({ sent: 1, lost: 0, lossRatio, lowRatio, highRatio });
    expect(said(0, 0, 0.0126)).toBe('0 % (with 95 % confidence between 0 % and 1.3 %)');
    expect(said(0.004, 0.00005, 1)).toBe('0.40 % (with 95 % confidence between under 0.01 % and 100 %)');
    expect(share({ sent: 0, lost: 0, lowRatio: 0, highRatio: 1 })).toContain('between 0 % and 100 %');
  });

  it('say lengths, numbers of ways, names and symptoms', () => {
    expect([60_000, 300_000, 4000].map(span)).toEqual(['a minute', '5 minutes', '4 s']);
    expect([ways(1), ways(2)]).toEqual(['1 way', '2 ways']);
    expect([list([]), list(['a', 'b']), list(['a', 'b', 'c', 'd', 'e', 'f', 'g'])]).toEqual([
      'our servers',
      'a, b',
      'a, b, c, d, e and 2 more',
    ]);
    expect(['loss', 'latency', 'media', 'other'].map(symptomText)).toEqual([
      'Packet loss',
      'Slow answers',
      'Poor speech quality',
      'Trouble (other)',
    ]);
  });

  it('give a time once where the provider has no zone', () => {
    expect(bothTimes(OPENED, undefined)).toBe('2026-03-14 02:07:00 UTC');
  });
});

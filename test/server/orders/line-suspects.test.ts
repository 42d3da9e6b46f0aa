import { describe, expect, test } from 'vitest';
import { lineSuspects } from '../../../server/orders/line-suspects.ts';
import type { PathHealth } from '../../../server/paths/path-health.ts';
import { health, verdict } from '../routing/judged.ts';

function peerPath(site: string, peerSite: string, parts: Partial<PathHealth> = {}): PathHealth {
  const [pbx, peer] = [`${site}-1`, `${peerSite}-1`];
  const target = `peer.${peer}`;
  const end = { kind: 'peer', pbx: peer, site: peerSite } as const;
  const ref = { key: `${pbx}>${target}`, pbx, site, target, end };
  return { ...health(pbx, target, 'healthy'), ref, ...parts };
}

describe('lineSuspects', () => {
  test('a path to a peer of another site that loses', () => {
    const healths = [
      peerPath('fra', 'ams', { state: 'degraded' }),
      peerPath('ams', 'fra'),
      health('fra-1', 'a.a1', 'degraded'),
    ];
    expect([...lineSuspects(healths, [])]).toEqual([['fra>ams', 'path fra-1 to peer.ams-1 is degraded']]);
  });

  test.each([
    ['where nothing passes at all', peerPath('fra', 'ams', { state: 'hard-down' })],
    ['that nothing is known of (rule 2)', peerPath('fra', 'ams', { state: 'unknown' })],
    ['whose probe is sick (rule 1)', peerPath('fra', 'ams', { state: 'degraded', isAbstaining: true })],
    ['that others have measured', peerPath('fra', 'ams', { state: 'degraded', inheritedFrom: ['fra-2'] })],
    ['within a site', peerPath('fra', 'fra', { state: 'degraded' })],
  ])('no path %s', (_name, path) => {
    expect(lineSuspects([path], []).size).toBe(0);
  });

  test('a verdict of loss that names the line, or a path over it, also as one of several places', () => {
    const line = { kind: 'line', sites: ['ams', 'fra'] } as const;
    const path = { kind: 'path', pbx: 'fra-1', target: 'peer.ams-1' } as const;
    const healths = [peerPath('fra', 'ams')];
    expect([...lineSuspects(healths, [verdict({ place: line, group: [line] })])]).toEqual([
      ['ams>fra', 'a verdict of loss at line ams - fra, named'],
    ]);
    const ambiguous = verdict({ certainty: 'ambiguous', group: [{ kind: 'site', site: 'fra' }, path] });
    expect([...lineSuspects(healths, [ambiguous])]).toEqual([
      ['fra>ams', 'a verdict of loss at path fra-1 > peer.ams-1, ambiguous'],
    ]);
    expect(lineSuspects(healths, [verdict(), verdict({ symptom: 'probe-blocked', place: line })]).size).toBe(0);
  });

  test.each(['latency', 'media'] as const)(
    'a verdict of %s that names the line or a path over it: a full line is slow before it loses',
    (symptom) => {
      const line = { kind: 'line', sites: ['ams', 'fra'] } as const;
      const path = { kind: 'path', pbx: 'fra-1', target: 'peer.ams-1' } as const;
      const of = (place: typeof line | typeof path) => [
        ...lineSuspects([peerPath('fra', 'ams')], [verdict({ symptom, place, group: [place] })]),
      ];
      expect(of(line)).toEqual([['ams>fra', `a verdict of ${symptom} at line ams - fra, named`]]);
      expect(of(path)).toEqual([['fra>ams', `a verdict of ${symptom} at path fra-1 > peer.ams-1, named`]]);
    },
  );
});

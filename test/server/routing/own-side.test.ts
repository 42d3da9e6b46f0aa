import { describe, expect, it } from 'vitest';
import type { Place, Verdict } from '../../../server/correlate/verdict.ts';
import type { Evidence } from '../../../server/routing/edge-evidence.ts';
import { isOwnSideTroubled } from '../../../server/routing/own-side.ts';
import type { TrunkLook } from '../../../server/routing/trunk-look.ts';
import { NOW, verdict } from './judged.ts';

const PBX = { pbx: 'fra-1', site: 'fra' };

function look(
  trunk: string,
  evidence: 'clean' | 'lossy' | 'hard-down' | 'unknown',
  provider = `telco-${trunk}`,
): TrunkLook {
  const shared = { reason: '', verdictId: undefined };
  const good = { ...shared, kind: 'good', goodSinceMs: NOW, samples: 100 } as const;
  const all: Readonly<Record<typeof evidence, Evidence>> = {
    clean: { ...good, isClean: true },
    lossy: { ...good, isClean: false },
    'hard-down': { ...shared, kind: 'hard-down' },
    unknown: { ...shared, kind: 'unknown' },
  };
  return {
    of: { trunk, provider, pathKeys: [] },
    evidence: all[evidence],
    tier: { trunk, tier: 'usable', ...shared },
    healths: [],
    isUnblemished: true,
  };
}

describe('trouble on the own side', () => {
  it.each<[string, Partial<Verdict>, boolean]>([
    ['on this site', { place: { kind: 'site', site: 'fra' } }, true],
    ['on another site', { place: { kind: 'site', site: 'ams' } }, false],
    ['on this host', { place: { kind: 'host', pbx: 'fra-1' } }, true],
    ['on another host of the site', { place: { kind: 'host', pbx: 'fra-2' } }, false],
    ['on this probe', { place: { kind: 'probe', pbx: 'fra-1' } }, true],
    ['on a provider', {}, false],
    ['that only suspects this site', { place: { kind: 'site', site: 'fra' }, certainty: 'suspect' }, false],
  ])('a verdict %s', (_name, parts, expected) => {
    expect(isOwnSideTroubled(PBX, [look('a', 'clean')], [verdict(parts)])).toBe(expected);
  });

  it('a verdict that cannot tell this site from a provider counts', () => {
    const group: readonly Place[] = [
      { kind: 'provider', provider: 'telco-a' },
      { kind: 'site', site: 'fra' },
    ];
    const told = verdict({ certainty: 'ambiguous', group });
    expect(isOwnSideTroubled(PBX, [look('a', 'clean')], [told])).toBe(true);
  });

  it.each([
    ['every trunk of two providers lossy', [look('a', 'lossy'), look('b', 'hard-down')], true],
    ['one clean', [look('a', 'lossy'), look('b', 'clean')], false],
    ['one provider only: it may be the provider', [look('a', 'lossy'), look('b', 'lossy', 'telco-a')], false],
    ['unknown is no witness (safety rule 2)', [look('a', 'lossy'), look('b', 'unknown')], false],
    ['nothing known', [], false],
  ] as const)('without a verdict: %s', (_name, looks, expected) => {
    expect(isOwnSideTroubled(PBX, looks, [])).toBe(expected);
  });
});

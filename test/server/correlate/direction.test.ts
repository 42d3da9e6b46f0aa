import { describe, expect, it } from 'vitest';
import { judgeDirection } from '../../../server/correlate/direction.ts';
import type { MediaCounts } from '../../../server/correlate/sight.ts';
import type { Place } from '../../../server/correlate/verdict.ts';
import type { PathRef } from '../../../server/paths/path-health.ts';
import { fixedEvidence, fleetRefs, sightOf, suffers } from './loss-simulation.ts';

const REFS = fleetRefs({ sites: 3, providers: 2, hasMesh: true });
const SITE: Place = { kind: 'site', site: 's1' };
const PROVIDER: Place = { kind: 'provider', provider: 'telco-a' };
const PAIR: Place = { kind: 'path', pbx: 's1-1', target: 'peer.s2-1' };
const CLEAN = { sent: 3000, lost: 3, intervals: 5, lostSquares: 0.003 };
/** 5 % in every interval: 600 packets, 30 of them lost. */
const LOSSY = { sent: 3000, lost: 150, intervals: 5, lostSquares: 7.5 };
/** As many packets lost, all in one interval of five. */
const ONE_BURST = { sent: 3000, lost: 150, intervals: 5, lostSquares: 37.5 };

function judge(place: Place, mediaCounts: MediaCounts) {
  const sight = { ...sightOf(REFS.map((ref) => fixedEvidence(ref, { sent: 60, lost: 0 }))), mediaCounts };
  const inside = REFS.flatMap((ref, index) => (suffers(ref, place) ? [index] : []));
  return judgeDirection(sight, place, inside, 0);
}

/** Media of mesh streams: lossy where packets leave a PBX that `isLossyFrom` names. */
function meshLeaving(isLossyFrom: (pbx: string) => boolean, lossy = LOSSY): MediaCounts {
  const byKey = new Map<string, PathRef>(REFS.map((ref) => [ref.key, ref]));
  return (key, direction) => {
    const ref = byKey.get(key);
    if (ref?.end.kind !== 'peer') return undefined;
    return isLossyFrom(direction === 'forward' ? ref.pbx : ref.end.pbx) ? lossy : CLEAN;
  };
}

describe('judgeDirection', () => {
  it('tells that a site loses what leaves it, from streams of its own and of others alike', () => {
    const found = judge(
      SITE,
      meshLeaving((pbx) => pbx === 's1-1'),
    );
    expect(found).toMatchObject({ direction: 'from', from: { sent: 12_000, lost: 600 }, towards: { lost: 12 } });
  });

  it('tells that a site loses what comes to it', () => {
    const found = judge(
      SITE,
      meshLeaving((pbx) => pbx !== 's1-1'),
    );
    expect(found.direction).toBe('towards');
  });

  it('tells the direction of a pair by the PBX that its name begins with, whichever of the two measured', () => {
    const found = judge(
      PAIR,
      meshLeaving((pbx) => pbx === 's1-1'),
    );
    expect(found).toMatchObject({ direction: 'towards', towards: { sent: 6000, lost: 300 } });
  });

  it('tells the direction at a provider from RTCP of calls, kept by trunk', () => {
    const found = judge(PROVIDER, (key, direction) =>
      key.endsWith('>a') ? (direction === 'reverse' ? LOSSY : CLEAN) : undefined,
    );
    expect(found).toMatchObject({ direction: 'from', from: { sent: 9000 }, towards: { sent: 9000 } });
  });

  it('says both where both ways lose', () => {
    expect(
      judge(
        SITE,
        meshLeaving(() => true),
      ).direction,
    ).toBe('both');
  });

  it.each<[string, MediaCounts]>([
    ['nothing is counted one way', () => undefined],
    ['only one way is counted', (_, direction) => (direction === 'forward' ? LOSSY : undefined)],
    ['neither way is clearly lossy', () => CLEAN],
    ['packets are few', () => ({ sent: 20, lost: 10, intervals: 5, lostSquares: 1 })],
    [
      'the loss is one burst',
      (key, direction) => (key !== 's1-1>a' ? undefined : direction === 'forward' ? ONE_BURST : CLEAN),
    ],
  ])('rule 2: unknown where %s', (_, counts) => {
    expect(judge(PROVIDER, counts).direction).toBe('unknown');
  });
});

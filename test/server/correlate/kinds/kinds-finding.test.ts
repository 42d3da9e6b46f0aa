import { describe, expect, it } from 'vitest';
import { findInWindow } from '../../../../server/correlate/finding.ts';
import { lossVerdict } from '../../../../server/correlate/loss-verdict.ts';
import { placeKey } from '../../../../server/correlate/places.ts';
import type { CallCounts, MediaCounts, Sight } from '../../../../server/correlate/sight.ts';
import type { PathRef } from '../../../../server/paths/path-health.ts';
import { fixedEvidence, fleetRefs, sightOf, trunkRef } from '../loss-simulation.ts';

const LAB = fleetRefs({ sites: 2, providers: 2, hasMesh: true });
const THREE = fleetRefs({ sites: 3, providers: 2, hasMesh: true });
const WINDOW_MS = 300_000;

/** What is lost, by path: attempts of 300 OPTIONS, echoes of 60. */
type Lossy = { readonly options?: Readonly<Record<string, number>>; readonly icmp?: Readonly<Record<string, number>> };

function sight(refs: readonly PathRef[], { options = {}, icmp = {} }: Lossy, others: Partial<Sight> = {}): Sight {
  const paths = refs.map((ref) => {
    const lost = icmp[ref.key] ?? 0;
    const estimate = { sent: 60, lost, lossRatio: lost / 60, lowRatio: 0, highRatio: 1, windowMs: 60_000 };
    return {
      ...fixedEvidence(ref, { sent: 300, lost: options[ref.key] ?? 0 }, { icmp: estimate }),
      icmpSince: () => ({ sent: 60, lost, lossRuns: lost }),
    };
  });
  return { ...sightOf(paths), ...others };
}

/** 250 packets each 5 s over five minutes each way, so many of 1,000 lost one by one. */
function media(lossOf: (key: string) => number): MediaCounts {
  return (key) => {
    const perInterval = (250 * lossOf(key)) / 1000;
    const squares = 60 * (perInterval ** 2 / 250 + (perInterval / 250) * (1 - perInterval / 250));
    return { sent: 15_000, lost: 60 * perInterval, intervals: 60, lostSquares: squares };
  };
}

/** 20 calls at each trunk in the window, so many of them failed one by one. */
function calls(failedOf: (key: string) => number): CallCounts {
  return (key) => [{ edge: undefined, counts: { sent: 20, lost: failedOf(key), lossRuns: failedOf(key) } }];
}

function said(from: Sight) {
  return findInWindow(from, WINDOW_MS).map((finding) => ({
    words: `${finding.certainty} ${finding.group.map(placeKey).join('|')}`,
    ...finding,
  }));
}

function sentences(from: Sight): readonly string[] {
  return findInWindow(from, WINDOW_MS).map((finding) => {
    const frame = { verdictId: 'v', openedAtMs: 0, spellSinceMs: 0, certainty: finding.certainty };
    return lossVerdict(from, finding, frame).sentence;
  });
}

describe('evidence of several kinds', () => {
  it('says nothing while no kind loses more than its background', () => {
    const quiet = sight(
      LAB,
      { options: { 's1-1>a.e1': 1 }, icmp: { 's1-1>a.e1': 1, 's2-1>b.e1': 1 } },
      {
        mediaCounts: media(() => 1),
        callCounts: calls((key) => (key === 's1-1>a' ? 1 : 0)),
      },
    );
    expect(said(quiet)).toEqual([]);
  });

  it('mesh alone names the pair of PBXs whose stream loses while OPTIONS come through and its other streams are whole', () => {
    const pair = media((key) => (['s1-1>peer.s2-1', 's2-1>peer.s1-1'].includes(key) ? 60 : 1));
    const found = said(sight(THREE, {}, { mediaCounts: pair }));
    expect(found.map(({ words }) => words)).toEqual(['named path-s1-1-peer.s2-1']);
    expect(found[0]?.kinds).toMatchObject([{ kind: 'mesh', isLossy: true }]);
  });

  it('mesh alone names the site all of whose streams lose', () => {
    const around = media((key) => (key.includes('s1-1') && key.includes('peer') ? 60 : 1));
    expect(said(sight(THREE, {}, { mediaCounts: around })).map(({ words }) => words)).toEqual(['named site-s1']);
  });

  it('mesh alone between the only two sites names none of them: both, and the pair, account for it alike', () => {
    const only = said(sight(LAB, {}, { mediaCounts: media((key) => (key.includes('peer') ? 60 : 1)) }));
    expect(only.map(({ certainty }) => certainty)).toEqual(['suspect']);
  });

  it('media of calls alone name the provider whose trunks lose from both sites', () => {
    const lossy = sight(LAB, {}, { mediaCounts: media((key) => (key.endsWith('>a') ? 80 : 1)) });
    expect(said(lossy).map(({ words }) => words)).toEqual(['named provider-telco-a']);
    expect(sentences(lossy)[0]).toContain('media of calls 8.0 % of 60000 packets, against 0.1 % elsewhere');
  });

  it('failed calls alone name the provider that refuses them at both sites, for OPTIONS may well be answered', () => {
    const lossy = sight(LAB, {}, { callCounts: calls((key) => (key.endsWith('>a') ? 9 : 0)) });
    expect(said(lossy).map(({ words }) => words)).toEqual(['named provider-telco-a']);
    expect(sentences(lossy)[0]).toContain('failed calls 45 % of 40 calls');
  });

  it('rule 3: calls that fail from one site never name the provider', () => {
    const lossy = sight(LAB, {}, { callCounts: calls((key) => (key === 's1-1>a' ? 9 : 0)) });
    expect(said(lossy).some(({ words }) => words.startsWith('named provider'))).toBe(false);
  });

  it('ICMP alone names nobody, and the sentence says why: edges limit its rate', () => {
    const limited = sight(LAB, { icmp: { 's1-1>a.e1': 25, 's2-1>a.e1': 25 } });
    expect(said(limited).map(({ words }) => words)).toEqual(['suspect provider-telco-a']);
    expect(sentences(limited)[0]).toContain('ICMP 42 % of 120 echoes');
    expect(sentences(limited)[0]).toContain('only ICMP is lost there, whose rate edges limit by themselves');
  });

  it('an edge that limits ICMP does not draw blame from the place that OPTIONS accuse', () => {
    const lossy = { 's1-1>a.e1': 30, 's1-1>b.e1': 31, 's1-1>peer.s2-1': 33, 's2-1>peer.s1-1': 29 };
    const words = said(sight(LAB, { options: lossy, icmp: { 's1-1>b.e1': 20, 's2-1>b.e1': 20 } })).map(
      (each) => each.words,
    );
    expect(words).toContain('named site-s1');
    expect(words.filter((each) => each.startsWith('named'))).toHaveLength(1);
  });

  it('each further kind that loses at a place makes it surer', () => {
    const options = { 's1-1>a.e1': 4, 's2-1>a.e1': 4 };
    const alone = said(sight(LAB, { options }))[0]?.posterior ?? 0;
    const both = said(sight(LAB, { options }, { mediaCounts: media((key) => (key.endsWith('>a') ? 30 : 1)) }))[0];
    expect(both?.place).toEqual({ kind: 'provider', provider: 'telco-a' });
    expect(both?.posterior).toBeGreaterThan(alone);
  });

  it('a kind that a fault spares costs little: OPTIONS name their place though ICMP comes through', () => {
    const options = { 's1-1>a.e1': 30, 's2-1>a.e1': 28 };
    const spared = sight(LAB, { options, icmp: { 's1-1>b.e1': 1 } }, { mediaCounts: media(() => 1) });
    expect(said(spared).map(({ words }) => words)).toEqual(['named provider-telco-a']);
  });

  it('calls whose edge is not known count for every edge of the trunk alike, and so for the provider', () => {
    const refs = ['s1', 's2'].flatMap((site) =>
      ['e1', 'e2'].flatMap((edge) => [trunkRef(`${site}-1`, site, 'a', edge), trunkRef(`${site}-1`, site, 'b', edge)]),
    );
    const ofA = (key: string) => (key.endsWith('>a') ? 12 : 0);
    expect(said(sight(refs, {}, { callCounts: calls(ofA) })).map(({ words }) => words)).toEqual([
      'named provider-telco-a',
    ]);
    const known: CallCounts = (key) =>
      ['e1', 'e2'].map((edge) => {
        const lost = edge === 'e2' ? ofA(key) : 0;
        return { edge, counts: { sent: 20, lost, lossRuns: lost } };
      });
    const atEdge = said(sight(refs, {}, { callCounts: known }));
    expect(atEdge.map(({ words }) => words)).toEqual(['named edge-a.e2']);
  });

  it('rule 2: a kind without figures contributes nothing, to the last digit', () => {
    const options = { 's1-1>a.e1': 6, 's2-1>a.e1': 5 };
    const bare = said(sight(LAB, { options }))[0];
    const asked = said(sight(LAB, { options }, { mediaCounts: () => undefined, callCounts: () => [] }))[0];
    expect(asked?.posterior).toBe(bare?.posterior);
    expect(asked?.kinds).toEqual(bare?.kinds);
  });
});

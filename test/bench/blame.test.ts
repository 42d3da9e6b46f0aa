import { describe, expect, it } from 'vitest';
import { buildHypotheses } from '../../server/correlate/hypotheses.ts';
import { fleetRefs } from '../server/correlate/loss-simulation.ts';
import { seeded } from '../support/seeded.ts';
import { badPaths, smallestCovers } from './blame/boolean-peer.ts';
import { chainLog, combined, drawCounts, lossChain } from './blame/loss-draw.ts';
import { Oracle } from './blame/oracle.ts';
import { blameReport } from './blame.ts';

const SPACE = buildHypotheses(fleetRefs({ sites: 2, providers: 2, hasMesh: true }));

describe('the blame bench at its small size', () => {
  it('plays its rows, with every peer beside them, and its targets hold', async () => {
    const lines: string[] = [];
    const { bench, metrics, peers, targets } = await blameReport(true, (line) => lines.push(line));
    expect(bench).toBe('blame');
    expect(lines.filter((line) => line.startsWith('3x4 mesh'))).toHaveLength(5 + 3 + 9);
    expect(metrics['3x4 mesh one direction 10% n=60 wrong']).toBeLessThanOrEqual(0.003);
    expect(metrics['3x4 mesh time to verdict provider 100% median seconds']).toBeLessThanOrEqual(6);
    expect(lines.filter((line) => line.startsWith('kinds: '))).toHaveLength(2);
    expect(metrics['kinds: none, ICMP limited by a provider to 80% false']).toBe(0);
    expect(metrics['kinds: all kinds 5% right']).toBeGreaterThan(0.97);
    expect(peers['threshold: kinds: none, ICMP limited by a provider to 80% false']).toBe(1);
    for (const peer of ['oracle', 'tomography', 'threshold']) {
      expect(peers[`${peer}: 3x4 mesh none n=60 false`]).toBeTypeOf('number');
      expect(peers[`${peer}: 3x4 mesh double 10% n=120 right`]).toBeTypeOf('number');
    }
    expect(targets.length).toBeGreaterThanOrEqual(8);
    expect(targets.filter(({ holds }) => !holds)).toEqual([]);
  }, 300_000);
});

describe('draws of loss', () => {
  it.each([
    ['independent', lossChain(0.1), 0.1, 1 / 0.9],
    ['bursty', lossChain(0.005, 4), 0.005, 4],
  ])('of %s loss have its ratio and its mean run', (_, chain, ratio, meanRun) => {
    const { lost, lossRuns, sent } = drawCounts(4_000_000, chain, seeded(3));
    expect(lost / sent).toBeCloseTo(ratio, 3);
    expect(lost / lossRuns / meanRun).toBeCloseTo(1, 1);
  });

  it('through two faults lose what either drops', () => {
    expect(combined(lossChain(0.1), 2).afterAnswer).toBeCloseTo(0.19, 12);
  });

  it('have the likelihood of the row of attempts they stand for: answered, lost, lost, answered', () => {
    const chain = { afterAnswer: 0.2, afterLoss: 0.6 };
    const counts = { sent: 4, lost: 2, lossRuns: 1, ended: 1 };
    expect(chainLog(counts, chain)).toBeCloseTo(Math.log(0.8 * 0.2 * 0.6 * 0.4), 12);
  });
});

describe('peers', () => {
  const counts = (lossyKeys: readonly string[], lost: number) =>
    SPACE.refs.map(({ key }) => {
      const own = lossyKeys.includes(key) ? lost : 0;
      return { sent: 60, lost: own, lossRuns: own, ended: own };
    });

  it('the oracle is sure of two faults where both are plain', () => {
    const truths = { background: lossChain(0.002), fault: lossChain(0.1), mostFaults: 2 } as const;
    const oracle = new Oracle(SPACE, truths);
    const sure = [...oracle.sure(counts(['s1-1>a.e1', 's2-1>b.e1'], 12))];
    expect(sure.map((index) => SPACE.hypotheses[index]?.place)).toEqual([
      { kind: 'path', pbx: 's1-1', target: 'a.e1' },
      { kind: 'path', pbx: 's2-1', target: 'b.e1' },
    ]);
  });

  it('tomography takes the place with the fewest paths that covers all bad ones', () => {
    const bad = badPaths(counts(['s1-1>a.e1', 's2-1>a.e1'], 3));
    expect(bad).toHaveLength(2);
    const covers = smallestCovers(SPACE, bad, 1);
    expect(covers.map(([index]) => SPACE.hypotheses[index ?? 0]?.place)).toEqual([
      { kind: 'provider', provider: 'telco-a' },
    ]);
  });
});

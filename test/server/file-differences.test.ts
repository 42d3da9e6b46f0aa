import { describe, expect, it } from 'vitest';
import { DifferenceWatch, fileDifferences, saidDifferences } from '../../server/file-differences.ts';
import { buildFleet } from '../../server/fleet.ts';
import type { TargetDescription } from '../../wire/probe-frames.ts';
import { hubConfig } from './hub-fixture.ts';

const FLEET = buildFleet(
  hubConfig('.', {
    providers: [
      { provider: 'telco-a', trunks: [{ trunk: 'a', edges: ['a1', 'a2'] }] },
      { provider: 'telco-b', trunks: [{ trunk: 'b', edges: ['b1'] }] },
    ],
    classes: [
      { class: 'national', trunks: ['a', 'b'] },
      { class: 'international', trunks: ['b'] },
    ],
  }),
);
const edge = (trunk: string, name: string) =>
  ({ target: `${trunk}.${name}`, kind: 'trunk', trunk, edge: name }) as const;
const FULL = {
  targets: [edge('a', 'a1'), edge('a', 'a2'), edge('b', 'b1')],
  trunks: ['a', 'b'],
  classes: ['national'],
};

describe('what only one of the two files knows', () => {
  it('is nothing where both know the same, whatever other classes, trunks and peers the fleet has', () => {
    expect(saidDifferences(fileDifferences(FLEET, FULL, []))).toEqual([]);
    const part = { targets: [edge('b', 'b1')], trunks: ['b'], classes: ['international'] };
    expect(saidDifferences(fileDifferences(FLEET, part, []))).toEqual([]);
  });

  it('is an edge that the probe lacks of a trunk that it has', () => {
    const differences = fileDifferences(FLEET, { ...FULL, targets: [edge('a', 'a1'), edge('b', 'b1')] }, []);
    expect(differences).toMatchObject({ probeLacksTargets: ['a.a2'], probeLacksTrunks: [] });
    expect(saidDifferences(differences)).toEqual([
      'the hub names targets that its probe does not know, and that are not measured from there: a.a2',
    ]);
  });

  it('is no edge that the probe has by name, at whatever addresses, nor one asked from another source alone', () => {
    const byName: TargetDescription = { ...edge('a', 'a2'), target: 'a.a2.at-192-0-2-1', host: '192-0-2-1' };
    const targets = [edge('a', 'a1'), byName, edge('b', 'b1')];
    expect(fileDifferences(FLEET, { ...FULL, targets }, []).probeLacksTargets).toEqual([]);
  });

  it('is a trunk that the hub routes a class over, and the probe does not have', () => {
    const differences = fileDifferences(FLEET, { ...FULL, targets: FULL.targets.slice(0, 2), trunks: ['a'] }, []);
    expect(saidDifferences(differences)).toEqual([
      'the hub routes classes over trunks that its probe does not know, and does without them there: national over b',
    ]);
  });

  it('is what the probe watches or lets be routed, and the hub does not know', () => {
    const differences = fileDifferences(FLEET, { ...FULL, classes: ['national', 'natonal'] }, ['z.z1', 'peer.lon-1']);
    expect(saidDifferences(differences)).toEqual([
      'its probe watches targets that the hub does not know, and that are not judged: z.z1, peer.lon-1',
      'its probe has classes that the hub does not know, and that are never routed by it: natonal',
    ]);
  });
});

describe('the watch over differences', () => {
  const short = { ...FULL, targets: FULL.targets.slice(1) };

  it('tells of them when they come, not again for the same, and when they are gone', () => {
    const watch = new DifferenceWatch(FLEET);
    expect(watch.declare('fra-1', FULL, [])).toBeUndefined();
    expect(watch.declare('fra-1', short, [])).toMatchObject({
      kind: 'files-differ',
      scope: { pbx: 'fra-1' },
      sentence: 'fra-1: the hub names targets that its probe does not know, and that are not measured from there: a.a1',
    });
    expect(watch.declare('fra-1', short, [])).toBeUndefined();
    expect(watch.of('fra-1')).toHaveLength(1);
    expect(watch.declare('fra-1', FULL, [])?.sentence).toBe('fra-1: the files of the hub and of its probe agree again');
    expect([watch.of('fra-1'), watch.of('ams-1')]).toEqual([[], []]);
  });

  it('takes other targets of a probe it knows; of one that never said hello it knows nothing', () => {
    const watch = new DifferenceWatch(FLEET);
    expect(watch.retarget('fra-1', short.targets, [])).toBeUndefined();
    expect(watch.of('fra-1')).toEqual([]);
    watch.declare('fra-1', FULL, []);
    expect(watch.retarget('fra-1', short.targets, ['z.z1'])?.sentence).toContain(
      'not measured from there: a.a1; its probe',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { mediaMinute, watchOf } from '../../../server/evidence/evidence-watch.ts';
import { MediaWindow } from '../../../server/paths/quality/media-window.ts';
import { context, MINUTE_MS, OPENED } from './evidence-fixture.ts';

describe('what is followed for a verdict', () => {
  it('is every path that was ever listed, and the calls at their trunks', () => {
    const first = watchOf(context(3), undefined, 1);
    const fewer = { ...context(3), paths: context(3).paths.slice(0, 1) };
    const later = watchOf(fewer, first, 2);
    expect([...later.pathKeys].toSorted()).toEqual(['ams-1>a.a1', 'ams-1>b.b1', 'fra-1>a.a1', 'fra-1>b.b1']);
    expect([...later.media]).toContainEqual(['fra-1>a', 'calls']);
    expect(later.untilMs).toBe(2);
  });

  it('is the mesh stream of a path to a peer', () => {
    const [path] = context(3).paths;
    if (!path) throw new Error('no path');
    const { edge, provider, trunk, ...shared } = path;
    const peer = { ...shared, pathKey: 'fra-1>peer.ams-1', target: 'peer.ams-1', peer: 'ams-1' };
    expect([trunk, edge, provider]).toEqual(['a', 'a1', 'telco-a']);
    expect([...watchOf({ ...context(3), paths: [peer] }, undefined, 1).media]).toEqual([['fra-1>peer.ams-1', 'mesh']]);
  });

  it('is summed minute by minute, each report once', () => {
    const window = new MediaWindow();
    for (let at = 0; at < 18; at += 1) window.add(OPENED + at * 10_000, { expected: 500, lost: at });
    const counts = (_: string, direction: string, sinceMs: number) =>
      direction === 'forward' ? window.pool(sinceMs) : undefined;
    const minutes = [0, 1, 2, 3].flatMap((at) =>
      mediaMinute(new Map([['fra-1>a', 'calls']]), counts, OPENED + at * MINUTE_MS),
    );
    expect(minutes.map(({ intervals, lost, sent }) => [sent, lost, intervals])).toEqual([
      [3000, 15, 6],
      [3000, 51, 6],
      [3000, 87, 6],
    ]);
    expect(minutes[0]).toMatchObject({
      mediaKey: 'fra-1>a',
      source: 'calls',
      direction: 'forward',
      startEpochMs: OPENED,
    });
    expect(minutes.reduce((sum, { lostSquares }) => sum + lostSquares, 0)).toBeCloseTo(
      Array.from({ length: 18 }, (_, at) => at ** 2 / 500).reduce((sum, each) => sum + each, 0),
    );
  });
});

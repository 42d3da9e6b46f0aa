import { describe, expect, test } from 'vitest';
import { cellId, layMatrix, MATRIX_LIMITS } from '../../../../dashboards/live/src/matrix.ts';
import { badNight } from '../../../browser/support/bad-night.ts';
import { largeFleet, path, pbx } from '../../../browser/support/fleet.ts';

const fleet = badNight();
const pbxes = new Map(fleet.pbxes.map((item) => [item.pbx, item]));

describe('layout', () => {
  test('rows stand by site, columns by provider, peers last by their site', () => {
    const { rowGroups, columnGroups } = layMatrix(fleet.paths, pbxes);
    expect(rowGroups.map(({ name, items }) => [name, items.map((row) => row.pbx)])).toEqual([
      ['ams', ['ams-1']],
      ['fra', ['fra-1', 'fra-2']],
      ['lon', ['lon-1']],
    ]);
    expect(columnGroups.map(({ name, items }) => [name, items.map(({ label }) => label)])).toEqual([
      ['telco-a', ['a.a1', 'a.a2']],
      ['telco-b', ['b.b1']],
      ['telco-c', ['c.c1', 'c.c2']],
      ['peers in ams', ['ams-1']],
      ['peers in fra', ['fra-1', 'fra-2']],
      ['peers in lon', ['lon-1']],
    ]);
  });

  test('a provider that sorts after the word peers still stands before them', () => {
    const { columnGroups } = layMatrix([path('x-1', 'peer.y-1'), path('x-1', 'z.z1', 'zeta-telecom')], new Map());
    expect(columnGroups.map(({ name }) => name)).toEqual(['zeta-telecom', 'peers']);
  });

  test('names are ordered as people count: fra-2 before fra-10', () => {
    const names = ['fra-10', 'fra-2', 'fra-1'];
    const { rowGroups } = layMatrix([], new Map(names.map((name) => [name, pbx(name)])));
    expect(rowGroups[0]?.items.map((row) => row.pbx)).toEqual(['fra-1', 'fra-2', 'fra-10']);
  });

  test('a PBX without any path has a row, and a PBX has no cell to itself', () => {
    const { rowGroups, keys } = layMatrix(fleet.paths, new Map([...pbxes, ['new-1', pbx('new-1')]]));
    expect(rowGroups.flatMap(({ items }) => items.map((row) => row.pbx))).toContain('new-1');
    expect(keys.has(cellId('fra-1', 'peer.fra-1'))).toBe(false);
    expect(keys.get(cellId('fra-1', 'a.a1'))).toBe('fra-1>a.a1');
  });

  test('the signature is the shape’s: equal for other states, another for another path', () => {
    const before = layMatrix(fleet.paths, pbxes).signature;
    const states = fleet.paths.map((item) => ({ ...item, state: 'unknown' as const })).toReversed();
    expect(layMatrix(states, pbxes).signature).toBe(before);
    const swapped = [...fleet.paths.slice(1), path('lon-1', 'd.d1', 'telco-d')];
    expect(layMatrix(swapped, pbxes).signature).not.toBe(before);
  });

  test('beyond the limits rows and columns are cut and counted', () => {
    const large = largeFleet(MATRIX_LIMITS.rows + 3, MATRIX_LIMITS.columns + 2);
    const layout = layMatrix(large.paths, new Map(large.pbxes.map((item) => [item.pbx, item])));
    expect([layout.hiddenRows, layout.hiddenColumns]).toEqual([3, 2]);
    expect(layout.rowGroups.flatMap(({ items }) => items)).toHaveLength(MATRIX_LIMITS.rows);
  });
});

describe('filter', () => {
  const shape = (filter: string): [number, number] => {
    const { rowGroups, columnGroups } = layMatrix(fleet.paths, pbxes, filter);
    return [rowGroups.flatMap(({ items }) => items).length, columnGroups.flatMap(({ items }) => items).length];
  };

  test.each([
    ['', 4, 9],
    ['telco-a', 4, 2],
    ['fra', 2, 9],
    ['TELCO-C lon', 1, 2],
    ['telco-a fra', 2, 2],
    ['fra fra-2', 1, 9],
    ['peer.fra', 4, 2],
    ['nowhere', 4, 0],
  ] as const)('%j leaves %d rows and %d columns', (filter, rows, columns) => {
    expect(shape(filter)).toEqual([rows, columns]);
  });
});

import { describe, expect, it } from 'vitest';
import { censusOf, PathCounter } from '../../../server/paths/path-census.ts';
import { health } from '../routing/judged.ts';

describe('the census of paths', () => {
  it('counts states, and names each PBX of which a path abstains', () => {
    const sick = { isAbstaining: true };
    const census = censusOf([
      health('fra-1', 'a.a1', 'healthy'),
      health('fra-1', 'b.b1', 'unknown', sick),
      health('ams-1', 'a.a1', 'healthy'),
    ]);
    expect([...census.byState]).toEqual([
      ['healthy', 2],
      ['unknown', 1],
    ]);
    expect([...census.sickPbxes]).toEqual(['fra-1']);
  });

  it('forgets a state that no path is in, and a PBX once its last path no longer abstains', () => {
    const counter = new PathCounter();
    const sick = ['a.a1', 'b.b1'].map((target) => health('fra-1', target, 'unknown', { isAbstaining: true }));
    for (const path of sick) counter.replace(undefined, path);
    counter.replace(sick[0], health('fra-1', 'a.a1', 'healthy'));
    const before = counter.census();
    counter.replace(sick[1], undefined);
    expect([...before.sickPbxes]).toEqual(['fra-1']);
    const { byState, sickPbxes } = counter.census();
    expect([...byState]).toEqual([['healthy', 1]]);
    expect(sickPbxes.size).toBe(0);
  });
});

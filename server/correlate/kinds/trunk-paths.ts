import { pathKey } from '../../paths/path-key.ts';
import type { HypothesisSpace } from '../hypotheses.ts';

/** The paths over which the calls of one PBX at one trunk go: one for each address of each edge. */
export type TrunkPaths = {
  /** `PBX>TRUNK`. */
  readonly key: string;
  readonly paths: readonly { readonly index: number; readonly edge: string }[];
};

const KNOWN = new WeakMap<HypothesisSpace, readonly TrunkPaths[]>();

/** Trunks of every PBX with their paths; those from another source address than calls leave from are left out. Made once for a space. */
export function trunkPathsOf(space: HypothesisSpace): readonly TrunkPaths[] {
  const known = KNOWN.get(space);
  if (known) return known;
  const found = new Map<string, TrunkPaths & { readonly paths: { index: number; edge: string }[] }>();
  space.refs.forEach(({ end, pbx }, index) => {
    if (end.kind !== 'trunk' || end.source !== undefined) return;
    const key = pathKey(pbx, end.trunk);
    const of = found.get(key) ?? { key, paths: [] };
    of.paths.push({ index, edge: end.edge });
    found.set(key, of);
  });
  const all = [...found.values()];
  KNOWN.set(space, all);
  return all;
}

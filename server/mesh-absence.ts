import type { FigureSheet } from '../wire/figures.ts';
import type { MeshDuties } from './assign/mesh-duties.ts';
import type { Engine } from './engine.ts';
import { splitPathKey } from './paths/path-key.ts';

/**
 * Adds to the sheet of a path to a peer why no stream of the mesh is sent there, where that follows from what is assigned: in
 * place of what an earlier stream said last.
 */
export function withMeshAbsence(
  sheet: FigureSheet | undefined,
  key: string,
  { engine, mesh }: { readonly engine: Pick<Engine, 'targetOf'>; readonly mesh: Pick<MeshDuties, 'absence'> },
): FigureSheet | undefined {
  if (!sheet) return undefined;
  const { name, pbx } = splitPathKey(key);
  const target = engine.targetOf(pbx, name);
  if (target?.kind !== 'peer') return sheet;
  const because = mesh.absence(pbx, target.peer);
  if (because === undefined) return sheet;
  const others = (sheet.noData ?? []).filter(({ what }) => what !== 'mesh');
  return { ...sheet, noData: [{ what: 'mesh', direction: 'round-trip', because }, ...others] };
}

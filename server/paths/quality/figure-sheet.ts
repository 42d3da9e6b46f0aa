import type { FigureSheet } from '../../../wire/figures.ts';
import type { PathHealth } from '../path-health.ts';
import { splitPathKey } from '../path-key.ts';
import { pathFigures } from './figures/path-figures.ts';
import type { QualityTable } from './quality-table.ts';

/** What a sheet is drawn from. `health` is that of the path of this key, where it is one. */
export type SheetGround = {
  readonly quality: QualityTable;
  readonly health: PathHealth | undefined;
  readonly nowMs: number;
};

/**
 * Every figure of a key. A path to a trunk also shows what calls met at that trunk, over all its edges, and says so.
 *
 * @returns undefined where the key names neither a path, nor a trunk with calls, nor a host (`PBX>host`) that told of itself.
 */
export function figureSheet(key: string, { health, nowMs, quality }: SheetGround): FigureSheet | undefined {
  if (!health) {
    const { name: trunk, pbx } = splitPathKey(key);
    return quality.trunkSheet(pbx, trunk, nowMs) ?? (trunk === 'host' ? quality.hostSheet(pbx, nowMs) : undefined);
  }
  const { end, pbx, target } = health.ref;
  const names = end.kind === 'trunk' ? quality.names(pbx, end.trunk, end.edge) : undefined;
  const own = [...pathFigures(health), ...quality.pathFigures(key, nowMs), ...(names?.figures ?? [])];
  const calls = end.kind === 'trunk' ? (quality.trunkSheet(pbx, end.trunk, nowMs)?.figures ?? []) : [];
  const shared = calls.filter(({ kind }) => kind !== 'name-addresses');
  const ofTrunk = shared.map((figure) => ({ ...figure, notes: [...figure.notes, 'of the whole trunk, all edges'] }));
  return {
    key,
    title: `${pbx} to ${target}`,
    figures: [...own, ...ofTrunk],
    noData: [...quality.pathNoData(key, nowMs), ...(names?.noData ?? [])],
  };
}

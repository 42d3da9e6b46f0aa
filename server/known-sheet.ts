import type { FigureSheet } from '../wire/figures.ts';
import type { Fleet } from './fleet.ts';
import { splitPathKey } from './paths/path-key.ts';
import type { PathTable } from './paths/path-table.ts';
import { figureSheet } from './paths/quality/figure-sheet.ts';
import { type QualityTable, WHOLE_FLEET } from './paths/quality/quality-table.ts';

/** Where figures are. */
export type SheetGround = {
  readonly fleet: Pick<Fleet, 'providerOf' | 'siteOf'>;
  readonly quality: QualityTable;
  readonly paths: Pick<PathTable, 'health'>;
  /** Hub time. */
  readonly nowMs: number;
};

/** Every figure of a path (`PBX>TARGET`), of a PBX's calls at a trunk (`PBX>TRUNK`), or of a host (`PBX>host`); undefined for none of them. */
export function knownSheet(key: string, { fleet, nowMs, paths, quality }: SheetGround): FigureSheet | undefined {
  return figureSheet(key, { quality, health: paths.health(key, nowMs), nowMs }) ?? blankSheet(key, fleet);
}

/** A trunk without calls and a host that told nothing are known all the same: they have no figures yet. */
function blankSheet(key: string, { providerOf, siteOf }: SheetGround['fleet']): FigureSheet | undefined {
  const { name, pbx } = splitPathKey(key);
  const isTrunk = providerOf.has(name) && (pbx === WHOLE_FLEET || siteOf.has(pbx));
  if (!isTrunk && !(name === 'host' && siteOf.has(pbx))) return undefined;
  return { key, title: isTrunk ? `calls at ${name}` : `host of ${pbx}`, figures: [] };
}

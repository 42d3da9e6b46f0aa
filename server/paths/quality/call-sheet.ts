import type { Figure } from '../../../wire/figures.ts';
import type { CauseCount } from './call-window.ts';
import { callFigures } from './figures/share-figure.ts';
import type { CallRow } from './quality-table.ts';

/** One row of calls with its figures. `key` is unique among rows: PBX (`*`: the whole fleet), trunk, edge and class. */
export type CallSheet = {
  readonly key: string;
  readonly pbx: string;
  readonly trunk: string;
  readonly edge?: string;
  readonly class?: string;
  /** Calls by the Q.850 cause of their end, most frequent first. */
  readonly causes: readonly CauseCount[];
  readonly figures: readonly Figure[];
};

/** Turns a row of counts into figures. */
export function callSheet({ class: name, edge, pbx, pool, trunk }: CallRow, windowMs: number): CallSheet {
  return {
    key: `${pbx}>${trunk} ${edge ?? '*'} ${name ?? '*'}`,
    pbx,
    trunk,
    ...(edge !== undefined && { edge }),
    ...(name !== undefined && { class: name }),
    causes: pool.causes,
    figures: callFigures(pool, windowMs),
  };
}

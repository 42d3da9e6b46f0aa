/** What a message touched, so that a view redraws that and nothing else. */
export type Changed = {
  /** A snapshot was folded in: anything may differ. */
  readonly isAll: boolean;
  /** A PBX or a path came that was not there before, or a path is gone: the matrix has another shape. */
  readonly isShape: boolean;
  /** The hub itself, or what people ordered of routes. */
  readonly isHub: boolean;
  readonly isJournal: boolean;
  readonly pbxes: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
  readonly verdicts: ReadonlySet<string>;
  readonly routes: ReadonlySet<string>;
};

const NONE: ReadonlySet<string> = new Set();

/** Nothing was touched. */
export const UNCHANGED: Changed = {
  isAll: false,
  isShape: false,
  isHub: false,
  isJournal: false,
  pbxes: NONE,
  paths: NONE,
  verdicts: NONE,
  routes: NONE,
};

/** Everything may have been touched. */
export const ALL_CHANGED: Changed = { ...UNCHANGED, isAll: true, isShape: true, isHub: true, isJournal: true };

/** Joins what several messages touched into one redraw. */
export function mergeChanged(a: Changed, b: Changed): Changed {
  return {
    isAll: a.isAll || b.isAll,
    isShape: a.isShape || b.isShape,
    isHub: a.isHub || b.isHub,
    isJournal: a.isJournal || b.isJournal,
    pbxes: join(a.pbxes, b.pbxes),
    paths: join(a.paths, b.paths),
    verdicts: join(a.verdicts, b.verdicts),
    routes: join(a.routes, b.routes),
  };
}

function join(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a.size === 0) return b;
  return b.size === 0 ? a : new Set([...a, ...b]);
}

import type { LiveChange, LiveHub, LiveJournalEntry, LiveOrders, LiveRoute } from '../wire/live.ts';
import type { DownMark, ReadBackRoute } from '../wire/plan.ts';
import type { Verdict } from './correlate/verdict.ts';
import { livePath, liveRoute, liveVerdict } from './live/live-picture.ts';
import type { LivePicture } from './live/live-server.ts';
import type { PathHealth } from './paths/path-health.ts';
import { livePbx, type ProbeStatus } from './probe-status.ts';
import type { PlannedRoute } from './routing/route-plan.ts';

/** All that is shown, gathered from where it lives. Times are hub time. */
export type PictureSources = {
  readonly hub: Omit<LiveHub, 'role'>;
  readonly statuses: readonly ProbeStatus[];
  readonly healths: readonly PathHealth[];
  readonly verdicts: readonly Verdict[];
  readonly routes: readonly PlannedRoute[];
  readonly fence: number;
  readonly readBackOf: (pbx: string) => readonly ReadBackRoute[] | undefined;
  /** Marks of the probe of a PBX as last read from AstDB. */
  readonly downMarksOf: (pbx: string) => readonly DownMark[];
  readonly nowMs: number;
  /** When a route was last planned anew, by `PBX CLASS`. */
  readonly changedAtMs: ReadonlyMap<string, number>;
  readonly startedAtMs: number;
  /** What people ordered of routes. */
  readonly orders?: LiveOrders;
  readonly journal: readonly LiveJournalEntry[];
};

/** Everything as views and the API show it. */
export function picture(sources: PictureSources): LivePicture {
  const sick = new Set(sources.healths.filter(({ isAbstaining }) => isAbstaining).map(({ ref }) => ref.pbx));
  return {
    hub: sources.hub,
    pbxes: sources.statuses.map((status) => livePbx(status, sick.has(status.pbx))),
    paths: sources.healths.map(livePath),
    verdicts: sources.verdicts.map(liveVerdict),
    routes: sources.routes.map((route) => shownRoute(route, sources)),
    ...(sources.orders && { orders: sources.orders }),
    journal: sources.journal,
  };
}

/** A PBX as it is told to views. */
export function pbxChange(status: ProbeStatus, isSick: boolean): LiveChange {
  return { kind: 'pbx', value: livePbx(status, isSick) };
}

/** A path as it is told to views. */
export function pathChange(health: PathHealth): LiveChange {
  return { kind: 'path', value: livePath(health) };
}

/** A verdict as it is told to views. */
export function verdictChange(verdict: Verdict): LiveChange {
  return { kind: 'verdict', value: liveVerdict(verdict) };
}

/** A route as it is told to views. */
export function routeChange(route: PlannedRoute, sources: RouteSources): LiveChange {
  return { kind: 'route', value: shownRoute(route, sources) };
}

type RouteSources = Pick<
  PictureSources,
  'fence' | 'downMarksOf' | 'nowMs' | 'readBackOf' | 'changedAtMs' | 'startedAtMs'
>;

function shownRoute(route: PlannedRoute, sources: RouteSources): LiveRoute {
  return liveRoute(route, {
    fence: sources.fence,
    downMarks: sources.downMarksOf(route.pbx).filter(({ untilEpochMs }) => untilEpochMs > sources.nowMs),
    readBack: sources.readBackOf(route.pbx)?.find((found) => found.class === route.class)?.raw,
    changedAtMs: sources.changedAtMs.get(`${route.pbx} ${route.class}`) ?? sources.startedAtMs,
  });
}

import type { LivePath, LivePbx, LiveVerdict } from '../../../wire/live.ts';
import { routeStanding, type Standing } from './route-standing.ts';
import { isRoutingStopped, type ViewState } from './state.ts';

/** The fleet in numbers; every list and count of the overview comes from here, so that none can contradict another. */
export type Tally = {
  readonly pathTotal: number;
  readonly paths: Readonly<Record<LivePath['state'], number>>;
  readonly probeTotal: number;
  readonly probes: Readonly<Record<LivePbx['probe'], number>>;
  readonly sickProbes: number;
  readonly routeTotal: number;
  readonly routes: Readonly<Record<Standing, number>>;
  /** Most urgent first, see {@link verdictRank}. */
  readonly openVerdicts: readonly LiveVerdict[];
  /** Last cleared first. */
  readonly clearedVerdicts: readonly LiveVerdict[];
};

/** Counts the state once. */
export function tallyFleet(state: ViewState): Tally {
  const paths = { 'hard-down': 0, degraded: 0, unknown: 0, 'probe-blocked': 0, unmeasurable: 0, healthy: 0 };
  for (const { state: pathState } of state.paths.values()) paths[pathState in paths ? pathState : 'unknown'] += 1;
  const probes = { connected: 0, silent: 0, 'never-seen': 0 };
  for (const { probe } of state.pbxes.values()) probes[probe] += 1;
  const isStopped = isRoutingStopped(state);
  const routes = { default: 0, reordered: 0, moved: 0, pending: 0, proposed: 0 };
  for (const route of state.routes.values()) routes[routeStanding(route, isStopped)] += 1;
  const verdicts = [...state.verdicts.values()];
  return {
    pathTotal: state.paths.size,
    paths,
    probeTotal: state.pbxes.size,
    probes,
    sickProbes: [...state.pbxes.values()].filter(({ isSick }) => isSick).length,
    routeTotal: state.routes.size,
    routes,
    openVerdicts: verdicts
      .filter(({ clearedAtEpochMs }) => clearedAtEpochMs === undefined)
      .toSorted((a, b) => verdictRank(a) - verdictRank(b) || b.posterior - a.posterior || byId(a, b)),
    clearedVerdicts: verdicts
      .filter(({ clearedAtEpochMs }) => clearedAtEpochMs !== undefined)
      .toSorted((a, b) => (b.clearedAtEpochMs ?? 0) - (a.clearedAtEpochMs ?? 0) || byId(a, b)),
  };
}

/** A verdict on calls at risk; the other symptoms say only that we cannot measure. */
export function isFault(verdict: LiveVerdict): boolean {
  return verdict.symptom !== 'probe-blocked' && verdict.symptom !== 'unmeasurable';
}

/** Urgency of a verdict, 0 first: faults before limits of measurement, then the surer before the less sure. */
export function verdictRank(verdict: LiveVerdict): number {
  const certainty = { named: 0, ambiguous: 1, suspect: 2 }[verdict.certainty];
  return isFault(verdict) ? certainty : 3 + certainty;
}

function byId(a: LiveVerdict, b: LiveVerdict): number {
  return a.verdictId < b.verdictId ? -1 : 1;
}

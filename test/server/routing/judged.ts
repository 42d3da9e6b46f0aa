import type { Verdict } from '../../../server/correlate/verdict.ts';
import type { HealthState, PathHealth } from '../../../server/paths/path-health.ts';
import { lossEstimate } from '../../../server/paths/wilson.ts';
import type { CallReader } from '../../../server/routing/call-ledger.ts';
import { NO_CONSTRAINTS, type RouteConstraints } from '../../../server/routing/route-constraints.ts';
import type { PbxRouteInput, RouteInput } from '../../../server/routing/route-input.ts';
import { ROUTE_POLICY, type RoutePolicy } from '../../../server/routing/route-policy.ts';
import type { Mode, PbxModes } from '../../../wire/plan.ts';
import { trunkPath } from '../paths/measured.ts';

/** A time at which hub and paths have been up for long. */
export const NOW = 1_700_000_000_000;

/** Health of the path from a PBX to `TRUNK.EDGE` of provider `telco-TRUNK`, long in its state. */
export function health(pbx: string, target: string, state: HealthState, parts: Partial<PathHealth> = {}): PathHealth {
  return {
    ref: trunkPath(pbx, `telco-${target.split('.')[0]}`, target),
    state,
    sinceMs: NOW - 3_600_000,
    samplesInState: 3600,
    lostInState: 0,
    reason: `figures of ${target}.`,
    options: lossEstimate({ sent: 60, lost: 0 }, 60_000),
    rtt: undefined,
    icmp: undefined,
    consecutiveMisses: 0,
    missesNeeded: 5,
    lastAnsweredAtMs: NOW,
    lastSampleAtMs: NOW,
    lastStatusCode: 200,
    isAbstaining: false,
    ...parts,
  };
}

/** A named loss verdict on provider `telco-a`, seen from two sites, with what is told otherwise. */
export function verdict(parts: Partial<Verdict> = {}): Verdict {
  const place = parts.place ?? { kind: 'provider', provider: 'telco-a' };
  return {
    verdictId: 'v-1',
    symptom: 'loss',
    certainty: 'named',
    place,
    group: [place],
    posterior: 0.987,
    runnerUp: { place: { kind: 'site', site: 'fra' }, posterior: 0.009 },
    direction: 'unknown',
    witnesses: ['fra-1', 'ams-1'],
    siteCount: 2,
    windowMs: 60_000,
    lossInsideRatio: 0.3,
    lossOutsideRatio: 0,
    evidence: [],
    wouldSplit: undefined,
    openedAtMs: NOW - 5000,
    updatedAtMs: NOW,
    clearedAtMs: undefined,
    sentence: 'telco-a loses 30 %.',
    ...parts,
  };
}

/** Modes with the routing mode given, everything else observing. */
export function modes(routing: Mode, parts: Partial<PbxModes> = {}): PbxModes {
  const others = { spend: 'observe', security: 'observe', survival: 'observe' } as const;
  return { stopped: false, routing, ...others, classes: [], ...parts };
}

/** A PBX with trunks a, b and c of one edge each and the class `national` in that order, enforcing, AstDB empty. */
export function pbxInput(pbx: string, parts: Partial<PbxRouteInput> = {}): PbxRouteInput {
  const trunks = ['a', 'b', 'c'];
  return {
    pbx,
    site: pbx.split('-')[0] ?? pbx,
    trunks: trunks.map((trunk) => ({ trunk, provider: `telco-${trunk}`, pathKeys: [`${pbx}>${trunk}.${trunk}1`] })),
    classes: [{ class: 'national', trunks }],
    modes: modes('enforce'),
    readBack: [],
    ...parts,
  };
}

/** Everything to plan from: the PBXs, and the states of trunks a, b, c at each of them. */
export function routeInput(
  pbxes: readonly PbxRouteInput[],
  states: Readonly<Record<string, HealthState>>,
  parts: {
    readonly verdicts?: readonly Verdict[];
    readonly policy?: Partial<RoutePolicy>;
    readonly health?: Partial<PathHealth>;
    readonly calls?: CallReader;
    readonly constraints?: Partial<RouteConstraints>;
  } = {},
): RouteInput {
  const healths = pbxes.flatMap(({ pbx }) =>
    Object.entries(states).map(([trunk, state]) => health(pbx, `${trunk}.${trunk}1`, state, parts.health)),
  );
  return {
    pbxes,
    healths: new Map(healths.map((each) => [each.ref.key, each])),
    verdicts: parts.verdicts ?? [],
    policy: { ...ROUTE_POLICY, ...parts.policy },
    ...(parts.calls && { calls: parts.calls }),
    ...(parts.constraints && { constraints: { ...NO_CONSTRAINTS, ...parts.constraints } }),
  };
}

/** Trunk names of a weighted route, in order. */
export function names(trunks: readonly { readonly trunk: string }[] | undefined): string {
  return (trunks ?? []).map(({ trunk }) => trunk).join(' ');
}

import type { Mode } from '../../wire/plan.ts';
import type { Place, Verdict } from '../correlate/verdict.ts';
import type { HealthState, PathHealth } from '../paths/path-health.ts';
import { lossEstimate } from '../paths/wilson.ts';
import { finish } from '../steps.ts';
import { type PlanResult, planSteps } from './planner.ts';
import type { PlannerMemory } from './planner-memory.ts';
import type { Maintenance, Pin } from './route-constraints.ts';
import { explainRoute, type RouteExplanation } from './route-explanation.ts';
import type { PbxRouteInput, RouteInput } from './route-input.ts';
import type { RoutePolicy } from './route-policy.ts';

/** What is supposed; everything that is not named is as it is. */
export type Supposition = {
  /** State of all paths of the PBX to a trunk from now on. */
  readonly trunks: readonly { readonly trunk: string; readonly state: HealthState; readonly lossRatio?: number }[];
  /** A named verdict on loss from now on, seen from two sites. */
  readonly verdict?: {
    readonly of: { readonly provider: string } | { readonly site: string };
    readonly lossRatio: number;
  };
  /** Instead of those that are ordered. */
  readonly pins?: readonly Pin[];
  readonly maintenance?: readonly Maintenance[];
  readonly policy?: RoutePolicy;
  readonly mode?: Mode;
  /** So far into the future it is looked, in steps of a second. */
  readonly forMs: number;
};

/** Everything that a simulation starts from; nothing of it is changed. */
export type SimulationGround = {
  readonly memory: PlannerMemory;
  readonly input: PbxRouteInput;
  readonly ground: Omit<RouteInput, 'pbxes' | 'healths'>;
  /** Health of each of the PBX's paths that is known. */
  readonly healths: ReadonlyMap<string, PathHealth>;
  /** PBXs of the whole fleet, of which only a share may change at once; what changed lately stands in `memory`. */
  readonly fleetSize: number;
};

/** A change of a route that would follow. */
export type SimulatedChange = {
  readonly atMs: number;
  readonly class: string;
  readonly trunks: readonly { readonly trunk: string; readonly weight: number }[];
  readonly reason: string;
  readonly isFlip: boolean;
};

/** Routes as they are, each change that would follow, and routes as they would be in the end. */
export type Simulation = {
  readonly before: readonly RouteExplanation[];
  readonly changes: readonly SimulatedChange[];
  readonly after: readonly RouteExplanation[];
};

const STEP_MS = 1000;

/**
 * Plays one PBX's routes forward under a supposition, with the planner itself: a pure function, so nothing is ordered, remembered or
 * sent. Supposed paths are measured once a second; calls stay those that were, and so do the other PBXs: what of the fleet changed
 * lately takes up room in the blast radius, what others would change meanwhile does not. A pause comes after each second played.
 */
export function* simulateSteps(
  from: SimulationGround,
  supposed: Supposition,
  nowMs: number,
): Generator<undefined, Simulation> {
  const { fleetSize, ground, input, memory } = from;
  const now = finish(planSteps(memory, { ...ground, pbxes: [input], healths: from.healths, fleetSize }, nowMs));
  const modes = supposed.mode === undefined ? input.modes : { ...input.modes, routing: supposed.mode, classes: [] };
  const pbxes = [{ ...input, modes }];
  const constraints = {
    pins: supposed.pins ?? ground.constraints?.pins ?? [],
    maintenance: supposed.maintenance ?? ground.constraints?.maintenance ?? [],
    loads: ground.constraints?.loads ?? new Map(),
  };
  const verdicts = supposed.verdict
    ? [...ground.verdicts, verdictOf(supposed.verdict, input.pbx, nowMs)]
    : ground.verdicts;
  const policy = supposed.policy ?? ground.policy;
  const changes: SimulatedChange[] = [];
  let last: PlanResult = now;
  for (let atMs = nowMs; atMs <= nowMs + supposed.forMs; atMs += STEP_MS) {
    const healths = supposedHealths(from, supposed, nowMs, atMs);
    const supposedNow = { ...ground, pbxes, healths, verdicts, policy, constraints, fleetSize };
    const next = finish(planSteps(last.memory, supposedNow, atMs));
    changes.push(...changesOf(next, atMs));
    last = next;
    yield;
  }
  return { before: now.routes.map(explainRoute), changes, after: last.routes.map(explainRoute) };
}

function changesOf({ flips, routes }: PlanResult, atMs: number): readonly SimulatedChange[] {
  return routes.flatMap(({ class: name, isChanged, reason, trunks }) =>
    isChanged ? [{ atMs, class: name, trunks, reason, isFlip: flips.some((flip) => flip.class === name) }] : [],
  );
}

function supposedHealths(
  { healths, input }: SimulationGround,
  { trunks }: Supposition,
  sinceMs: number,
  atMs: number,
): ReadonlyMap<string, PathHealth> {
  const all = new Map(healths);
  for (const { lossRatio = 0, state, trunk } of trunks) {
    const of = input.trunks.find((each) => each.trunk === trunk);
    for (const key of of?.pathKeys ?? []) {
      const known = healths.get(key);
      if (!known) continue;
      const sent = Math.min(60, Math.floor((atMs - sinceMs) / STEP_MS));
      const lost = state === 'hard-down' ? sent : Math.round(sent * lossRatio);
      all.set(key, {
        ...known,
        state,
        isAbstaining: false,
        sinceMs,
        samplesInState: Math.floor((atMs - sinceMs) / STEP_MS),
        lostInState: lost,
        options: lossEstimate({ sent, lost }, known.options.windowMs),
        reason: `supposed ${state}`,
      });
    }
  }
  return all;
}

function verdictOf({ lossRatio, of }: NonNullable<Supposition['verdict']>, pbx: string, nowMs: number): Verdict {
  const place: Place = 'provider' in of ? { kind: 'provider', ...of } : { kind: 'site', ...of };
  return {
    verdictId: 'supposed',
    symptom: 'loss',
    certainty: 'named',
    place,
    group: [place],
    posterior: 1,
    runnerUp: undefined,
    direction: 'unknown',
    witnesses: [pbx],
    siteCount: 2,
    windowMs: 60_000,
    lossInsideRatio: lossRatio,
    lossOutsideRatio: 0,
    evidence: [],
    wouldSplit: undefined,
    openedAtMs: nowMs,
    updatedAtMs: nowMs,
    clearedAtMs: undefined,
    sentence: `Supposed: ${Math.round(lossRatio * 100)} % of loss.`,
  };
}

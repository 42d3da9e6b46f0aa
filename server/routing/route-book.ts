import type { PbxModes } from '../../wire/plan.ts';
import type { Verdict } from '../correlate/verdict.ts';
import type { PathHealth } from '../paths/path-health.ts';
import type { CallReader } from './call-ledger.ts';
import { isSeenLossy } from './edge-evidence.ts';
import { planSteps } from './planner.ts';
import { EMPTY_PLANNER, entryOf, type PlannerMemory } from './planner-memory.ts';
import { concernedPbxes, isRestless, movesRoutes, verdictGround } from './replan-grounds.ts';
import { constraintGround, type RouteConstraints } from './route-constraints.ts';
import type { PbxRouteInput } from './route-input.ts';
import type { FlipProposal, PlannedRoute } from './route-plan.ts';
import type { RoutePolicy } from './route-policy.ts';
import { pressureGround } from './trunk-limits.ts';

/** A PBX is planned anew at least so often, so that the reasons of its routes name figures no older. */
const ROUND_MS = 30_000;
/** Share of the fleet that is planned in one pass for that alone. */
const ROUND_SHARE = 0.05;

/** PBXs planned, or passed over, before others get a turn. */
const STEP_PLANNED = 20;
const STEP_READ = 2000;
const STEP_LOOKED_AT = 500;

/** What a planning looks at. */
export type RouteSources = {
  /** PBXs with a probe that ever said hello, in an order that stays. */
  readonly pbxes: readonly string[];
  readonly modesOf: (pbx: string) => PbxModes;
  /** Undefined for a PBX that is gone by now. */
  readonly inputOf: (pbx: string, modes: PbxModes) => PbxRouteInput | undefined;
  readonly healths: { readonly get: (key: string) => PathHealth | undefined };
  /** Health of the paths that were read since the last planning, and what it was before. */
  readonly read: readonly { readonly before: PathHealth | undefined; readonly after: PathHealth }[];
  /** Health of every path. */
  readonly known: () => Iterable<PathHealth>;
  readonly verdicts: readonly Verdict[];
  readonly calls: CallReader;
  readonly constraints: RouteConstraints;
};

/** Every route as it stands, which of them were planned anew, and the flips of this planning. */
export type BookedRoutes = {
  readonly routes: readonly PlannedRoute[];
  readonly planned: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
};

type Booked = {
  readonly routes: readonly PlannedRoute[];
  readonly modes: PbxModes;
  readonly plannedAtMs: number;
  readonly isRestless: boolean;
  readonly trunks: PbxRouteInput['trunks'];
};

/**
 * The routes of the fleet. Only those PBXs are planned anew whose paths, verdicts, modes or declarations changed, or for whom
 * time may change something; all others stand, and are decided as they would be if they were planned too. Mutable, free of I/O.
 */
export class RouteBook {
  readonly #policy: RoutePolicy;
  readonly #booked = new Map<string, Booked>();
  readonly #stale = new Set<string>();
  #verdictGround = '';
  #constraintGround = '';
  #memory: PlannerMemory = EMPTY_PLANNER;

  constructor(policy: RoutePolicy) {
    this.#policy = policy;
  }

  /** Everything that planning remembers, worth keeping over a restart (safety rule 9). */
  get memory(): PlannerMemory {
    return this.#memory;
  }

  /** Settings in force. */
  get policy(): RoutePolicy {
    return this.#policy;
  }

  /** Takes over the memory of an earlier life of the hub; once, before the first planning. */
  recall(memory: PlannerMemory): void {
    this.#memory = memory;
  }

  /** Paths of the trunks that are held anywhere: their figures of now say when a hold ends. */
  *heldPaths(): Iterable<string> {
    for (const [pbx, { isRestless: isHeld, trunks }] of this.#booked) {
      const holds = isHeld ? entryOf(this.#memory.pbxes, pbx)?.holds : undefined;
      if (!holds) continue;
      for (const { pathKeys, trunk } of trunks) {
        if ((entryOf(holds, trunk)?.phase ?? 'free') !== 'free') yield* pathKeys;
      }
    }
  }

  /** Something about a PBX other than its paths, verdicts and modes has changed. */
  touch(pbx: string): void {
    this.#stale.add(pbx);
  }

  /** Plans in small steps; between them PBXs may be touched, which are planned then or the next time. */
  *steps(sources: RouteSources, nowMs: number): Generator<undefined, BookedRoutes> {
    for (const [at, { after, before }] of sources.read.entries()) {
      const isWeighed = sources.verdicts.length > 0 && isSeenLossy(after);
      if (isWeighed || movesRoutes(before, after)) this.touch(after.ref.pbx);
      if (at % STEP_READ === STEP_READ - 1) yield;
    }
    const ground = verdictGround(sources.verdicts);
    if (ground !== this.#verdictGround)
      for (const pbx of concernedPbxes(sources.verdicts, sources.known())) this.touch(pbx);
    this.#verdictGround = ground;
    const pressure = pressureGround(sources.constraints, this.#policy);
    const demands = `${constraintGround(sources.constraints, nowMs)} ${pressure}`;
    if (demands !== this.#constraintGround) for (const pbx of sources.pbxes) this.touch(pbx);
    this.#constraintGround = demands;
    const due: string[] = [];
    let room = Math.ceil(sources.pbxes.length * ROUND_SHARE);
    for (const [at, pbx] of sources.pbxes.entries()) {
      if (this.#isDue(pbx, sources.modesOf(pbx))) due.push(pbx);
      else if (room > 0 && this.#isOld(pbx, nowMs)) {
        due.push(pbx);
        room -= 1;
      }
      if (at % STEP_LOOKED_AT === STEP_LOOKED_AT - 1) yield;
    }
    const { calls, constraints, healths, verdicts } = sources;
    const taken: PbxRouteInput[] = [];
    const pbxes = this.#inputs(due, sources, taken);
    const fleetSize = sources.pbxes.length;
    const input = { pbxes, healths, verdicts, calls, constraints, policy: this.#policy, fleetSize };
    const steps = planSteps(this.#memory, input, nowMs);
    for (let count = 1; ; count += 1) {
      const step = steps.next();
      if (step.done === true) return this.#book(sources.pbxes, taken, step.value, nowMs);
      if (count % STEP_PLANNED === 0) yield;
    }
  }

  #isDue(pbx: string, modes: PbxModes): boolean {
    const booked = this.#booked.get(pbx);
    return booked === undefined || booked.isRestless || booked.modes !== modes || this.#stale.has(pbx);
  }

  #isOld(pbx: string, nowMs: number): boolean {
    return nowMs - (this.#booked.get(pbx)?.plannedAtMs ?? 0) >= ROUND_MS;
  }

  *#inputs(due: readonly string[], sources: RouteSources, taken: PbxRouteInput[]): Generator<PbxRouteInput> {
    for (const pbx of due) {
      const input = sources.inputOf(pbx, sources.modesOf(pbx));
      if (!input) continue;
      this.#stale.delete(pbx);
      taken.push(input);
      yield input;
    }
  }

  #book(
    pbxes: readonly string[],
    taken: readonly PbxRouteInput[],
    found: {
      readonly memory: PlannerMemory;
      readonly routes: readonly PlannedRoute[];
      readonly flips: readonly FlipProposal[];
    },
    nowMs: number,
  ): BookedRoutes {
    this.#memory = found.memory;
    const byPbx = Map.groupBy(found.routes, ({ pbx }) => pbx);
    for (const { modes, pbx, trunks } of taken) {
      const routes = byPbx.get(pbx) ?? [];
      const restless = isRestless(entryOf(found.memory.pbxes, pbx), routes);
      this.#booked.set(pbx, { routes, modes, plannedAtMs: nowMs, isRestless: restless, trunks });
    }
    const routes = pbxes.flatMap((pbx) => this.#booked.get(pbx)?.routes ?? []);
    return { routes, planned: found.routes, flips: found.flips };
  }
}

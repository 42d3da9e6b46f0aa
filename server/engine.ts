import { isDeepStrictEqual } from 'node:util';
import type { FigureSheet } from '../wire/figures.ts';
import type { LineMeasurement } from '../wire/host-measurement.ts';
import { settledAtMs } from '../wire/measured-at.ts';
import type { Measurement } from '../wire/measurement.ts';
import type { DownMark, PbxModes, ReadBackRoute } from '../wire/plan.ts';
import type { BatchFrame, HelloFrame } from '../wire/probe-frames.ts';
import {
  type CorrelateState,
  type Correlation,
  correlate,
  NOTHING_CORRELATED,
  recallVerdicts,
} from './correlate/correlate.ts';
import { CostBook } from './correlate/cost-book.ts';
import { ShiftBooks } from './correlate/shift/shift-books.ts';
import type { DeclaredRefs } from './correlate/touched.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { VerdictEffect } from './correlate/verdict-effect.ts';
import { declaredPaths, type Fleet } from './fleet.ts';
import type { PathCensus } from './paths/path-census.ts';
import type { PathDuties } from './paths/path-duty.ts';
import type { PathHealth, PathRef } from './paths/path-health.ts';
import { pbxOfKey, splitPathKey } from './paths/path-key.ts';
import type { PathPolicy } from './paths/path-policy.ts';
import type { PathSight } from './paths/path-sight.ts';
import type { PathSnapshot } from './paths/path-snapshot.ts';
import { type BatchResult, PathTable } from './paths/path-table.ts';
import { ProbeClocks } from './paths/probe-clocks.ts';
import type { CallEnded } from './paths/quality/ended-call.ts';
import { figureSheet } from './paths/quality/figure-sheet.ts';
import { type CallRow, QualityTable, WHOLE_FLEET } from './paths/quality/quality-table.ts';
import { declaredIn, type FoundInAstDb, type PbxDeclaration, type PbxState, pbxState, routeInput } from './pbx-book.ts';
import { RouteGround, type RouteOrders } from './route-ground.ts';
import { entryOf, notAhead, type PlannerMemory } from './routing/planner-memory.ts';
import { RouteBook } from './routing/route-book.ts';
import type { FlipProposal, PlannedRoute } from './routing/route-plan.ts';
import type { RoutePolicy } from './routing/route-policy.ts';
import type { SimulationGround } from './routing/simulation.ts';
import { finish, portions, type Steps } from './steps.ts';

/** How a measurement was taken: whether its target, trunk or edge is known at all, and whether its probe is to abstain. */
export type MeasurementGround = { readonly isKnown: boolean; readonly isSick: boolean };

/** What one pass found. */
export type PassResult = {
  readonly healths: readonly PathHealth[];
  /** {@link PassResult.healths}, counted. */
  readonly census: PathCensus;
  readonly verdictEffects: readonly VerdictEffect[];
  readonly openVerdicts: readonly Verdict[];
  readonly routes: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
  /** What of `healths` and `routes` was looked at anew; all else stands as it was. */
  readonly renewed: { readonly healths: readonly PathHealth[]; readonly routes: readonly PlannedRoute[] };
};

/** Memory worth keeping over a restart of the hub (safety rule 9). */
export type EngineMemory = {
  readonly paths: PathSnapshot;
  readonly planner: PlannerMemory;
  /** By PBX: what its probe last declared, so that its paths are there, unknown, before it says hello again. */
  readonly declared: ReadonlyMap<string, PbxDeclaration>;
};

/** Settings of the stages. */
export type EnginePolicy = {
  readonly paths: PathPolicy;
  readonly routes: RoutePolicy;
  /** Least quiet before a verdict clears, milliseconds. */
  readonly minQuietMs: number;
};

/** Health of paths as read now, and before. */
type PassReadings = readonly { readonly before: PathHealth | undefined; readonly after: PathHealth }[];

/** PBXs whose memory is taken at once. */
const PORTION_PBXES = 20;

/**
 * The hub's judgement, from measurements to routes: paths, then correlate, then routing, one way. Free of I/O and of
 * clocks, so that a replay of recorded frames with their own times gives the same verdicts and plans. All `nowMs` are hub
 * time.
 */
export class Engine {
  readonly #fleet: Fleet;
  readonly #policy: EnginePolicy;
  readonly #paths: PathTable;
  readonly #quality: QualityTable;
  readonly #clocks = new ProbeClocks();
  readonly #pbxes = new Map<string, PbxState>();
  readonly #routes: RouteBook;
  readonly #ground: RouteGround;
  #openVerdicts: readonly Verdict[] = [];
  readonly #shifts: ShiftBooks;
  readonly #costs: CostBook;
  readonly #refs = new Map<string, readonly PathRef[]>();
  #refsVersion = 0;
  /** Paths read by passes that failed before their routes were planned. */
  #unplanned: PassReadings = [];
  #correlation: CorrelateState = NOTHING_CORRELATED;

  constructor(fleet: Fleet, policy: EnginePolicy) {
    this.#fleet = fleet;
    this.#policy = policy;
    this.#paths = new PathTable(policy.paths);
    this.#routes = new RouteBook(policy.routes);
    this.#shifts = new ShiftBooks((pbx) => this.#pbxes.get(pbx)?.targetOf);
    this.#costs = new CostBook((trunks) =>
      fleet.classes.flatMap((entry) => (entry.trunks.some((trunk) => trunks.has(trunk)) ? [entry.class] : [])),
    );
    this.#quality = new QualityTable({
      target: (pbx, target) => this.targetOf(pbx, target) !== undefined,
      trunk: (trunk) => fleet.providerOf.has(trunk),
      edge: (trunk, edge) => fleet.edgesOf.get(trunk)?.includes(edge) ?? false,
      class: (name) => fleet.classes.some((known) => known.class === name) || name === 'emergency',
    });
    this.#ground = new RouteGround(fleet, this.#quality);
  }

  /** What people ordered of routes, from the next pass on. */
  demand(orders: RouteOrders): void {
    this.#ground.order(orders);
  }

  /**
   * Takes over the memory of an earlier life of the hub, the verdicts that it left open and those it cleared within a day. Once,
   * before anything else.
   */
  recall(memory: EngineMemory, verdicts: readonly Verdict[], nowMs: number): void {
    this.#paths.restore(memory.paths);
    this.#routes.recall(notAhead(memory.planner, this.#policy.routes, nowMs));
    this.#correlation = recallVerdicts(verdicts, nowMs);
    this.#shifts.recall(verdicts.filter(({ clearedAtMs }) => clearedAtMs === undefined));
    this.#costs.restore(verdicts);
    for (const [pbx, declaration] of memory.declared) {
      if (this.#fleet.siteOf.has(pbx)) this.#declare(pbx, declaration, { readBack: undefined, down: [] }, nowMs);
    }
  }

  /** A probe has said hello. @returns targets that the hub's configuration does not know. */
  hello(hello: HelloFrame, nowMs: number): readonly string[] {
    const { pbx } = hello;
    const known = this.#pbxes.get(pbx);
    const found = hello.plan ?? { routes: known?.readBack, down: known?.down };
    const unknown = this.#declare(pbx, hello, { readBack: found.routes, down: found.down ?? [] }, nowMs);
    this.#paths.connect(pbx, hello.instanceId, nowMs);
    this.#costs.asterisk(pbx, hello.asteriskVersion !== undefined);
    return unknown;
  }

  /** A probe watches other targets than its hello said. @returns targets that the hub's configuration does not know. */
  retarget(pbx: string, targets: HelloFrame['targets'], nowMs: number): readonly string[] {
    const known = this.#pbxes.get(pbx);
    return known ? this.#declare(pbx, { ...known, targets }, known, nowMs) : [];
  }

  /** What each PBX is to measure from now on: whose paths are asked, how often, and who inherits. */
  assign(duties: ReadonlyMap<string, PathDuties>): void {
    for (const [pbx, own] of duties) this.#paths.setDuties(pbx, own);
  }

  /** A call of a PBX has ended, as its probe told for the first time. One that ended while the probe was sick is counted and speaks against nobody. */
  callEnded(pbx: string, body: CallEnded, atMs: number): void {
    const isSick = this.#paths.isSickAt(pbx, atMs);
    this.#quality.addCall(pbx, body, { atMs, isSick });
    if (!isSick && this.#ground.callEnded(pbx, body, atMs)) this.#routes.touch(pbx);
    this.#costs.callEnded(pbx, body, atMs);
  }

  /** The probe of a PBX has reached or lost its Asterisk: whether it tells of calls at all. */
  asterisk(pbx: string, isReached: boolean): void {
    this.#costs.asterisk(pbx, isReached);
  }

  /** A transfer over a line, as it was told in an earlier life of the hub at this hub time. */
  lineMeasured(pbx: string, line: LineMeasurement, atMs: number): void {
    this.#quality.add(pbx, line, { batchSentAtMs: settledAtMs(line), nowMs: atMs, isSick: false });
  }

  /** Calls that ended within `windowMs`, at most an hour, by PBX (or over all of them), trunk, edge and class. */
  calls(windowMs: number, nowMs: number, by: 'pbx' | 'trunk'): readonly CallRow[] {
    return this.#quality.calls(windowMs, nowMs, by);
  }

  /** What a target of a PBX is, as its probe declared it; undefined for one that it never did. */
  targetOf(pbx: string, target: string): HelloFrame['targets'][number] | undefined {
    return this.#pbxes.get(pbx)?.targetOf.get(target);
  }

  /** What was measured besides OPTIONS and ICMP, for reading. */
  get quality(): Pick<QualityTable, 'counts' | 'trunkStates' | 'certificateEnds'> {
    return this.#quality;
  }

  /** Every figure of a path (`PBX>TARGET`), of a PBX's calls at a trunk (`PBX>TRUNK`), or of a host (`PBX>host`); undefined for none of them. */
  figures(key: string, nowMs: number): FigureSheet | undefined {
    const ground = { quality: this.#quality, health: this.#paths.health(key, nowMs), nowMs };
    return figureSheet(key, ground) ?? this.#blankSheet(key);
  }

  /**
   * Takes a batch in, in one walk over its measurements. `changedKeys` of the result tells whether a pass is worth making at
   * once.
   *
   * @param onEach - told of each measurement as it is taken.
   */
  batch(
    pbx: string,
    instanceId: string,
    frame: BatchFrame,
    nowMs: number,
    onEach?: (measurement: Measurement, ground: MeasurementGround) => void,
  ): BatchResult {
    const { instrument, measurements } = frame;
    const batchSentAtMs = this.#clocks.shownAtMs(pbx, instanceId, frame.sentAtMs, nowMs);
    const batch = { pbx, instanceId, measurements, batchSentAtMs, instrument, nowMs };
    if (instrument) this.#shifts.instrument(pbx, instrument, nowMs);
    const result = this.#paths.addBatch(batch, (measurement, isSick) => {
      const isKnown = this.#quality.add(pbx, measurement, { batchSentAtMs, nowMs, isSick });
      if (isKnown && !isSick) this.#shifts.add(pbx, measurement, { batchSentAtMs, nowMs });
      if (isKnown && !isSick && measurement.kind === 'rtp-call') this.#costs.media(pbx, instanceId, measurement, nowMs);
      onEach?.(measurement, { isKnown, isSick });
    });
    if (instrument?.clock) this.#quality.addClock(pbx, instrument.clock, nowMs);
    return result;
  }

  /** AstDB of a PBX as read now; the probe's own marks only where they were read too. */
  readBack(pbx: string, routes: readonly ReadBackRoute[], down?: readonly DownMark[]): void {
    const state = this.#pbxes.get(pbx);
    if (!state) return;
    this.#pbxes.set(pbx, { ...state, readBack: routes, down: down ?? state.down });
    this.#routes.touch(pbx);
  }

  /** Trunks that the probe of a PBX had itself marked hard-down when AstDB was last read, expired marks included. */
  downMarks(pbx: string): readonly DownMark[] {
    return this.#pbxes.get(pbx)?.down ?? [];
  }

  /** Routes of a PBX as last read back; undefined where they never were. */
  routesReadBack(pbx: string): readonly ReadBackRoute[] | undefined {
    return this.#pbxes.get(pbx)?.readBack;
  }

  /** One pass in one go: see {@link passSteps}. */
  pass(modesOf: (pbx: string) => PbxModes, nowMs: number): PassResult {
    return finish(this.passSteps(modesOf, nowMs));
  }

  /**
   * One pass, in steps of a few milliseconds: about once a second, and at once when a path's state has changed. Looked at anew
   * is only what was measured, declared or ordered since the pass before, and what time has changed; it decides as if it
   * looked at everything. Frames may be taken between two steps; what they change is left to the next pass. One pass at a time.
   *
   * @param modesOf - modes of a PBX after scopes are resolved; the same object while they are the same spares a planning.
   */
  *passSteps(modesOf: (pbx: string) => PbxModes, nowMs: number): Steps<PassResult> {
    for (const key of this.#routes.heldPaths()) this.#paths.touch(key);
    const read = [...this.#unplanned, ...(yield* this.#paths.refresh(nowMs))];
    this.#unplanned = read;
    yield;
    const found = this.#correlate(nowMs);
    yield;
    const correlation = yield* this.#costs.priced(found, this.#declaredRefs(), nowMs);
    this.#openVerdicts = correlation.open;
    yield;
    const { flips, planned, routes } = yield* this.#routes.steps(
      {
        pbxes: [...this.#pbxes.keys()],
        modesOf,
        inputOf: (pbx, modes) => {
          const state = this.#pbxes.get(pbx);
          return state && routeInput(state, modes);
        },
        healths: { get: (key) => this.#paths.knownOf(key) },
        read,
        known: () => this.#paths.known(),
        verdicts: correlation.open,
        calls: this.#ground.calls(),
        constraints: this.#ground.constraints(nowMs),
      },
      nowMs,
    );
    this.#unplanned = [];
    return {
      healths: this.#paths.known(),
      census: this.#paths.census,
      verdictEffects: correlation.effects,
      openVerdicts: correlation.open,
      routes,
      flips,
      renewed: { healths: read.map(({ after }) => after), routes: planned },
    };
  }

  /** How everything that bears on one PBX's routes stands now, to play them forward from; undefined for a PBX whose probe never said hello. */
  simulationGround(pbx: string, modes: PbxModes, nowMs: number): SimulationGround | undefined {
    const state = this.#pbxes.get(pbx);
    if (!state) return undefined;
    const input = routeInput(state, modes);
    const keys = input.trunks.flatMap(({ pathKeys }) => pathKeys);
    const healths = new Map(
      keys.flatMap((key) => {
        const known = this.#paths.knownOf(key);
        return known ? [[key, known] as const] : [];
      }),
    );
    const { format, pbxes, recentFlips } = this.#routes.memory;
    const own = entryOf(pbxes, pbx);
    const ground = {
      verdicts: this.#openVerdicts,
      policy: this.#routes.policy,
      calls: this.#ground.calls(),
      constraints: this.#ground.constraints(nowMs),
    };
    const memory = { format, recentFlips, pbxes: own ? { [pbx]: own } : {} };
    return { memory, input, ground, healths, fleetSize: this.#pbxes.size };
  }

  /** Every path as the last pass saw it, with a way to count its samples; costs no judgement. */
  watched(): readonly PathSight[] {
    return this.#paths.watched();
  }

  /** Every path as the latest pass found it, with a way to count its samples: see {@link PathTable.watched}. */
  sight(): readonly PathSight[] {
    return this.#paths.watched();
  }

  /** What a hub that starts after this one should know. */
  memory(nowMs: number): EngineMemory {
    const declared = [...this.#pbxes].map(([pbx, state]): readonly [string, PbxDeclaration] => [
      pbx,
      declaredIn(state),
    ]);
    return { paths: this.#paths.snapshot(nowMs), planner: this.#routes.memory, declared: new Map(declared) };
  }

  /** {@link memory} in portions of some PBXs each, every one as of when it is asked for. */
  *memoryPortions(nowMs: () => number): Iterable<EngineMemory> {
    const names = new Set([...this.#pbxes.keys(), ...Object.keys(this.#routes.memory.pbxes)]);
    const waiting = Map.groupBy(this.#paths.waiting(), ({ key }) => pbxOfKey(key));
    for (const pbx of waiting.keys()) names.add(pbx);
    for (const pbxes of portions([...names], PORTION_PBXES)) {
      const { format, pbxes: planned, recentFlips } = this.#routes.memory;
      const known = pbxes.flatMap((pbx) => [[pbx, this.#pbxes.get(pbx)] as const]);
      yield {
        paths: {
          format: 'trunkward-paths-1',
          paths: pbxes.flatMap((pbx) => [...(waiting.get(pbx) ?? []), ...this.#paths.remembrances(pbx, nowMs())]),
        },
        planner: {
          format,
          recentFlips,
          pbxes: Object.fromEntries(pbxes.flatMap((pbx) => (planned[pbx] ? [[pbx, planned[pbx]]] : []))),
        },
        declared: new Map(known.flatMap(([pbx, state]) => (state ? [[pbx, declaredIn(state)] as const] : []))),
      };
    }
  }

  /** A trunk without calls and a host that told nothing are known all the same: they have no figures yet. */
  #blankSheet(key: string): FigureSheet | undefined {
    const { name, pbx } = splitPathKey(key);
    const isTrunk = this.#fleet.providerOf.has(name) && (pbx === WHOLE_FLEET || this.#fleet.siteOf.has(pbx));
    if (!isTrunk && !(name === 'host' && this.#fleet.siteOf.has(pbx))) return undefined;
    return { key, title: isTrunk ? `calls at ${name}` : `host of ${pbx}`, figures: [] };
  }

  #correlate(nowMs: number): Correlation {
    const { incidents, latency, media, silentPaths } = this.#correlation;
    const isAnyOpen =
      silentPaths.size > 0 || [incidents, latency.incidents, media.incidents].some(({ open }) => open.length > 0);
    const paths = this.#paths.evidence(isAnyOpen);
    const correlation = correlate(this.#correlation, {
      paths,
      nowMs,
      minQuietMs: this.#policy.minQuietMs,
      mediaCounts: (key, direction, sinceMs) => this.#quality.counts(key, direction, sinceMs),
      callCounts: (key, sinceMs) => this.#quality.callLosses(key, sinceMs),
      ...this.#shifts.inputs(() => this.#paths.watched()),
    });
    this.#correlation = correlation.state;
    return correlation;
  }

  #declaredRefs(): DeclaredRefs {
    const byPbx = this.#refs;
    return {
      version: this.#refsVersion,
      of: (pbx) => byPbx.get(pbx) ?? [],
      all: () => [...byPbx.values()].flat(),
    };
  }

  #declare(pbx: string, declaration: PbxDeclaration, found: FoundInAstDb, nowMs: number): readonly string[] {
    const { refs, unknown } = declaredPaths(this.#fleet, pbx, declaration.targets);
    this.#paths.setPaths(pbx, refs, nowMs);
    if (!isDeepStrictEqual(refs, this.#refs.get(pbx))) this.#refsVersion += 1;
    this.#refs.set(pbx, refs);
    this.#shifts.keepOnly(pbx, refs);
    this.#pbxes.set(pbx, pbxState(this.#fleet, pbx, { ...declaration, refs }, found));
    this.#routes.touch(pbx);
    return unknown;
  }
}

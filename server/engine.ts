import type { FigureSheet } from '../wire/figures.ts';
import type { LineMeasurement } from '../wire/host-measurement.ts';
import { settledAtMs } from '../wire/measured-at.ts';
import type { Measurement } from '../wire/measurement.ts';
import type { DownMark, PbxModes, ReadBackRoute } from '../wire/plan.ts';
import type { BatchFrame, HelloFrame } from '../wire/probe-frames.ts';
import { CostBook } from './correlate/cost-book.ts';
import { ShiftBooks } from './correlate/shift/shift-books.ts';
import type { Verdict } from './correlate/verdict.ts';
import { CorrelateStage } from './correlate-stage.ts';
import { type EngineMemory, type MemoryGround, memoryPortions, wholeMemory } from './engine-memory.ts';
import type { Fleet } from './fleet.ts';
import { knownSheet } from './known-sheet.ts';
import type { PassResult } from './pass-result.ts';
import type { PathDuties } from './paths/path-duty.ts';
import type { PathPolicy } from './paths/path-policy.ts';
import type { RefreshedPath } from './paths/path-refresh.ts';
import type { PathSight } from './paths/path-sight.ts';
import { type BatchResult, PathTable } from './paths/path-table.ts';
import { ProbeClocks } from './paths/probe-clocks.ts';
import type { CallEnded } from './paths/quality/ended-call.ts';
import { type CallRow, QualityTable } from './paths/quality/quality-table.ts';
import type { FoundInAstDb, PbxDeclaration } from './pbx-book.ts';
import { PbxTable } from './pbx-table.ts';
import type { RouteOrders } from './route-ground.ts';
import { RouteStage } from './route-stage.ts';
import type { RoutePolicy } from './routing/route-policy.ts';
import type { SimulationGround } from './routing/simulation.ts';
import { finish, type Steps } from './steps.ts';

/** How a measurement was taken: whether its target, trunk or edge is known at all, and whether its probe is to abstain. */
export type MeasurementGround = { readonly isKnown: boolean; readonly isSick: boolean };

/** Settings of the stages. */
export type EnginePolicy = {
  readonly paths: PathPolicy;
  readonly routes: RoutePolicy;
  /** Least quiet before a verdict clears, milliseconds. */
  readonly minQuietMs: number;
};

/**
 * The hub's judgement, from measurements to routes: paths, then correlate, then routing, one way. Free of I/O and of
 * clocks, so that a replay of recorded frames with their own times gives the same verdicts and plans. All `nowMs` are hub
 * time.
 */
export class Engine {
  readonly #fleet: Fleet;
  readonly #paths: PathTable;
  readonly #quality: QualityTable;
  readonly #clocks = new ProbeClocks();
  readonly #pbxes: PbxTable;
  readonly #shifts: ShiftBooks;
  readonly #costs: CostBook;
  readonly #verdicts: CorrelateStage;
  readonly #routes: RouteStage;
  /** Paths read by passes that failed before their routes were planned. */
  #unplanned: readonly RefreshedPath[] = [];

  constructor(fleet: Fleet, policy: EnginePolicy) {
    this.#fleet = fleet;
    this.#pbxes = new PbxTable(fleet);
    this.#paths = new PathTable(policy.paths);
    this.#quality = new QualityTable({
      target: (pbx, target) => this.targetOf(pbx, target) !== undefined,
      trunk: (trunk) => fleet.providerOf.has(trunk),
      edge: (trunk, edge) => fleet.edgesOf.get(trunk)?.includes(edge) ?? false,
      class: (name) => fleet.classes.some((known) => known.class === name) || name === 'emergency',
    });
    this.#shifts = new ShiftBooks((pbx) => this.#pbxes.get(pbx)?.targetOf);
    this.#costs = new CostBook((trunks) =>
      fleet.classes.flatMap((entry) => (entry.trunks.some((trunk) => trunks.has(trunk)) ? [entry.class] : [])),
    );
    const ground = { paths: this.#paths, pbxes: this.#pbxes, quality: this.#quality };
    this.#verdicts = new CorrelateStage({
      ...ground,
      shifts: this.#shifts,
      costs: this.#costs,
      minQuietMs: policy.minQuietMs,
    });
    this.#routes = new RouteStage({ ...ground, fleet, policy: policy.routes });
  }

  /** What people ordered of routes, from the next pass on. */
  demand(orders: RouteOrders): void {
    this.#routes.order(orders);
  }

  /**
   * Takes over the memory of an earlier life of the hub, the verdicts that it left open and those it cleared within a day. Once,
   * before anything else.
   */
  recall(memory: EngineMemory, verdicts: readonly Verdict[], nowMs: number): void {
    this.#paths.restore(memory.paths);
    this.#routes.recall(memory.planner, nowMs);
    this.#verdicts.recall(verdicts, nowMs);
    this.#costs.restoreLegs(memory.legs);
    for (const [pbx, stretches] of memory.sick) {
      if (this.#fleet.siteOf.has(pbx)) this.#paths.recallSick(pbx, stretches);
    }
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
    if (!isSick) this.#routes.callEnded(pbx, body, atMs);
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
    return knownSheet(key, { fleet: this.#fleet, quality: this.#quality, paths: this.#paths, nowMs });
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
    if (this.#pbxes.readBack(pbx, routes, down)) this.#routes.touch(pbx);
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
    const { effects, open } = yield* this.#verdicts.steps(this.#pbxes.declaredRefs(), nowMs);
    yield;
    const { flips, planned, routes } = yield* this.#routes.steps({ modesOf, read, verdicts: open }, nowMs);
    this.#unplanned = [];
    return {
      healths: this.#paths.known(),
      census: this.#paths.census,
      verdictEffects: effects,
      openVerdicts: open,
      routes,
      flips,
      renewed: { healths: read.map(({ after }) => after), routes: planned },
    };
  }

  /** How everything that bears on one PBX's routes stands now, to play them forward from; undefined for a PBX whose probe never said hello. */
  simulationGround(pbx: string, modes: PbxModes, nowMs: number): SimulationGround | undefined {
    return this.#routes.simulationGround(pbx, { modes, verdicts: this.#verdicts.open }, nowMs);
  }

  /** Every path as the last pass saw it, with a way to count its samples; costs no judgement. */
  watched(): readonly PathSight[] {
    return this.#paths.watched();
  }

  /** What a hub that starts after this one should know. */
  memory(nowMs: number): EngineMemory {
    return wholeMemory(this.#memoryGround(), nowMs);
  }

  /** {@link memory} in portions of some PBXs each, every one as of when it is asked for. */
  memoryPortions(nowMs: () => number): Iterable<EngineMemory> {
    return memoryPortions(this.#memoryGround(), nowMs);
  }

  #memoryGround(): MemoryGround {
    return { costs: this.#costs, paths: this.#paths, pbxes: this.#pbxes, planner: () => this.#routes.memory };
  }

  #declare(pbx: string, declaration: PbxDeclaration, found: FoundInAstDb, nowMs: number): readonly string[] {
    const { refs, unknown } = this.#pbxes.declare(pbx, declaration, found);
    this.#paths.setPaths(pbx, refs, nowMs);
    this.#shifts.keepOnly(pbx, refs);
    this.#routes.touch(pbx);
    return unknown;
  }
}

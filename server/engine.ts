import type { FigureSheet } from '../wire/figures.ts';
import type { DownMark, PbxModes, ReadBackRoute } from '../wire/plan.ts';
import type { BatchFrame, HelloFrame } from '../wire/probe-frames.ts';
import { type CorrelateState, correlate, NOTHING_CORRELATED, recallVerdicts } from './correlate/correlate.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { VerdictEffect } from './correlate/verdict-effect.ts';
import { declaredPaths, type Fleet } from './fleet.ts';
import type { PathDuties } from './paths/path-duty.ts';
import type { PathHealth } from './paths/path-health.ts';
import type { PathPolicy } from './paths/path-policy.ts';
import type { PathSnapshot } from './paths/path-snapshot.ts';
import { type BatchResult, type PathSight, PathTable } from './paths/path-table.ts';
import type { CallEnded } from './paths/quality/ended-call.ts';
import { figureSheet } from './paths/quality/figure-sheet.ts';
import { type CallRow, QualityTable } from './paths/quality/quality-table.ts';
import { plan } from './routing/planner.ts';
import { EMPTY_PLANNER, notAhead, type PlannerMemory } from './routing/planner-memory.ts';
import type { PbxRouteInput } from './routing/route-input.ts';
import type { FlipProposal, PlannedRoute } from './routing/route-plan.ts';
import type { RoutePolicy } from './routing/route-policy.ts';

/** What one PBX's probe said in its hello, and what AstDB held when it was last read. */
type PbxState = PbxDeclaration & {
  readonly pathKeys: ReadonlyMap<string, readonly string[]>;
  readonly readBack: readonly ReadBackRoute[] | undefined;
  readonly down: readonly DownMark[];
};

/** What a probe declares that it watches and lets be routed. */
export type PbxDeclaration = Pick<HelloFrame, 'targets' | 'trunks' | 'classes'>;

/** What one pass found. */
export type PassResult = {
  readonly healths: readonly PathHealth[];
  readonly verdictEffects: readonly VerdictEffect[];
  readonly openVerdicts: readonly Verdict[];
  readonly routes: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
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
  readonly #pbxes = new Map<string, PbxState>();
  #correlation: CorrelateState = NOTHING_CORRELATED;
  #planner: PlannerMemory = EMPTY_PLANNER;

  constructor(fleet: Fleet, policy: EnginePolicy) {
    this.#fleet = fleet;
    this.#policy = policy;
    this.#paths = new PathTable(policy.paths);
    this.#quality = new QualityTable({
      target: (pbx, target) => this.targetOf(pbx, target) !== undefined,
      trunk: (trunk) => fleet.providerOf.has(trunk),
      edge: (trunk, edge) => fleet.edgesOf.get(trunk)?.includes(edge) ?? false,
      class: (name) => fleet.classes.some((known) => known.class === name) || name === 'emergency',
    });
  }

  /** Takes over the memory of an earlier life of the hub, and the verdicts it left open. Once, before anything else. */
  recall(memory: EngineMemory, openVerdicts: readonly Verdict[], nowMs: number): void {
    this.#paths.restore(memory.paths);
    this.#planner = notAhead(memory.planner, this.#policy.routes, nowMs);
    this.#correlation = recallVerdicts(openVerdicts);
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

  /** A call of a PBX has ended, as its probe told for the first time. */
  callEnded(pbx: string, body: CallEnded, atMs: number): void {
    this.#quality.addCall(pbx, body, atMs);
  }

  /** Calls that ended within `windowMs`, at most an hour, by PBX (or over all of them), trunk, edge and class. */
  calls(windowMs: number, nowMs: number, by: 'pbx' | 'trunk'): readonly CallRow[] {
    return this.#quality.calls(windowMs, nowMs, by);
  }

  /** What a target of a PBX is, as its probe declared it; undefined for one that it never did. */
  targetOf(pbx: string, target: string): HelloFrame['targets'][number] | undefined {
    return this.#pbxes.get(pbx)?.targets.find((known) => known.target === target);
  }

  /** What was measured besides OPTIONS and ICMP, for reading. */
  get quality(): Pick<QualityTable, 'counts' | 'trunkStates' | 'certificateEnds'> {
    return this.#quality;
  }

  /** Every figure of a path (`PBX>TARGET`) of a PBX's calls at a trunk (`PBX>TRUNK`), or of a host (`PBX>host`); undefined for none of them. */
  figures(key: string, nowMs: number): FigureSheet | undefined {
    return figureSheet(key, { quality: this.#quality, health: this.#paths.health(key, nowMs), nowMs });
  }

  /** Takes a batch in. `changedKeys` of the result tells whether a pass is worth making at once. */
  batch(pbx: string, instanceId: string, frame: BatchFrame, nowMs: number): BatchResult {
    const result = this.#paths.addBatch({
      pbx,
      instanceId,
      measurements: frame.measurements,
      batchSentAtMs: frame.sentAtMs,
      instrument: frame.instrument,
      nowMs,
    });
    const { isSick } = result;
    this.#quality.addBatch(pbx, frame.measurements, { batchSentAtMs: frame.sentAtMs, nowMs, isSick });
    const clock = frame.instrument?.clock;
    if (clock) this.#quality.addClock(pbx, clock, nowMs);
    return result;
  }

  /** AstDB of a PBX as read now; the probe's own marks only where they were read too. */
  readBack(pbx: string, routes: readonly ReadBackRoute[], down?: readonly DownMark[]): void {
    const state = this.#pbxes.get(pbx);
    if (state) this.#pbxes.set(pbx, { ...state, readBack: routes, down: down ?? state.down });
  }

  /** Trunks that the probe of a PBX had itself marked hard-down when AstDB was last read, expired marks included. */
  downMarks(pbx: string): readonly DownMark[] {
    return this.#pbxes.get(pbx)?.down ?? [];
  }

  /** Routes of a PBX as last read back; undefined where they never were. */
  routesReadBack(pbx: string): readonly ReadBackRoute[] | undefined {
    return this.#pbxes.get(pbx)?.readBack;
  }

  /**
   * One pass over everything: about once a second, and at once when a path's state has changed.
   *
   * @param modesOf - modes of a PBX after scopes are resolved.
   */
  pass(modesOf: (pbx: string) => PbxModes, nowMs: number): PassResult {
    const paths = this.#paths.sight(nowMs);
    const correlation = correlate(this.#correlation, { paths, nowMs, minQuietMs: this.#policy.minQuietMs });
    this.#correlation = correlation.state;
    const healths = paths.map(({ health }) => health);
    const planned = plan(
      this.#planner,
      {
        pbxes: [...this.#pbxes].map(([pbx, state]) => this.#routeInput(pbx, state, modesOf(pbx))),
        healths: new Map(healths.map((health) => [health.ref.key, health])),
        verdicts: correlation.open,
        policy: this.#policy.routes,
      },
      nowMs,
    );
    this.#planner = planned.memory;
    return {
      healths,
      verdictEffects: correlation.effects,
      openVerdicts: correlation.open,
      routes: planned.routes,
      flips: planned.flips,
    };
  }

  /** Every path with a way to count its samples: see {@link PathTable.sight}. */
  sight(nowMs: number): readonly PathSight[] {
    return this.#paths.sight(nowMs);
  }

  /** What a hub that starts after this one should know. */
  memory(nowMs: number): EngineMemory {
    const declared = [...this.#pbxes].map(([pbx, { targets, trunks, classes }]): readonly [string, PbxDeclaration] => [
      pbx,
      { targets, trunks, classes },
    ]);
    return { paths: this.#paths.snapshot(nowMs), planner: this.#planner, declared: new Map(declared) };
  }

  #declare(
    pbx: string,
    { targets, trunks, classes }: PbxDeclaration,
    found: Pick<PbxState, 'readBack' | 'down'>,
    nowMs: number,
  ): readonly string[] {
    const { refs, unknown } = declaredPaths(this.#fleet, pbx, targets);
    this.#paths.setPaths(pbx, refs, nowMs);
    const trunkRefs = refs.flatMap(({ key, end }) =>
      end.kind === 'trunk' && end.source === undefined ? [{ key, trunk: end.trunk }] : [],
    );
    const byTrunk = Map.groupBy(trunkRefs, ({ trunk }) => trunk);
    const pathKeys = new Map([...byTrunk].map(([trunk, entries]) => [trunk, entries.map(({ key }) => key)]));
    this.#pbxes.set(pbx, { ...found, targets, trunks, classes, pathKeys });
    return unknown;
  }

  #routeInput(pbx: string, state: PbxState, modes: PbxModes): PbxRouteInput {
    const trunks = state.trunks.flatMap((trunk) => {
      const provider = this.#fleet.providerOf.get(trunk);
      return provider === undefined ? [] : [{ trunk, provider, pathKeys: state.pathKeys.get(trunk) ?? [] }];
    });
    const known = new Set(trunks.map(({ trunk }) => trunk));
    const classes = this.#fleet.classes.flatMap((entry) => {
      const own = entry.trunks.filter((trunk) => known.has(trunk));
      return state.classes.includes(entry.class) && own.length > 0 ? [{ class: entry.class, trunks: own }] : [];
    });
    return { pbx, site: this.#fleet.siteOf.get(pbx) ?? '', trunks, classes, modes, readBack: state.readBack };
  }
}

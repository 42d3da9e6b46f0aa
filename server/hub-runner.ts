import type { RefuseFrame, WelcomeFrame } from '../wire/hub-frames.ts';
import type {
  BatchFrame,
  EventFrame,
  HelloFrame,
  PlanResultFrame,
  ReadBackFrame,
  TargetsFrame,
} from '../wire/probe-frames.ts';
import { MAX_STAMP } from '../wire/route-value.ts';
import type { AssignRunner } from './assign/assign-runner.ts';
import { BatchRunner } from './batch-runner.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { Engine } from './engine.ts';
import { EventRunner } from './event-runner.ts';
import type { EvidenceRunner } from './evidence/evidence-runner.ts';
import { DifferenceWatch } from './file-differences.ts';
import type { Fleet } from './fleet.ts';
import { FollowRunner } from './follow-runner.ts';
import { helloEntry } from './hub-entries.ts';
import type { ProbeHandlers } from './ingest/probe-server.ts';
import type { JournalRunner } from './journal-runner.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import type { ModesRunner } from './modes-runner.ts';
import type { LineOrderRunner } from './orders/line-order-runner.ts';
import type { TraceOrderRunner } from './orders/trace-order-runner.ts';
import type { PassResult } from './pass-result.ts';
import { PassRunner } from './pass-runner.ts';
import type { PlanRunner } from './plan-runner.ts';
import { greeted, type ProbeStatus } from './probe-status.ts';
import { ProbeStatuses } from './probe-statuses.ts';
import { QualityRunner } from './quality-runner.ts';
import { routesAfter } from './read-back-route.ts';
import type { RouteOrdersRunner } from './route-orders-runner.ts';
import type { Observed } from './routing/observe-score.ts';
import type { PlannedRoute } from './routing/route-plan.ts';
import type { Steps } from './steps.ts';
import type { Store } from './store/database-store.ts';
import type { NewJournalEntry } from './store/journal-store.ts';

/** What the hub's centre is made of. */
export type HubParts = {
  readonly hubInstanceId: string;
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly store: Store;
  readonly journal: JournalRunner;
  readonly modes: ModesRunner;
  readonly plans: PlanRunner;
  readonly routeOrders: Pick<RouteOrdersRunner, 'passed'>;
  readonly assign: AssignRunner;
  readonly traces: TraceOrderRunner;
  readonly lines: LineOrderRunner;
  readonly evidence: EvidenceRunner;
  readonly metrics: HubMetrics;
  /** Hub time: epoch milliseconds that never step back. */
  readonly nowMs: () => number;
  readonly fence: () => number;
  /** Makes the fence higher than one that a probe has seen of an earlier database. */
  readonly raiseFence: (above: number) => Promise<void>;
  /** Shows what a pass found, in steps. */
  readonly onPass: (pass: PassResult) => Steps<void>;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Half of what a route's text has room for. */
const HIGHEST_PLAUSIBLE_FENCE = MAX_STAMP / 2;

/**
 * The hub's centre: takes frames from ingest, has passes of the engine made, and carries out what they say. Owns the pass
 * timer; every judgement is in the engine.
 */
export class HubRunner implements ProbeHandlers {
  readonly #parts: HubParts;
  readonly #batches: BatchRunner;
  readonly #passes: PassRunner;
  readonly #follow: FollowRunner;
  readonly #events: EventRunner;
  readonly #statuses: ProbeStatuses;
  readonly #differences: DifferenceWatch;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#differences = new DifferenceWatch(parts.fleet);
    this.#statuses = new ProbeStatuses(parts.fleet, parts.nowMs());
    const quality = new QualityRunner(parts);
    this.#batches = new BatchRunner({ ...parts, quality });
    this.#follow = new FollowRunner({ ...parts, quality });
    this.#events = new EventRunner({ ...parts, quality, score: this.#follow.score, statuses: this.#statuses });
    this.#passes = new PassRunner({
      ...parts,
      modesOf: (pbx) => parts.modes.planned(pbx),
      follow: (pass, beganAtMs) => this.#follow.steps(pass, beganAtMs),
    });
  }

  /** Starts the passes, one every `everyMs`. */
  start(everyMs = 1000): void {
    this.#timer = setInterval(() => {
      this.#follow.assignSoon();
      this.#parts.routeOrders.passed();
      this.#passes.soon();
    }, everyMs);
  }

  /** Ends the passes. */
  stop(): void {
    clearInterval(this.#timer);
    this.#passes.stop();
  }

  /** State of every probe, by PBX. */
  get statuses(): ReadonlyMap<string, ProbeStatus> {
    return this.#statuses.all;
  }

  /** Open verdicts, and those cleared within ten minutes. */
  get verdicts(): readonly Verdict[] {
    return this.#follow.verdicts;
  }

  /** What is being observed of a route of which observe mode proposes another; undefined where it does not. */
  observed(pbx: string, className: string): Observed | undefined {
    return this.#follow.observed(pbx, className);
  }

  /** Result of the latest pass. */
  get latest(): PassResult | undefined {
    return this.#passes.latest;
  }

  onHello(pbx: string, hello: HelloFrame): WelcomeFrame {
    const { engine, journal, metrics, modes, nowMs } = this.#parts;
    const unknown = engine.hello(hello, nowMs());
    this.#parts.assign.hello(pbx, hello);
    this.#parts.traces.hello(pbx, hello);
    this.#parts.lines.hello(pbx, hello);
    this.#parts.plans.hello(pbx, hello);
    this.#statuses.update(pbx, (status) => greeted(status, hello, nowMs()));
    this.#events.hello(pbx);
    this.#batches.hello(pbx);
    metrics.count('framesReceived', { type: 'hello' });
    journal.writeSparsely(helloEntry(hello), `${pbx} ${hello.instanceId}`, nowMs());
    this.#tellDifferences(pbx, this.#differences.declare(pbx, hello, unknown));
    if (hello.heldFence > this.#parts.fence()) this.#riseAbove(pbx, hello.heldFence);
    return {
      v: 1,
      type: 'welcome',
      hubInstanceId: this.#parts.hubInstanceId,
      fence: this.#parts.fence(),
      sentAtEpochMs: nowMs(),
      modes: modes.of(pbx),
    };
  }

  onReady(pbx: string): void {
    this.#parts.plans.reconnected(pbx);
    this.#parts.assign.ready(pbx);
    this.#passes.soon();
  }

  onBatch(pbx: string, instanceId: string, frame: BatchFrame): void {
    const isNews = this.#batches.take(pbx, instanceId, frame);
    const { instrument, sentAtEpochMs } = frame;
    if (instrument) {
      const clockOffsetMs = sentAtEpochMs - this.#parts.nowMs();
      this.#statuses.update(pbx, (status) => ({ ...status, instrument, clockOffsetMs }));
    }
    if (isNews) this.#passes.soon();
  }

  async onEvent(pbx: string, frame: EventFrame): Promise<void> {
    await this.#events.take(pbx, frame);
  }

  onPlanResult(pbx: string, frame: PlanResultFrame): void {
    this.#parts.metrics.count('framesReceived', { type: 'plan-result' });
    this.#parts.plans.result(pbx, frame);
    const { engine } = this.#parts;
    engine.readBack(pbx, routesAfter(engine.routesReadBack(pbx) ?? [], frame));
    this.#passes.soon();
  }

  onReadBack(pbx: string, frame: ReadBackFrame): void {
    this.#parts.metrics.count('framesReceived', { type: 'read-back' });
    this.#parts.engine.readBack(pbx, frame.plan.routes, frame.plan.down);
    this.#parts.plans.readBack(pbx, frame.plan);
    this.#passes.soon();
  }

  onTargets(pbx: string, frame: TargetsFrame): void {
    const { engine, metrics, nowMs } = this.#parts;
    metrics.count('framesReceived', { type: 'targets' });
    const unknown = engine.retarget(pbx, frame.targets, nowMs());
    this.#parts.assign.retarget(pbx, frame.targets);
    this.#tellDifferences(pbx, this.#differences.retarget(pbx, frame.targets, unknown));
    this.#passes.soon();
  }

  onGone(pbx: string, reason: string): void {
    const { journal, nowMs } = this.#parts;
    this.#statuses.update(pbx, (status) => ({ ...status, state: 'silent', sinceMs: nowMs() }));
    this.#parts.assign.gone(pbx);
    this.#parts.traces.gone(pbx);
    this.#parts.lines.gone(pbx);
    const sentence = `probe of ${pbx} is gone: ${reason}; its paths will be unknown, nothing is moved for it`;
    journal.writeSparsely({ kind: 'probe-gone', actor: 'hub', scope: { pbx }, sentence }, `${pbx} ${reason}`, nowMs());
  }

  onRefused(pbx: string, code: RefuseFrame['code'], reason: string): void {
    const { journal, metrics, nowMs } = this.#parts;
    metrics.count('framesRefused', { code });
    const sentence = `refused the probe of ${pbx}: ${code}, ${reason}`.slice(0, 1000);
    journal.writeSparsely({ kind: 'probe-refused', actor: 'hub', scope: { pbx }, sentence }, `${pbx} ${code}`, nowMs());
  }

  onFault(pbx: string, cause: unknown): void {
    this.#parts.onFault(`frame of ${pbx}`, cause);
  }

  /** A pass of the engine that begins after this call; settles when everything that follows from it is done. */
  async pass(): Promise<void> {
    await this.#passes.next();
  }

  /** Routes of the latest pass, for showing. */
  get routes(): readonly PlannedRoute[] {
    return this.#passes.latest?.routes ?? [];
  }

  #tellDifferences(pbx: string, news: NewJournalEntry | undefined): void {
    const fileDifferences = this.#differences.of(pbx);
    this.#statuses.update(pbx, (status) => ({ ...status, fileDifferences }));
    if (news) this.#parts.journal.write(news);
  }

  /** No hub has ever led so often: a fence near the end of the numbers would leave none for the hubs to come. */
  #riseAbove(pbx: string, heldFence: number): void {
    const { journal, nowMs, onFault, raiseFence } = this.#parts;
    if (heldFence < HIGHEST_PLAUSIBLE_FENCE) {
      raiseFence(heldFence).catch((cause: unknown) => onFault('fence', cause));
      return;
    }
    const sentence = `probe of ${pbx} claims fence ${heldFence}, which no hub can have had: its plans will be refused there until AstDB and the probe's memory are put right`;
    journal.writeSparsely({ kind: 'fence-implausible', actor: 'hub', scope: { pbx }, sentence }, pbx, nowMs());
  }
}

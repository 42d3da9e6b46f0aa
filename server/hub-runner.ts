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
import type { Engine, PassResult } from './engine.ts';
import type { EvidenceRunner } from './evidence/evidence-runner.ts';
import type { Fleet } from './fleet.ts';
import { eventEntry, helloEntry, toJson } from './hub-entries.ts';
import type { ProbeHandlers } from './ingest/probe-server.ts';
import type { JournalRunner } from './journal-runner.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import type { ModesRunner } from './modes-runner.ts';
import type { LineOrderRunner } from './orders/line-order-runner.ts';
import type { TraceOrderRunner } from './orders/trace-order-runner.ts';
import { NO_PANIC, type PanicState, watchPanic } from './panic-watch.ts';
import { PassRunner } from './pass-runner.ts';
import { countedCall } from './paths/quality/ended-call.ts';
import type { PlanRunner } from './plan-runner.ts';
import { greeted, neverSeen, type ProbeStatus } from './probe-status.ts';
import { QualityRunner } from './quality-runner.ts';
import { routesAfter } from './read-back-route.ts';
import { type Observed, ObserveScore, observedSentence } from './routing/observe-score.ts';
import type { PlannedRoute } from './routing/route-plan.ts';
import type { Steps } from './steps.ts';
import type { Store } from './store/database-store.ts';
import type { EventIntake } from './store/event-store.ts';
import { VerdictRunner } from './verdict-runner.ts';

/** What the hub's centre is made of. */
export type HubParts = {
  readonly hubInstanceId: string;
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly store: Store;
  readonly journal: JournalRunner;
  readonly modes: ModesRunner;
  readonly plans: PlanRunner;
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
  readonly #quality: QualityRunner;
  readonly #batches: BatchRunner;
  readonly #passes: PassRunner;
  readonly #verdicts: VerdictRunner;
  readonly #statuses = new Map<string, ProbeStatus>();
  readonly #intakes = new Map<string, EventIntake>();
  readonly #score = new ObserveScore();
  #panic: PanicState = NO_PANIC;
  #timer: NodeJS.Timeout | undefined;
  /** A second is over: with the next pass the hub looks at who asks whom. */
  #isAssignDue = false;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#quality = new QualityRunner(parts);
    this.#batches = new BatchRunner({ ...parts, quality: this.#quality });
    this.#verdicts = new VerdictRunner(parts);
    this.#passes = new PassRunner({
      ...parts,
      modesOf: (pbx) => parts.modes.of(pbx),
      follow: (pass, beganAtMs) => this.#follow(pass, beganAtMs),
    });
    for (const [pbx, site] of parts.fleet.siteOf) this.#statuses.set(pbx, neverSeen(pbx, site, parts.nowMs()));
  }

  /** Starts the passes, one every `everyMs`. */
  start(everyMs = 1000): void {
    this.#timer = setInterval(() => {
      this.#isAssignDue = true;
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
    return this.#statuses;
  }

  /** Open verdicts, and those cleared within ten minutes. */
  get verdicts(): readonly Verdict[] {
    return this.#verdicts.shown;
  }

  /** What is being observed of a route of which observe mode proposes another; undefined where it does not. */
  observed(pbx: string, className: string): Observed | undefined {
    return this.#score.of(pbx, className);
  }

  /** Result of the latest pass. */
  get latest(): PassResult | undefined {
    return this.#passes.latest;
  }

  onHello(pbx: string, hello: HelloFrame): WelcomeFrame {
    const { engine, journal, metrics, modes, nowMs, store } = this.#parts;
    const unknown = engine.hello(hello, nowMs());
    const strange = hello.classes.filter((name) => !this.#parts.fleet.classes.some((known) => known.class === name));
    this.#parts.assign.hello(pbx, hello);
    this.#parts.traces.hello(pbx, hello);
    this.#parts.lines.hello(pbx, hello);
    this.#update(pbx, (status) => greeted(status, hello, nowMs()));
    this.#intakes.set(pbx, store.events.openIntake());
    this.#batches.hello(pbx);
    metrics.count('framesReceived', { type: 'hello' });
    journal.writeSparsely(helloEntry(hello, unknown, strange), `${pbx} ${hello.instanceId}`, nowMs());
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
      this.#update(pbx, (status) => ({ ...status, instrument, clockOffsetMs }));
    }
    if (isNews) this.#passes.soon();
  }

  async onEvent(pbx: string, frame: EventFrame): Promise<void> {
    const { journal, metrics, nowMs } = this.#parts;
    metrics.count('framesReceived', { type: 'event' });
    const intake = this.#intakes.get(pbx);
    if (!intake) throw new Error(`an event of ${pbx} came before its hello`);
    const { body } = frame;
    const { outboxId, sequence, occurredAtEpochMs } = frame;
    const event = { outboxId, sequence, pbx, occurredAtEpochMs, kind: body.kind, body: toJson(body) };
    const entry = eventEntry(pbx, body, occurredAtEpochMs);
    const receipt = await intake.append(event, entry);
    if (receipt.outcome === 'repeated') return;
    if (receipt.outcome === 'conflicting') {
      const sentence = `event ${sequence} of outbox ${outboxId} on ${pbx} differs from the one on disk: was its disk restored?`;
      journal.writeSparsely({ kind: 'event-conflict', actor: 'hub', scope: { pbx }, sentence }, pbx, nowMs());
      return;
    }
    if (body.kind === 'asterisk-lost') this.#parts.engine.asterisk(pbx, false);
    if (body.kind === 'asterisk-connected') {
      this.#parts.engine.asterisk(pbx, true);
      this.#update(pbx, (status) => ({ ...status, asteriskVersion: body.version }));
    }
    if (body.kind === 'call-ended') {
      this.#parts.engine.callEnded(pbx, body, Math.min(occurredAtEpochMs, nowMs()));
      this.#quality.called(body);
      this.#score.callEnded(pbx, { trunk: body.trunk, class: body.class }, countedCall(body));
    }
    if (receipt.entry) journal.noted(receipt.entry);
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
    this.#passes.soon();
  }

  onTargets(pbx: string, frame: TargetsFrame): void {
    const { engine, journal, metrics, nowMs } = this.#parts;
    metrics.count('framesReceived', { type: 'targets' });
    const unknown = engine.retarget(pbx, frame.targets, nowMs());
    this.#parts.assign.retarget(pbx, frame.targets);
    if (unknown.length > 0) {
      const sentence = `probe on ${pbx} now watches what this hub does not know: ${unknown.join(', ')}`.slice(0, 1000);
      journal.writeSparsely({ kind: 'unknown-targets', actor: 'hub', scope: { pbx }, sentence }, sentence, nowMs());
    }
    this.#passes.soon();
  }

  onGone(pbx: string, reason: string): void {
    const { journal, nowMs } = this.#parts;
    this.#update(pbx, (status) => ({ ...status, state: 'silent', sinceMs: nowMs() }));
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

  #tellPanic(routes: readonly PlannedRoute[], nowMs: number): void {
    const { state, entries } = watchPanic(this.#panic, routes, nowMs);
    this.#panic = state;
    for (const entry of entries) this.#parts.journal.write(entry);
  }

  /** What observe mode would have done is told once a proposal is over, with what happened meanwhile. */
  #tellScore(planned: readonly PlannedRoute[], nowMs: number): void {
    for (const over of this.#score.take(planned, nowMs)) {
      const { class: name, pbx } = over;
      const sentence = observedSentence(over, nowMs);
      this.#parts.journal.write({ kind: 'observed', actor: 'hub', scope: { pbx, class: name }, sentence });
    }
  }

  *#follow(pass: PassResult, beganAtMs: number): Steps<void> {
    const { assign, lines, onPass, plans, traces } = this.#parts;
    for (const effect of pass.verdictEffects) {
      yield* this.#stage('verdict', () => this.#verdicts.tell(effect, beganAtMs));
      yield* this.#stage('trace order', () => traces.verdict(effect, pass.healths));
    }
    yield* this.#stage('verdict', () => this.#verdicts.passed(pass.openVerdicts, beganAtMs));
    yield* this.#stage('trace order', () => traces.passed(pass.healths, pass.census));
    yield* this.#stage('line order', () => lines.passed(pass.healths, pass.openVerdicts, pass.census));
    yield* this.#stage('panic', () => this.#tellPanic(pass.routes, beganAtMs));
    yield* this.#stage('score', () => this.#tellScore(pass.renewed.routes, beganAtMs));
    yield* this.#stage('plan', () => plans.takeSteps(pass.routes, pass.flips));
    yield* this.#stage('view', () => onPass(pass));
    yield* this.#stage('quality', () => this.#quality.passed(beganAtMs));
    if (!this.#isAssignDue) return;
    this.#isAssignDue = false;
    yield* this.#stage('assignment', () => assign.tickSteps(pass.census.sickPbxes));
  }

  /** One thing that follows from a pass. A fault in it costs nothing else: the engine has decided and will not say it again. */
  *#stage(place: string, work: () => Steps<void> | void): Steps<void> {
    try {
      const steps = work();
      if (steps) yield* steps;
    } catch (cause) {
      this.#parts.onFault(place, cause);
    }
    yield;
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

  #update(pbx: string, change: (status: ProbeStatus) => ProbeStatus): void {
    const status = this.#statuses.get(pbx);
    if (status) this.#statuses.set(pbx, change(status));
  }
}

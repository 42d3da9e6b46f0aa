import { performance } from 'node:perf_hooks';
import type { RefuseFrame, WelcomeFrame } from '../wire/hub-frames.ts';
import { outcomeWord } from '../wire/measured-at.ts';
import type { ReadBackRoute } from '../wire/plan.ts';
import type {
  BatchFrame,
  EventFrame,
  HelloFrame,
  PlanResultFrame,
  ReadBackFrame,
  TargetsFrame,
} from '../wire/probe-frames.ts';
import { MAX_STAMP, parseRouteValue } from '../wire/route-value.ts';
import type { AssignRunner } from './assign/assign-runner.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { VerdictEffect } from './correlate/verdict-effect.ts';
import type { Engine, PassResult } from './engine.ts';
import type { Fleet } from './fleet.ts';
import { eventEntry, helloEntry, toJson, verdictEntry } from './hub-entries.ts';
import type { ProbeHandlers } from './ingest/probe-server.ts';
import type { JournalRunner } from './journal-runner.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import type { ModesRunner } from './modes-runner.ts';
import type { TraceOrderRunner } from './orders/trace-order-runner.ts';
import { NO_PANIC, type PanicState, watchPanic } from './panic-watch.ts';
import type { PlanRunner } from './plan-runner.ts';
import { greeted, neverSeen, type ProbeStatus } from './probe-status.ts';
import { QualityRunner } from './quality-runner.ts';
import type { PlannedRoute } from './routing/route-plan.ts';
import type { Store } from './store/database-store.ts';
import type { EventIntake } from './store/event-store.ts';
import { type VerdictWritten, verdictWrite } from './verdict-record.ts';

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
  readonly metrics: HubMetrics;
  /** Hub time: epoch milliseconds that never step back. */
  readonly nowMs: () => number;
  readonly fence: () => number;
  /** Makes the fence higher than one that a probe has seen of an earlier database. */
  readonly raiseFence: (above: number) => Promise<void>;
  readonly onPass: (pass: PassResult) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Half of what a route's text has room for. */
const HIGHEST_PLAUSIBLE_FENCE = MAX_STAMP / 2;

/** A cleared verdict stays in view for so long. */
const SHOWN_AFTER_CLEAR_MS = 600_000;

/**
 * The hub's centre: takes frames from ingest, runs passes of the engine, and carries out what they say. Owns the pass
 * timer; every judgement is in the engine.
 */
export class HubRunner implements ProbeHandlers {
  readonly #parts: HubParts;
  readonly #quality: QualityRunner;
  readonly #statuses = new Map<string, ProbeStatus>();
  readonly #intakes = new Map<string, EventIntake>();
  readonly #shownVerdicts = new Map<string, Verdict>();
  readonly #writtenVerdicts = new Map<string, VerdictWritten>();
  readonly #dropped = new Map<string, number>();
  #panic: PanicState = NO_PANIC;
  #timer: NodeJS.Timeout | undefined;
  #isPassDue = false;
  #latest: PassResult | undefined;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#quality = new QualityRunner(parts);
    for (const [pbx, site] of parts.fleet.siteOf) this.#statuses.set(pbx, neverSeen(pbx, site, parts.nowMs()));
  }

  /** Starts the passes, one every `everyMs`. */
  start(everyMs = 1000): void {
    this.#timer = setInterval(() => {
      this.pass();
      const sick = (this.#latest?.healths ?? []).filter(({ isAbstaining }) => isAbstaining).map(({ ref }) => ref.pbx);
      this.#parts.assign.tick(new Set(sick));
    }, everyMs);
  }

  /** Ends the passes. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** State of every probe, by PBX. */
  get statuses(): ReadonlyMap<string, ProbeStatus> {
    return this.#statuses;
  }

  /** Open verdicts, and those cleared within ten minutes. */
  get verdicts(): readonly Verdict[] {
    return [...this.#shownVerdicts.values()];
  }

  /** Result of the latest pass. */
  get latest(): PassResult | undefined {
    return this.#latest;
  }

  onHello(pbx: string, hello: HelloFrame): WelcomeFrame {
    const { engine, journal, metrics, modes, nowMs, store } = this.#parts;
    const unknown = engine.hello(hello, nowMs());
    this.#parts.assign.hello(pbx, hello);
    this.#parts.traces.hello(pbx, hello);
    this.#update(pbx, (status) => greeted(status, hello, nowMs()));
    this.#intakes.set(pbx, store.events.openIntake());
    this.#dropped.delete(pbx);
    metrics.count('framesReceived', { type: 'hello' });
    journal.writeSparsely(helloEntry(hello, unknown), `${pbx} ${hello.instanceId}`, nowMs());
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
    this.#passSoon();
  }

  onBatch(pbx: string, instanceId: string, frame: BatchFrame): void {
    const { engine, metrics, nowMs } = this.#parts;
    const result = engine.batch(pbx, instanceId, frame, nowMs());
    this.#parts.assign.measured(pbx, frame.measurements);
    this.#quality.measured(pbx, frame.measurements, result.isSick, nowMs());
    metrics.count('framesReceived', { type: 'batch' });
    for (const measurement of frame.measurements) {
      metrics.count('measurements', { kind: measurement.kind, outcome: outcomeWord(measurement) });
    }
    const { instrument } = frame;
    if (instrument) {
      const dropped = instrument.droppedMeasurements - (this.#dropped.get(pbx) ?? 0);
      const site = this.#parts.fleet.siteOf.get(pbx) ?? '';
      if (dropped > 0) metrics.count('measurementsDropped', { site, pbx }, dropped);
      this.#dropped.set(pbx, instrument.droppedMeasurements);
      this.#update(pbx, (status) => ({ ...status, instrument, clockOffsetMs: frame.sentAtEpochMs - nowMs() }));
    }
    if (result.changedKeys.length > 0) this.#passSoon();
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
    if (body.kind === 'asterisk-connected') {
      this.#update(pbx, (status) => ({ ...status, asteriskVersion: body.version }));
    }
    if (body.kind === 'call-ended') {
      this.#parts.engine.callEnded(pbx, body, Math.min(occurredAtEpochMs, nowMs()));
      this.#quality.called(body);
    }
    if (receipt.entry) journal.noted(receipt.entry);
  }

  onPlanResult(pbx: string, frame: PlanResultFrame): void {
    this.#parts.metrics.count('framesReceived', { type: 'plan-result' });
    this.#parts.plans.result(pbx, frame);
    const readBack = new Map((this.#parts.engine.routesReadBack(pbx) ?? []).map((route) => [route.class, route]));
    for (const { class: name, readBack: raw } of frame.results) {
      if (raw !== undefined) readBack.set(name, understood(name, raw));
    }
    this.#parts.engine.readBack(pbx, [...readBack.values()]);
    this.#passSoon();
  }

  onReadBack(pbx: string, frame: ReadBackFrame): void {
    this.#parts.metrics.count('framesReceived', { type: 'read-back' });
    this.#parts.engine.readBack(pbx, frame.plan.routes, frame.plan.down);
    this.#passSoon();
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
    this.#passSoon();
  }

  onGone(pbx: string, reason: string): void {
    const { journal, nowMs } = this.#parts;
    this.#update(pbx, (status) => ({ ...status, state: 'silent', sinceMs: nowMs() }));
    this.#parts.assign.gone(pbx);
    this.#parts.traces.gone(pbx);
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

  /** One pass of the engine, and everything that follows from it. */
  pass(): void {
    const { engine, metrics, modes, nowMs, onPass, plans } = this.#parts;
    this.#isPassDue = false;
    const beganAtMs = nowMs();
    const timer = performance.now();
    const pass = engine.pass((pbx) => modes.of(pbx), beganAtMs);
    this.#latest = pass;
    for (const effect of pass.verdictEffects) {
      this.#tellVerdict(effect, beganAtMs);
      this.#parts.traces.verdict(effect, pass.healths);
    }
    for (const verdict of pass.openVerdicts) this.#shownVerdicts.set(verdict.verdictId, verdict);
    for (const [id, { clearedAtMs }] of this.#shownVerdicts) {
      if (clearedAtMs !== undefined && beganAtMs - clearedAtMs > SHOWN_AFTER_CLEAR_MS) this.#shownVerdicts.delete(id);
    }
    this.#tellPanic(pass.routes, beganAtMs);
    plans.take(pass.routes, pass.flips);
    onPass(pass);
    this.#quality.passed(beganAtMs);
    metrics.observe('enginePassSeconds', (performance.now() - timer) / 1000);
  }

  /** Routes of the latest pass, for showing. */
  get routes(): readonly PlannedRoute[] {
    return this.#latest?.routes ?? [];
  }

  #tellPanic(routes: readonly PlannedRoute[], nowMs: number): void {
    const { state, entries } = watchPanic(this.#panic, routes, nowMs);
    this.#panic = state;
    for (const entry of entries) this.#parts.journal.write(entry);
  }

  #tellVerdict(effect: VerdictEffect, nowMs: number): void {
    const { journal, metrics, onFault, store } = this.#parts;
    const { verdict } = effect;
    this.#shownVerdicts.set(verdict.verdictId, verdict);
    if (effect.kind === 'verdict-opened') metrics.count('verdictsOpened', { kind: verdict.place.kind });
    const entry = verdictEntry(effect);
    if (entry) journal.write(entry);
    const { kind, written } = verdictWrite(this.#writtenVerdicts.get(verdict.verdictId), effect, nowMs);
    if (effect.kind === 'verdict-cleared') this.#writtenVerdicts.delete(verdict.verdictId);
    else this.#writtenVerdicts.set(verdict.verdictId, written);
    if (kind === 'nothing') return;
    const record = {
      verdictId: verdict.verdictId,
      latest: toJson(verdict),
      openedAtEpochMs: verdict.openedAtMs,
      updatedAtEpochMs: verdict.updatedAtMs,
      clearedAtEpochMs: verdict.clearedAtMs,
    };
    const evidence = kind === 'row-and-evidence' ? toJson(verdict) : undefined;
    store.verdicts.save(record, evidence).catch((cause: unknown) => {
      this.#writtenVerdicts.delete(verdict.verdictId);
      onFault('verdict', cause);
    });
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

  #passSoon(): void {
    if (this.#isPassDue) return;
    this.#isPassDue = true;
    setImmediate(() => {
      if (this.#isPassDue) this.pass();
    });
  }
}

function understood(name: string, raw: string): ReadBackRoute {
  const parsed = parseRouteValue(raw);
  if (!parsed.ok) return { class: name, raw };
  const { fence, version, trunks } = parsed.route;
  return { class: name, raw, fence, version, trunks: [...trunks] };
}

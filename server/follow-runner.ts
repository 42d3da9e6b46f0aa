import type { AssignRunner } from './assign/assign-runner.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { EvidenceRunner } from './evidence/evidence-runner.ts';
import type { Fleet } from './fleet.ts';
import type { JournalRunner } from './journal-runner.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import type { LineOrderRunner } from './orders/line-order-runner.ts';
import type { TraceOrderRunner } from './orders/trace-order-runner.ts';
import { NO_PANIC, type PanicState, watchPanic } from './panic-watch.ts';
import type { PassResult } from './pass-result.ts';
import type { PlanRunner } from './plan-runner.ts';
import type { QualityRunner } from './quality-runner.ts';
import { type Observed, ObserveScore, observedSentence } from './routing/observe-score.ts';
import type { PlannedRoute } from './routing/route-plan.ts';
import type { Steps } from './steps.ts';
import type { Store } from './store/database-store.ts';
import { VerdictRunner } from './verdict-runner.ts';

/** Whom a pass concerns. */
export type FollowParts = {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly journal: JournalRunner;
  readonly evidence: EvidenceRunner;
  readonly metrics: HubMetrics;
  readonly plans: PlanRunner;
  readonly assign: AssignRunner;
  readonly traces: TraceOrderRunner;
  readonly lines: LineOrderRunner;
  readonly quality: QualityRunner;
  /** Hub time. */
  readonly nowMs: () => number;
  /** Shows what a pass found, in steps. */
  readonly onPass: (pass: PassResult) => Steps<void>;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Carries out what passes say, one stage after the other; a fault in one costs nothing else. */
export class FollowRunner {
  readonly #parts: FollowParts;
  readonly #verdicts: VerdictRunner;
  readonly #score = new ObserveScore();
  #panic: PanicState = NO_PANIC;
  #isAssignDue = false;

  constructor(parts: FollowParts) {
    this.#parts = parts;
    this.#verdicts = new VerdictRunner(parts);
  }

  /** Open verdicts, and those cleared within ten minutes. */
  get verdicts(): readonly Verdict[] {
    return this.#verdicts.shown;
  }

  /** What happens on routes that observe mode would have otherwise. */
  get score(): Pick<ObserveScore, 'of' | 'callEnded'> {
    return this.#score;
  }

  /** What is being observed of a route of which observe mode proposes another; undefined where it does not. */
  observed(pbx: string, className: string): Observed | undefined {
    return this.#score.of(pbx, className);
  }

  /** A second is over: with the next pass the hub looks at who asks whom. */
  assignSoon(): void {
    this.#isAssignDue = true;
  }

  /** All that follows from one pass, in steps. `beganAtMs` is the hub time that the pass is of. */
  *steps(pass: PassResult, beganAtMs: number): Steps<void> {
    const { assign, lines, onPass, plans, quality, traces } = this.#parts;
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
    yield* this.#stage('quality', () => quality.passed(beganAtMs));
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
}

import type { HubFrame } from '../wire/hub-frames.ts';
import type { DriftPolicy, Mode, PlanReadBack } from '../wire/plan.ts';
import type { HelloFrame, PlanResultFrame } from '../wire/probe-frames.ts';
import type { Actuator } from './actuate/actuator.ts';
import type { FlipNews } from './actuate/flip-message.ts';
import { astDbActuator, type PlanOrder, planReports } from './actuate/plan-order.ts';
import { StoreError } from './errors.ts';
import { flipEntry, planResultEntry, stoppedFlipEntry } from './hub-entries.ts';
import type { JournalRunner } from './journal-runner.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import { type DispatchState, dispatchStep, NOTHING_SENT } from './plan-dispatch.ts';
import { isSameRoute } from './routing/adopted-route.ts';
import type { FlipProposal, PlannedRoute } from './routing/route-plan.ts';
import { finish, type Steps } from './steps.ts';
import type { Store } from './store/database-store.ts';
import type { NewPlan } from './store/plan-store.ts';

/** Fence and version that a plan is issued under. */
type PlanStamp = { readonly fence: number; readonly version: number };

/** The routes of a PBX that go now; `isPartial` when others must wait for the journal. */
type PlanPart = { readonly routes: readonly PlannedRoute[]; readonly isPartial: boolean };

/** PBXs whose plans are looked after before others get a turn. */
const STEP_PBXES = 200;

/** What the plan runner needs from the outside. */
export type PlanRunnerDeps = {
  readonly store: Store;
  readonly journal: JournalRunner;
  readonly metrics: HubMetrics;
  readonly nowMs: () => number;
  readonly planValidMs: number;
  readonly fence: () => number;
  /** The global stop switch: nothing is issued or sent while it is on. */
  readonly isStopped: () => boolean;
  /** Routing mode of a class as it is now: what was planned under another is left to the pass that the change asked for. */
  readonly modeOf: (pbx: string, className: string) => Mode;
  readonly send: (pbx: string, frame: HubFrame) => boolean;
  /** What is done about a route that somebody changed in AstDB behind the hub; `repair` when absent. */
  readonly drift?: DriftPolicy;
  /** Who is told of flips besides; nobody when absent. */
  readonly news?: FlipNews;
  readonly onFault: (place: string, cause: unknown) => void;
};

/**
 * Brings plans to the PBXs: journaled first, then sent, then read back (safety rule 7). While the journal cannot be
 * written only moves off hard-down trunks are sent (safety rule 8); the others wait and are tried again.
 */
export class PlanRunner {
  readonly #deps: PlanRunnerDeps;
  readonly #states = new Map<string, DispatchState>();
  /** By PBX: flips that no plan in the journal carries yet; they keep their reason over a write that fails. */
  readonly #pendingFlips = new Map<string, readonly FlipProposal[]>();
  #routes: ReadonlyMap<string, readonly PlannedRoute[]> = new Map();
  /** PBXs whose probes go by a drift policy themselves. */
  readonly #keepers = new Set<string>();
  /** By PBX: classes that somebody changed in AstDB behind the hub, as last read back. */
  readonly #drifted = new Map<string, ReadonlySet<string>>();
  readonly #astdb: Actuator<PlanOrder>;

  constructor(deps: PlanRunnerDeps) {
    this.#deps = deps;
    const { drift = 'repair', planValidMs, send } = deps;
    this.#astdb = astDbActuator({
      planValidMs,
      driftPolicyOf: (pbx) => (this.#keepers.has(pbx) ? drift : undefined),
      send,
    });
  }

  /** {@link takeSteps} in one go. */
  take(routes: readonly PlannedRoute[], flips: readonly FlipProposal[]): void {
    finish(this.takeSteps(routes, flips));
  }

  /**
   * Takes what a pass planned, in steps of some PBXs; after every pass. Flips in observe mode are journaled as proposals, nothing
   * more.
   */
  *takeSteps(routes: readonly PlannedRoute[], flips: readonly FlipProposal[]): Steps<void> {
    this.#routes = Map.groupBy(routes, ({ pbx }) => pbx);
    for (const flip of flips) {
      this.#deps.metrics.count('flips', { pbx: flip.pbx, class: flip.class, mode: flip.mode });
      if (flip.mode === 'observe') this.#announce([flip]);
    }
    for (const flip of flips.filter(({ mode }) => mode === 'enforce')) {
      this.#pendingFlips.set(flip.pbx, [...(this.#pendingFlips.get(flip.pbx) ?? []), flip]);
    }
    let count = 0;
    for (const [pbx, own] of this.#routes) {
      if (this.#deps.isStopped()) break;
      if (own.every((route) => this.#deps.modeOf(pbx, route.class) === route.mode)) this.#advance(pbx, own);
      else this.#pendingFlips.delete(pbx);
      count += 1;
      if (count % STEP_PBXES === 0) yield;
    }
    if (this.#deps.isStopped()) this.#dropPending();
  }

  /** What no plan in the journal carries when the stop switch is on goes nowhere, later neither: the passes after it plan anew. */
  #dropPending(): void {
    for (const [pbx, flips] of this.#pendingFlips) {
      if (this.#states.get(pbx)?.issuingVersion !== undefined) continue;
      this.#tellStopped(flips, 'dropped');
      this.#pendingFlips.delete(pbx);
    }
  }

  /** Flips that no plan carries: into the journal, and to whom it concerns. */
  #announce(flips: readonly FlipProposal[]): void {
    const { fence, journal, news } = this.#deps;
    for (const flip of flips) journal.write(flipEntry(flip));
    news?.deliver(news.deliveriesOf(flips, (flip) => this.#routeOf(flip), fence()));
  }

  #routeOf({ class: name, pbx }: FlipProposal): PlannedRoute | undefined {
    return this.#routes.get(pbx)?.find((route) => route.class === name);
  }

  #tellStopped(flips: readonly FlipProposal[], fate: 'dropped' | 'held'): void {
    const { journal, nowMs } = this.#deps;
    for (const flip of flips) journal.write(stoppedFlipEntry(flip, fate, nowMs()));
  }

  /** A probe has said hello: whether it goes by a drift policy, and what AstDB holds. */
  hello(pbx: string, { abilities, plan }: Pick<HelloFrame, 'abilities' | 'plan'>): void {
    if (abilities?.keepsDriftPolicy === true) this.#keepers.add(pbx);
    else this.#keepers.delete(pbx);
    if (plan) this.readBack(pbx, plan);
  }

  /** AstDB as a probe read it: which of its classes somebody changed. */
  readBack(pbx: string, { drifted = [] }: Pick<PlanReadBack, 'drifted'>): void {
    const before = this.#drifted.get(pbx) ?? new Set();
    const newCount = drifted.filter((name) => !before.has(name)).length;
    if (newCount > 0) this.#deps.metrics.count('actuations', { actuator: 'astdb', outcome: 'drifted' }, newCount);
    if (drifted.length > 0) this.#drifted.set(pbx, new Set(drifted));
    else this.#drifted.delete(pbx);
  }

  /** The probe of a PBX is (back) on the line: what it holds is not known to have been answered. */
  reconnected(pbx: string): void {
    const state = this.#states.get(pbx);
    if (state) this.#states.set(pbx, { ...state, sentAtMs: undefined, isAnswered: false });
  }

  /** Notes what became of a plan; the same answer to the same plan is journaled once a minute at most. */
  result(pbx: string, frame: PlanResultFrame): void {
    const state = this.#states.get(pbx) ?? NOTHING_SENT;
    const isCurrent = state.issuedVersion === frame.version && state.issuedFence === frame.fence;
    const isFirst = isCurrent && !state.isAnswered;
    const tookMs = isFirst && state.sentAtMs !== undefined ? this.#deps.nowMs() - state.sentAtMs : undefined;
    for (const { actuator, outcome } of planReports(pbx, frame)) {
      this.#deps.metrics.count('planResults', { outcome });
      this.#deps.metrics.count('actuations', { actuator, outcome });
    }
    if (tookMs !== undefined) this.#deps.metrics.observe('planApplySeconds', tookMs / 1000);
    if (isCurrent) this.#states.set(pbx, { ...state, isAnswered: true });
    const held = new Set(frame.results.flatMap((each) => (each.outcome === 'applied' ? [each.class] : [])));
    this.#drifted.set(pbx, (this.#drifted.get(pbx) ?? new Set<string>()).difference(held));
    const place = `${pbx} ${frame.fence}.${frame.version} ${frame.results.map(({ outcome }) => outcome).join()}`;
    this.#deps.journal.writeSparsely(planResultEntry(pbx, frame, tookMs), place, this.#deps.nowMs());
    this.#deps.store.plans
      .recordOutcome({
        pbx,
        fence: frame.fence,
        version: frame.version,
        finishedAtEpochMs: frame.finishedAtEpochMs,
        results: frame.results,
      })
      .catch((cause: unknown) => this.#deps.onFault('plan outcome', cause));
  }

  #advance(pbx: string, planned: readonly PlannedRoute[]): void {
    const state = this.#states.get(pbx) ?? NOTHING_SENT;
    const flips = this.#pendingFlips.get(pbx) ?? [];
    const { isJournalWritable } = this.#deps.store;
    const routes = planned
      .filter((route) => isJournalWritable || mayGoOn(route, flips, state))
      .map((route) => (flips.some((flip) => isOf(flip, route)) ? { ...route, isChanged: true } : route));
    const left = this.#deps.drift === 'report' ? this.#drifted.get(pbx) : undefined;
    const step = dispatchStep(state, routes, this.#deps.fence(), this.#deps.nowMs(), left);
    if (step === 'issue') {
      this.#issue(pbx, state, { routes, isPartial: routes.length < planned.length });
      return;
    }
    if (step === 'send') this.#send(pbx, routes);
    if (state.issuingVersion !== undefined || !isJournalWritable) return;
    this.#announce(flips);
    this.#pendingFlips.delete(pbx);
  }

  #issue(pbx: string, state: DispatchState, part: PlanPart): void {
    const version = part.routes[0]?.version ?? 0;
    this.#states.set(pbx, { ...state, issuingVersion: version });
    this.#issueNow(pbx, part, { fence: this.#deps.fence(), version }).catch((cause: unknown) => {
      this.#states.set(pbx, { ...(this.#states.get(pbx) ?? state), issuingVersion: undefined });
      this.#deps.onFault('plan', cause);
    });
  }

  async #issueNow(pbx: string, { routes, isPartial }: PlanPart, stamp: PlanStamp): Promise<void> {
    const flips = (this.#pendingFlips.get(pbx) ?? []).filter((flip) => routes.some((route) => isOf(flip, route)));
    await this.#write(pbx, routes, flips, stamp);
    const enforced = routes.filter(({ mode }) => mode === 'enforce');
    this.#states.set(pbx, {
      issuedVersion: stamp.version,
      issuedFence: stamp.fence,
      issuedTrunks: new Map(enforced.map((route) => [route.class, route.trunks])),
      isPartial,
      issuingVersion: undefined,
      sentAtMs: undefined,
      isAnswered: false,
    });
    this.#pendingFlips.set(
      pbx,
      (this.#pendingFlips.get(pbx) ?? []).filter((flip) => !flips.includes(flip)),
    );
    if (this.#deps.isStopped()) this.#tellStopped(flips, 'held');
    this.#send(pbx, routes);
  }

  /** Settles once the plan is in the journal, or kept in memory where the disk takes no writes; rejects otherwise. */
  async #write(
    pbx: string,
    routes: readonly PlannedRoute[],
    flips: readonly FlipProposal[],
    { fence, version }: PlanStamp,
  ): Promise<void> {
    const { store, journal, news, nowMs } = this.#deps;
    const state = this.#states.get(pbx) ?? NOTHING_SENT;
    const isOnDisk = (name: string): boolean =>
      state.issuedVersion === version && state.issuedFence === fence && state.issuedTrunks.has(name);
    const issuedAtEpochMs = nowMs();
    const plans = routes
      .filter((route) => route.mode === 'enforce' && !isOnDisk(route.class))
      .map(
        (route): NewPlan => ({
          pbx,
          class: route.class,
          fence,
          version,
          trunks: route.trunks,
          mode: route.mode,
          reason: route.reason,
          issuedAtEpochMs,
        }),
      );
    const reason = plans.map((plan) => `${plan.class}: ${plan.reason}`).join(' ');
    const entries = this.#astdb.propose({ pbx, routes, flips, fence, version, reason, atMs: issuedAtEpochMs });
    const deliveries = news?.deliveriesOf(flips, (flip) => routes.find((route) => isOf(flip, route)), fence) ?? [];
    if (!store.isJournalWritable) {
      await store.plans.issueOrBuffer(plans, entries, deliveries);
      news?.take(deliveries);
      return;
    }
    try {
      for (const entry of await store.plans.issue(plans, entries, deliveries)) journal.noted(entry);
    } catch (cause) {
      const isOnceIssued = cause instanceof StoreError && cause.code === 'STORE_CONSTRAINT';
      if (!isOnceIssued || !(await store.plans.areIssued(plans))) throw cause;
    }
    news?.take(deliveries);
  }

  #send(pbx: string, routes: readonly PlannedRoute[]): void {
    if (this.#deps.isStopped()) return;
    const nowMs = this.#deps.nowMs();
    const order = { pbx, routes, flips: [], fence: this.#deps.fence(), version: routes[0]?.version ?? 0 };
    if (!this.#astdb.apply({ ...order, reason: '', atMs: nowMs })) return;
    const state = this.#states.get(pbx) ?? NOTHING_SENT;
    this.#states.set(pbx, { ...state, sentAtMs: nowMs, isAnswered: false });
  }
}

/**
 * True for a route that goes on while the journal cannot be written (safety rule 8): a move off a hard-down trunk, or what was
 * issued before and is only sent again.
 */
function mayGoOn(route: PlannedRoute, flips: readonly FlipProposal[], { issuedTrunks }: DispatchState): boolean {
  const issued = issuedTrunks.get(route.class);
  if (issued && isSameRoute(issued, route.trunks)) return true;
  return flips.some(
    (flip) => isOf(flip, route) && route.perTrunk.find(({ trunk }) => trunk === flip.fromTrunk)?.tier === 'hard-down',
  );
}

function isOf(flip: FlipProposal, route: PlannedRoute): boolean {
  return flip.class === route.class;
}

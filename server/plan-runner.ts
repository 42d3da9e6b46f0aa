import type { HubFrame } from '../wire/hub-frames.ts';
import type { PlanResultFrame } from '../wire/probe-frames.ts';
import { flipEntry, planEntry, planResultEntry } from './hub-entries.ts';
import type { JournalRunner } from './journal-runner.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import { type DispatchState, dispatchStep, NOTHING_SENT, planFrame } from './plan-dispatch.ts';
import type { FlipProposal, PlannedRoute } from './routing/route-plan.ts';
import type { Store } from './store/database-store.ts';
import type { NewPlan } from './store/plan-store.ts';

/** Fence and version that a plan is issued under. */
type PlanStamp = { readonly fence: number; readonly version: number };

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
  readonly send: (pbx: string, frame: HubFrame) => boolean;
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

  constructor(deps: PlanRunnerDeps) {
    this.#deps = deps;
  }

  /** Takes what a pass planned; call after every pass. Flips in observe mode are journaled as proposals, nothing more. */
  take(routes: readonly PlannedRoute[], flips: readonly FlipProposal[]): void {
    this.#routes = Map.groupBy(routes, ({ pbx }) => pbx);
    for (const flip of flips) {
      this.#deps.metrics.count('flips', { pbx: flip.pbx, class: flip.class, mode: flip.mode });
      if (flip.mode === 'observe') this.#deps.journal.write(flipEntry(flip));
    }
    for (const flip of flips.filter(({ mode }) => mode === 'enforce')) {
      this.#pendingFlips.set(flip.pbx, [...(this.#pendingFlips.get(flip.pbx) ?? []), flip]);
    }
    if (this.#deps.isStopped()) return;
    for (const [pbx, own] of this.#routes) this.#advance(pbx, own);
  }

  /** The probe of a PBX is (back) on the line: what it holds is not known to have been answered. */
  reconnected(pbx: string): void {
    const state = this.#states.get(pbx);
    if (state) this.#states.set(pbx, { ...state, sentAtMs: undefined, isAnswered: false });
  }

  /** Notes what became of a plan. */
  result(pbx: string, frame: PlanResultFrame): void {
    const state = this.#states.get(pbx) ?? NOTHING_SENT;
    const isCurrent = state.issuedVersion === frame.version && state.issuedFence === frame.fence;
    const tookMs = isCurrent && state.sentAtMs !== undefined ? this.#deps.nowMs() - state.sentAtMs : undefined;
    for (const { outcome } of frame.results) this.#deps.metrics.count('planResults', { outcome });
    if (tookMs !== undefined) this.#deps.metrics.observe('planApplySeconds', tookMs / 1000);
    if (isCurrent) this.#states.set(pbx, { ...state, isAnswered: true });
    const isRepeat = isCurrent && state.isAnswered;
    const place = `${pbx} ${frame.fence}.${frame.version} ${frame.results.map(({ outcome }) => outcome).join()}`;
    const entry = planResultEntry(pbx, frame, tookMs);
    if (isRepeat) this.#deps.journal.writeSparsely(entry, place, this.#deps.nowMs());
    else this.#deps.journal.write(entry);
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

  #advance(pbx: string, routes: readonly PlannedRoute[]): void {
    const state = this.#states.get(pbx) ?? NOTHING_SENT;
    const step = dispatchStep(state, routes, this.#deps.fence(), this.#deps.nowMs());
    if (step === 'issue') {
      this.#issue(pbx, state, routes);
      return;
    }
    if (step === 'send') this.#send(pbx, routes);
    if (state.issuingVersion !== undefined) return;
    for (const flip of this.#pendingFlips.get(pbx) ?? []) this.#deps.journal.write(flipEntry(flip));
    this.#pendingFlips.delete(pbx);
  }

  #issue(pbx: string, state: DispatchState, routes: readonly PlannedRoute[]): void {
    const version = routes[0]?.version ?? 0;
    const flips = this.#pendingFlips.get(pbx) ?? [];
    this.#states.set(pbx, { ...state, issuingVersion: version });
    this.#issueNow(pbx, routes, flips, { fence: this.#deps.fence(), version }).catch((cause: unknown) => {
      this.#states.set(pbx, { ...(this.#states.get(pbx) ?? state), issuingVersion: undefined });
      this.#deps.onFault('plan', cause);
    });
  }

  async #issueNow(
    pbx: string,
    routes: readonly PlannedRoute[],
    flips: readonly FlipProposal[],
    stamp: PlanStamp,
  ): Promise<void> {
    const isWritten = await this.#write(pbx, routes, flips, stamp);
    const latest = this.#states.get(pbx) ?? NOTHING_SENT;
    const issued = { issuedVersion: stamp.version, issuedFence: stamp.fence, sentAtMs: undefined, isAnswered: false };
    this.#states.set(pbx, { ...latest, issuingVersion: undefined, ...(isWritten && issued) });
    if (!isWritten) return;
    this.#pendingFlips.set(pbx, (this.#pendingFlips.get(pbx) ?? []).slice(flips.length));
    this.#send(pbx, routes);
  }

  async #write(
    pbx: string,
    routes: readonly PlannedRoute[],
    flips: readonly FlipProposal[],
    { fence, version }: PlanStamp,
  ): Promise<boolean> {
    const { store, journal, nowMs } = this.#deps;
    const issuedAtEpochMs = nowMs();
    const plans = routes
      .filter(({ mode }) => mode === 'enforce')
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
    const entries = flips.map(flipEntry);
    const [first, ...others] = entries.length > 0 ? entries : [planEntry(pbx, version, reason, issuedAtEpochMs)];
    if (!first) return false;
    if (store.isJournalWritable) journal.noted(await store.plans.issue(plans, first));
    else if (flips.some((flip) => isOffHardDown(flip, routes))) await store.plans.issueOrBuffer(plans, first);
    else return false;
    await Promise.all(others.map((entry) => journal.append(entry)));
    return true;
  }

  #send(pbx: string, routes: readonly PlannedRoute[]): void {
    const nowMs = this.#deps.nowMs();
    const stamp = { fence: this.#deps.fence(), issuedAtMs: nowMs, validForMs: this.#deps.planValidMs };
    if (!this.#deps.send(pbx, planFrame(routes, stamp))) return;
    const state = this.#states.get(pbx) ?? NOTHING_SENT;
    this.#states.set(pbx, { ...state, sentAtMs: nowMs, isAnswered: false });
  }
}

/** A move off a trunk that is hard-down, the only kind that goes on while the journal cannot be written. */
function isOffHardDown(flip: FlipProposal, routes: readonly PlannedRoute[]): boolean {
  const route = routes.find((each) => each.class === flip.class);
  return route?.perTrunk.find(({ trunk }) => trunk === flip.fromTrunk)?.tier === 'hard-down';
}

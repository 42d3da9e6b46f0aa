import type { PlanFrame } from '../wire/hub-frames.ts';
import type { DriftPolicy, WeightedTrunk } from '../wire/plan.ts';
import type { PlannedRoute } from './routing/route-plan.ts';

/** What was last done about one PBX's plan. Start with {@link NOTHING_SENT}. Times are hub time. */
export type DispatchState = {
  /** Highest version that is in the journal and may be sent. */
  readonly issuedVersion: number;
  readonly issuedFence: number;
  /** Trunks of each class as last issued. */
  readonly issuedTrunks: ReadonlyMap<string, readonly WeightedTrunk[]>;
  /** Under that version only some classes were issued, for the journal could not be written; the others are still to be. */
  readonly isPartial: boolean;
  /** Version being written to the journal now. */
  readonly issuingVersion: number | undefined;
  readonly sentAtMs: number | undefined;
  readonly isAnswered: boolean;
};

/** No plan issued yet in this life of the hub. */
export const NOTHING_SENT: DispatchState = {
  issuedVersion: -1,
  issuedFence: -1,
  issuedTrunks: new Map(),
  isPartial: false,
  issuingVersion: undefined,
  sentAtMs: undefined,
  isAnswered: false,
};

/** Without an answer, or with AstDB still different, a plan is sent again after so long. */
export const RESEND_MS = 5000;

/** What to do about a PBX's plan now. A plan is journaled (`issue`) before it is sent (safety rule 7). */
export type DispatchStep = 'nothing' | 'issue' | 'send';

/**
 * Decides what to do about the plan of one PBX.
 *
 * @param routes - its routes as planned now; those in observe mode are never sent.
 * @param fence - of this hub; a new one means that the plan is issued anew.
 * @param left - classes that somebody changed in AstDB behind the hub, and that are left as they are: their difference calls for
 *   nothing.
 */
export function dispatchStep(
  state: DispatchState,
  routes: readonly PlannedRoute[],
  fence: number,
  nowMs: number,
  left: ReadonlySet<string> = new Set(),
): DispatchStep {
  const enforced = routes.filter(({ mode }) => mode === 'enforce');
  const version = enforced[0]?.version ?? 0;
  if (version === 0 || state.issuingVersion !== undefined) return 'nothing';
  const isStamped = state.issuedVersion === version && state.issuedFence === fence;
  const isLeftOver = isStamped && state.isPartial && enforced.some((route) => !state.issuedTrunks.has(route.class));
  const isIssued = isStamped && !isLeftOver;
  const isAmiss = (route: PlannedRoute): boolean => route.isInAsterisk === false && !left.has(route.class);
  const isDue = isLeftOver || enforced.some((route) => route.isChanged || isAmiss(route));
  if (!isIssued) return isDue ? 'issue' : 'nothing';
  if (state.sentAtMs === undefined) return 'send';
  const isSettled = state.isAnswered && !enforced.some(isAmiss);
  return !isSettled && nowMs - state.sentAtMs >= RESEND_MS ? 'send' : 'nothing';
}

/** The frame that carries the enforced routes of one PBX. */
export function planFrame(
  routes: readonly PlannedRoute[],
  stamp: {
    readonly fence: number;
    readonly issuedAtMs: number;
    readonly validForMs: number;
    readonly drift?: DriftPolicy;
  },
): PlanFrame {
  const enforced = routes.filter(({ mode }) => mode === 'enforce');
  return {
    v: 1,
    type: 'plan',
    fence: stamp.fence,
    version: enforced[0]?.version ?? 0,
    issuedAtEpochMs: stamp.issuedAtMs,
    validUntilEpochMs: stamp.issuedAtMs + stamp.validForMs,
    ...(stamp.drift && { drift: stamp.drift }),
    routes: enforced.map((route) => ({
      class: route.class,
      trunks: route.trunks.map(({ trunk, weight }) => ({ trunk, weight })),
      mode: route.mode,
      reason: route.reason.slice(0, 500),
    })),
  };
}

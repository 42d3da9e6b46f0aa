import type { Mode, WeightedTrunk } from '../../wire/plan.ts';
import { currentRoute, isSameRoute } from './adopted-route.ts';
import { callShares, withoutShares } from './call-shares.ts';
import type { ClassInput } from './class-input.ts';
import { classMode } from './class-mode.ts';
import { comingBack } from './come-back.ts';
import { isLeftAtOnce, movedShares, whyWait } from './moved-calls.ts';
import type { DecidedMemory, RouteMemory } from './planner-memory.ts';
import type { HeldBack } from './route-plan.ts';
import { routeReason } from './route-reason.ts';
import { wantedOrder } from './wanted-order.ts';

/** The decision for one class. */
export type ClassDecision = {
  /** But for what calls and loads said, which is kept beside it. */
  readonly memory: DecidedMemory;
  readonly reason: string;
  readonly isChanged: boolean;
  readonly isPanic: boolean;
  /** An enforced change of the first trunk, or of shares, is put off. */
  readonly isWaiting: boolean;
  /** What holds a change back: it waits, or a switch is on. */
  readonly heldBack: HeldBack | undefined;
  /** The person whose pin leads. */
  readonly pinnedBy: string | undefined;
  /** First trunk before and after, when a flip is ordered (enforce) or newly proposed (observe). */
  readonly flip: { readonly from: string; readonly to: string } | undefined;
  /** An enforced change gives calls to a trunk that had none, or many more: it counts in the blast budget as a flip does. */
  readonly isShared: boolean;
};

/**
 * Decides the route of one class. In observe mode the wanted order is only planned and `current` stays what Asterisk has; in
 * enforce mode `current` becomes the plan. With the global stop on nothing changes.
 */
export function planClass(input: ClassInput, nowMs: number): ClassDecision {
  const { order, memory, modes, readBack, tierOf, version } = input;
  const mode = classMode(modes, order.class);
  const isEnforced = mode === 'enforce';
  const current = currentRoute({ order, mode, memory, version, readBack });
  const known: RouteMemory = memory ?? { current, planned: current, mode, isOwn: false };
  const wanted = wantedOrder(input, current);
  if (modes.stopped) {
    const { flippedAtMs, isOwn, mode: was, pinAside, ramp } = known;
    const isHeldBack = wanted.trunks[0] !== current[0]?.trunk;
    const kept = { current, planned: current, mode: was, isOwn, flippedAtMs, ramp, pinAside };
    return stopped(kept, wanted.isPanic, isHeldBack);
  }
  const comeBack = isEnforced ? comingBack(input, wanted, current, nowMs) : undefined;
  const trunks = callShares({
    trunks: comeBack?.trunks ?? wanted.trunks,
    current,
    isOwn: known.isOwn,
    configured: order.trunks,
    weights: order.weights,
    tierOf,
    guest: comeBack?.guest,
    isPinned: wanted.pinned !== undefined && wanted.trunks[0] === wanted.pinned,
  });
  const { aside: pinAside, pinned } = wanted;
  const change = { from: current, to: trunks, moved: isEnforced ? movedShares(input, trunks, current) : [], pinned };
  const wait = whyWait(input, change, isEnforced, nowMs);
  const planned = wait === undefined ? trunks : withoutShares(current, (trunk) => isLeftAtOnce(tierOf(trunk)));
  const moved = wait === undefined || !isEnforced ? change.moved : movedShares(input, planned, current);
  const flip = flipOf(mode, current, planned, known);
  const ramp = wait === undefined ? comeBack?.guest.ramp : known.ramp;
  const flippedAtMs = isEnforced && flip ? nowMs : known.flippedAtMs;
  const isOwn = isEnforced && (known.isOwn || !isSameRoute(planned, current));
  const now = isEnforced ? planned : current;
  return {
    memory: { current: now, planned, mode, isOwn, flippedAtMs, ramp, pinAside },
    reason: wait?.reason ?? routeReason(input, wanted, planned, comeBack?.guest),
    isChanged: !isSameRoute(planned, known.planned) || mode !== known.mode,
    isPanic: wanted.isPanic,
    isWaiting: wait !== undefined,
    heldBack: wait?.heldBack,
    pinnedBy: pinned !== undefined && planned[0]?.trunk === pinned ? input.pin?.actor : undefined,
    flip,
    isShared: moved.length > 0,
  };
}

function stopped(memory: DecidedMemory, isPanic: boolean, isHeldBack: boolean): ClassDecision {
  return {
    memory,
    reason: 'Stopped by the global switch: nothing changes.',
    isChanged: false,
    isPanic,
    isWaiting: false,
    heldBack: isHeldBack ? 'stopped' : undefined,
    pinnedBy: undefined,
    flip: undefined,
    isShared: false,
  };
}

function flipOf(
  mode: Mode,
  current: readonly WeightedTrunk[],
  planned: readonly WeightedTrunk[],
  known: RouteMemory,
): ClassDecision['flip'] {
  const from = current[0]?.trunk ?? '';
  const to = planned[0]?.trunk ?? '';
  if (from === to) return undefined;
  const wasProposed = mode === 'observe' && known.mode === 'observe' && known.planned[0]?.trunk === to;
  return wasProposed ? undefined : { from, to };
}

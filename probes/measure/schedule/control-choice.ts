import type { TargetState } from './schedule-state.ts';

/**
 * Orders the targets that may serve as control beside a confirmation of another: those that answered last time before
 * those that are missing, those that ever answered before those that never did; within a rank the one used longest ago,
 * so that controls rotate.
 *
 * @param confirmed - name of the target being confirmed; never among the controls. Targets that are left to others are not asked as controls either.
 * @returns best first; empty where the probe has one target only.
 */
export function controlOrder(targets: Iterable<TargetState>, confirmed: string): readonly TargetState[] {
  return [...targets]
    .filter(({ target, pace }) => target !== confirmed && pace?.isAsked !== false)
    .toSorted((a, b) => rank(a) - rank(b) || older(a, b) || b.lastAnsweredAtMs - a.lastAnsweredAtMs || 0);
}

function rank({ run }: TargetState): number {
  if (!run.hasAnswered) return 2;
  return run.misses > 0 ? 1 : 0;
}

function older(a: TargetState, b: TargetState): number {
  return a.lastControlAtMs === b.lastControlAtMs ? 0 : a.lastControlAtMs - b.lastControlAtMs;
}

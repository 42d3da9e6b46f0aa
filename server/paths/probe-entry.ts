import type { PathDuties, PathDuty } from './path-duty.ts';
import type { PathEntry } from './path-entry.ts';
import { leaveToOthers, startInstance } from './path-state.ts';
import { hearProbe, type ProbeCondition, UNHEARD_PROBE } from './probe-condition.ts';
import { PairLedger } from './striped-pairs.ts';

/** Whether a probe is such that nothing it says of its paths counts now. */
export type ProbeGround = { readonly isSilent: boolean; readonly isBehind: boolean; readonly isSick: boolean };

/** One probe with its paths by target. Mutable; owned by the path table. */
export type ProbeEntry = {
  readonly paths: Map<string, PathEntry>;
  readonly pairs: PairLedger;
  condition: ProbeCondition;
  duties: PathDuties;
  /** What held of it for all its paths when they were last judged; undefined before that. */
  ground: ProbeGround | undefined;
  /** Paths whose judgement hangs on what answers besides: amid a run of misses, or after failed calls. */
  readonly uneasy: Set<PathEntry>;
  /** When all its paths are to be judged again though nothing is heard; hub time. */
  dueAtMs: number;
};

const NO_DUTIES: PathDuties = new Map();

/** A probe that has not spoken, without paths. */
export function createProbe(): ProbeEntry {
  return {
    paths: new Map(),
    pairs: new PairLedger(),
    condition: UNHEARD_PROBE,
    duties: NO_DUTIES,
    ground: undefined,
    uneasy: new Set(),
    dueAtMs: 0,
  };
}

/** An instance of the probe speaks at `nowMs`; another one than before starts all its runs of misses over. */
export function hear(probe: ProbeEntry, instanceId: string, nowMs: number): void {
  const before = probe.condition.instanceId;
  probe.condition = hearProbe(probe.condition, instanceId, nowMs);
  if (before === undefined || before === instanceId) return;
  probe.pairs.startInstance();
  for (const entry of probe.paths.values()) entry.path = startInstance(entry.path);
}

/**
 * Gives a path what is assigned for it. One that is left to others from now on loses its own run of misses.
 *
 * @returns false where it had just that already.
 */
export function giveDuty(entry: PathEntry, duties: PathDuties): boolean {
  const duty = duties.get(entry.ref.target);
  if (isSameDuty(duty, entry.duty)) return false;
  if (duty?.role === 'inherit' && entry.duty?.role !== 'inherit') entry.path = leaveToOthers(entry.path);
  entry.duty = duty;
  return true;
}

function isSameDuty(duty: PathDuty | undefined, before: PathDuty | undefined): boolean {
  if (!duty || !before) return duty === before;
  return (
    duty.role === before.role &&
    duty.intervalMs === before.intervalMs &&
    duty.from.length === before.from.length &&
    duty.from.every((pbx, at) => pbx === before.from[at])
  );
}

/** True for a path that others of its site are asked for. */
export function isInherited({ duty }: PathEntry): boolean {
  return duty?.role === 'inherit';
}

import type { KindsCalm } from './kinds/quiet-kinds.ts';
import {
  BACKGROUND_RATIO,
  eventsOf,
  isInTotalLoss,
  isJudgeable,
  type PathEvidence,
  quietLogRatio,
} from './path-evidence.ts';

/** ln 1000: trouble is over when figures are a thousand times likelier as background than at half the fault's loss. */
const CLEAR_LOG_RATIO = Math.log(1000);
/** However loud the fault was, this much quiet must pass, unless the configuration says otherwise. */
export const MIN_QUIET_MS = 30_000;
/** And each path that testified must have been tried so often. */
const MIN_QUIET_SENT = 5;

/** What the paths of an open verdict say of its end. */
export type Calm =
  /** All its paths have left the configuration. */
  | { readonly kind: 'gone' }
  /** Paths that testified turned out to be silent to probes only. */
  | { readonly kind: 'probe-blocked' }
  /** Paths that testified give no figures: neither better nor worse. */
  | { readonly kind: 'missing'; readonly paths: readonly PathEvidence[] }
  /** Quiet since then, but not yet surely over. */
  | { readonly kind: 'waiting'; readonly quietSinceMs: number }
  /** `ending` says why, where it is not the quiet. */
  | { readonly kind: 'over'; readonly quietSinceMs: number; readonly ending?: string };

/** An open trouble, as far as its end matters. */
export type Trouble = {
  readonly insidePaths: readonly PathEvidence[];
  readonly witnessPaths: readonly PathEvidence[];
  /** Start of the present quiet; undefined before the first. */
  readonly quietSinceMs: number | undefined;
  /** Highest ratio of events seen inside, 0 to 1. */
  readonly peakRatio: number;
  /** What the other kinds that it rests on say since a time; absent where it rests on OPTIONS alone. */
  readonly kindsSince?: (sinceMs: number) => KindsCalm;
};

/**
 * Judges whether an open trouble is over: a sequential test of its own on what came since the present quiet began, which
 * starts anew whenever loss makes the fault the likelier side.
 *
 * @param minQuietMs - least length of the quiet, milliseconds.
 */
export function judgeCalm(trouble: Trouble, nowMs: number, minQuietMs: number = MIN_QUIET_MS): Calm {
  const { insidePaths, witnessPaths, quietSinceMs } = trouble;
  if (insidePaths.length === 0) return { kind: 'gone' };
  const speaking = witnessPaths.filter(({ health }) => !isSilentToProbes(health.state));
  if (witnessPaths.length > 0 && speaking.length === 0) return { kind: 'probe-blocked' };
  const missing = speaking.filter(({ health }) => !isJudgeable(health));
  if (missing.length > 0) return { kind: 'missing', paths: missing };
  const judgeable = insidePaths.filter(({ health }) => isJudgeable(health));
  if (quietSinceMs === undefined || judgeable.some(({ health }) => isInTotalLoss(health))) {
    return { kind: 'waiting', quietSinceMs: nowMs };
  }
  const faultRatio = Math.min(0.15, Math.max(4 * BACKGROUND_RATIO, trouble.peakRatio / 2));
  const others = trouble.kindsSince?.(quietSinceMs);
  const logRatio = judgeable.reduce(
    (sum, path) => sum + quietLogRatio(eventsOf(path.countsSince(quietSinceMs)), faultRatio),
    others?.logRatio ?? 0,
  );
  if (logRatio < 0 || others?.isLoud) return { kind: 'waiting', quietSinceMs: nowMs };
  const isTried =
    others?.isTried !== false && speaking.every((path) => path.countsSince(quietSinceMs).sent >= MIN_QUIET_SENT);
  const isLong = nowMs - quietSinceMs >= minQuietMs;
  return { kind: isTried && isLong && logRatio >= CLEAR_LOG_RATIO ? 'over' : 'waiting', quietSinceMs };
}

function isSilentToProbes(state: PathEvidence['health']['state']): boolean {
  return state === 'probe-blocked' || state === 'unmeasurable';
}

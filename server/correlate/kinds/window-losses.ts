import { wilsonInterval } from '../../paths/wilson.ts';
import { type EventCounts, isLossy, NO_EVENTS, quietLogRatio } from '../path-evidence.ts';
import { KIND_MODELS } from './evidence-kinds.ts';
import { type KindCount, type KindEvents, NO_COUNT, pooledKind, type WindowEvents } from './kind-events.ts';

/** Losses of any kind were seen on this path. */
export function hasLost({ kinds, options }: WindowEvents, path: number): boolean {
  return (options[path]?.events ?? 0) > 0 || kinds.some(({ ofPath }) => (ofPath.get(path)?.events ?? 0) > 0);
}

/** As {@link hasLost}, ICMP left out: edges limit its rate, so that nobody stands witness by it. */
export function hasTestified(events: WindowEvents, path: number): boolean {
  return hasLost(withoutIcmp(events), path);
}

/** Events on these paths in every kind but ICMP. */
export function eventsOn(events: WindowEvents, paths: readonly number[]): number {
  const { kinds, options } = withoutIcmp(events);
  const others = kinds.reduce((sum, kind) => sum + pooledKind(kind, paths).events, 0);
  return paths.reduce((sum, path) => sum + (options[path]?.events ?? 0), others);
}

/** True when these paths, pooled, lie clearly above background in OPTIONS or in another kind than ICMP. */
export function isAnyLossy(events: WindowEvents, paths: readonly number[]): boolean {
  if (isLossy(pooledOptions(events.options, paths))) return true;
  return events.kinds.some((kind) => kind.kind !== 'icmp' && isKindLossy(kind, pooledKind(kind, paths)));
}

/** True when a count lies clearly above the background of its kind. */
export function isKindLossy({ kind }: KindEvents, { events, trials }: KindCount): boolean {
  return trials > 0 && wilsonInterval({ sent: trials, lost: events }).lowRatio > KIND_MODELS[kind].clearRatio;
}

/** OPTIONS of these paths together. */
export function pooledOptions(options: readonly EventCounts[], paths: readonly number[]): KindCount {
  let events = 0;
  let trials = 0;
  for (const path of paths) {
    const count = options[path] ?? NO_EVENTS;
    events += count.events;
    trials += count.trials;
  }
  return { events, trials };
}

/** The figures without those of ICMP; the same object where there are none. */
export function withoutIcmp(events: WindowEvents): WindowEvents {
  if (events.kinds.every(({ kind }) => kind !== 'icmp')) return events;
  return { ...events, kinds: events.kinds.filter(({ kind }) => kind !== 'icmp') };
}

/** A kind, and what all paths of a place together met in it. */
export type LossyKind = { readonly kind: KindEvents; readonly whole: KindCount };

/** The kinds in which these paths, pooled, lie clearly above background; ICMP is never one. */
export function lossyKinds({ kinds }: WindowEvents, paths: readonly number[]): readonly LossyKind[] {
  return kinds.flatMap((kind) => {
    if (kind.kind === 'icmp') return [];
    const whole = pooledKind(kind, paths);
    return isKindLossy(kind, whole) ? [{ kind, whole }] : [];
  });
}

/**
 * What one kind tells of a path beside the others of a place that loses in it: ln of background over half the others' loss.
 * Undefined where the path has no figures of it.
 */
export function cleanLogRatio({ kind, whole }: LossyKind, path: number): number | undefined {
  const own = kind.ofPath.get(path) ?? NO_COUNT;
  if (own.trials === 0) return undefined;
  const others = (whole.events - own.events) / Math.max(1, whole.trials - own.trials);
  return quietLogRatio(own, Math.min(0.15, Math.max(0.02, others / 2)));
}

import type { Hypothesis } from './hypotheses.ts';
import type { KindCount, KindEvents, WindowEvents } from './kinds/kind-events.ts';
import {
  cleanLogRatio,
  hasTestified,
  isAnyLossy,
  type LossyKind,
  lossyKinds,
  pooledOptions,
} from './kinds/window-losses.ts';
import { faultLogRatio } from './loss-likelihood.ts';
import { type EventCounts, isLossy, isUnexplained, NO_EVENTS, quietLogRatio } from './path-evidence.ts';
import { type Sight, windowStartMs } from './sight.ts';
import type { Place } from './verdict.ts';

/** Who saw a trouble by their own evidence. */
export type Witnesses = {
  /** Sites whose own paths inside the place, pooled, are clearly above background in OPTIONS, media or calls, or far likelier at fault by their runs. */
  readonly sites: readonly string[];
  /** PBXs at those sites that lost something inside the place. */
  readonly pbxes: readonly string[];
  /** Their paths, as indices into the space. */
  readonly pathIndices: readonly number[];
};

/** Why a place is not named although the figures point to it. */
export type Doubt =
  | { readonly kind: 'one-site'; readonly sites: readonly string[] }
  | { readonly kind: 'clean-inside'; readonly pathIndices: readonly number[] }
  | { readonly kind: 'loss-outside'; readonly pathIndices: readonly number[] }
  | { readonly kind: 'icmp-alone' }
  | { readonly kind: 'all-red' };

/** A place the figures point to. */
export type Suspicion = {
  readonly hypothesis: Hypothesis;
  /** Of every path, over the window. */
  readonly events: WindowEvents;
  readonly witnesses: Witnesses;
  readonly windowMs: number;
  /** Paths that other places at fault account for. */
  readonly explained: ReadonlySet<number>;
};

/** ln 100: a path is clean when its figures are a hundred times likelier as background than at half the others' loss. */
const CLEAN_LOG_RATIO = Math.log(100);
/** ln 20: a site stands witness when what its own paths lost is twenty times likelier under a fault than as background. */
const WITNESS_LOG_RATIO = Math.log(20);
/** Share of clean paths inside a place above which the place does not explain the trouble. */
const MAX_CLEAN_SHARE = 0.2;

/**
 * Finds the witnesses among the paths of a place.
 *
 * @param options - one per path of the space.
 * @param kinds - what else tells of loss.
 */
export function findWitnesses(
  sight: Sight,
  pathIndices: readonly number[],
  options: readonly EventCounts[],
  kinds: readonly KindEvents[] = [],
): Witnesses {
  const events = { options, kinds };
  const bySite = Map.groupBy(pathIndices, (index) => sight.space.refs[index]?.site ?? '');
  const lossySites = [...bySite].filter(
    ([, indices]) => isAnyLossy(events, indices) || speaksOfFault(options, indices),
  );
  const witnessing = lossySites.flatMap(([, indices]) => indices.filter((index) => hasTestified(events, index)));
  return {
    sites: lossySites.map(([site]) => site),
    pbxes: [...new Set(witnessing.map((index) => sight.space.refs[index]?.pbx ?? ''))],
    pathIndices: witnessing,
  };
}

/**
 * What speaks against naming the place of a hypothesis alone.
 *
 * - `one-site`: safety rule 3, a provider, and an edge of one, needs witnesses at two sites or more, each with evidence of its own.
 * - `clean-inside`: more than a fifth of the place's paths are clean, so the fault sits in a part of it, or elsewhere.
 * - `icmp-alone` is found by `findInWindow`: without ICMP nothing would speak against the place.
 * - `loss-outside`: paths that neither this place nor another one at fault accounts for lose more than background explains.
 */
export function findDoubts(sight: Sight, suspicion: Suspicion): readonly Doubt[] {
  const { hypothesis, events, witnesses, explained } = suspicion;
  const doubts: Doubt[] = [];
  if (isOfProvider(hypothesis.place) && witnesses.sites.length < 2) {
    doubts.push({ kind: 'one-site', sites: witnesses.sites });
  }
  const inside = hypothesis.pathIndices.filter((index) => eventsAt(events.options, index).trials > 0);
  const whole = pooledOptions(events.options, inside);
  const loss = { whole, isLossy: isLossy(whole), kinds: lossyKinds(events, inside) };
  const clean = inside.filter((index) => isClean(sight, suspicion, loss, index));
  if (clean.length > inside.length * MAX_CLEAN_SHARE) doubts.push({ kind: 'clean-inside', pathIndices: clean });
  const insideSet = new Set(hypothesis.pathIndices);
  const lossy: number[] = [];
  events.options.forEach((count, index) => {
    const isElsewhere = count.events > 0 && !insideSet.has(index) && !explained.has(index);
    if (isElsewhere && isUnexplained(count, events.options.length)) lossy.push(index);
  });
  if (lossy.length > 0) doubts.push({ kind: 'loss-outside', pathIndices: lossy });
  return doubts;
}

/**
 * True when every path that has evidence, at two sites or more, is lossy: then the monitor itself is the first to doubt,
 * and nobody is accused.
 */
export function isAllRed(sight: Sight, events: readonly EventCounts[]): boolean {
  const sites = new Set<string>();
  for (const [index, count] of events.entries()) {
    if (count.trials === 0) continue;
    if (!isLossy(count)) return false;
    sites.add(sight.space.refs[index]?.site ?? '');
  }
  return sites.size >= 2;
}

/** True when the attempts on these paths are far likelier under a fault than as background, bursts of each path's own considered. */
function speaksOfFault(options: readonly EventCounts[], indices: readonly number[]): boolean {
  return faultLogRatio(indices.map((index) => eventsAt(options, index))) >= WITNESS_LOG_RATIO;
}

function isOfProvider(place: Place): boolean {
  return place.kind === 'provider' || place.kind === 'edge';
}

/** What all paths of a place with evidence lose together: in OPTIONS, and in the other kinds that are lossy there. */
type PlaceLoss = { readonly whole: KindCount; readonly isLossy: boolean; readonly kinds: readonly LossyKind[] };

/**
 * True when one path of a place is far better off than the others of it, in every kind that the place loses in. Raw losses of
 * OPTIONS count here, so that a path with one long outage in the window is not clean; nor is one amid a run of misses, which may
 * have gone bad this second.
 */
function isClean(sight: Sight, suspicion: Suspicion, loss: PlaceLoss, index: number): boolean {
  const path = sight.paths[index];
  if (path === undefined || path.health.consecutiveMisses > 0) return false;
  const others = loss.kinds.flatMap((kind) => cleanLogRatio(kind, index) ?? []);
  if (others.some((ratio) => ratio < 0)) return false;
  if (others.length > 0 && !loss.isLossy) return others.every((ratio) => ratio >= CLEAN_LOG_RATIO);
  return optionsCleanLog(sight, suspicion, loss.whole, index) >= CLEAN_LOG_RATIO;
}

function optionsCleanLog(sight: Sight, { events, windowMs }: Suspicion, whole: KindCount, index: number): number {
  const path = sight.paths[index];
  if (path === undefined) return 0;
  const own = eventsAt(events.options, index);
  const othersRatio = (whole.events - own.events) / Math.max(1, whole.trials - own.trials);
  const faultRatio = Math.min(0.15, Math.max(0.02, othersRatio / 2));
  const { sent, lost } = path.countsSince(windowStartMs(sight, path, sight.nowMs - windowMs));
  return quietLogRatio({ events: lost, trials: sent }, faultRatio);
}

function eventsAt(events: readonly EventCounts[], index: number): EventCounts {
  return events[index] ?? NO_EVENTS;
}

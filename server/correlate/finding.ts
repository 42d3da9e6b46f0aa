import { finish, type Steps } from '../steps.ts';
import { commonCauses } from './common-cause.ts';
import { eventSteps } from './kinds/events-since.ts';
import type { WindowEvents } from './kinds/kind-events.ts';
import { kindTotals } from './kinds/kind-totals.ts';
import { eventsOn, hasLost, isAnyLossy, withoutIcmp } from './kinds/window-losses.ts';
import { MIN_EVENTS } from './path-evidence.ts';
import { massOf, type Posterior, weigh, weighSteps } from './posterior.ts';
import type { Sight } from './sight.ts';
import {
  allRedFinding,
  CONFIRMING_POSTERIOR,
  foundAt,
  isBorneOut,
  type Look,
  NAMING_POSTERIOR,
  suspectsOf,
} from './suspects.ts';
import type { Certainty, KindEvidence, Place, WeighedPlace } from './verdict.ts';
import { type Doubt, findDoubts, findWitnesses, isAllRed, type Witnesses } from './witnesses.ts';

/** Windows looked at, milliseconds, in order: the short one sees a fresh fault, the long one low loss. */
export const WINDOWS_MS = [60_000, 300_000] as const;
/** Striped pairs are counted over so long. */
const PAIRS_WINDOW_MS = 300_000;

/** One trouble that a pass finds: it is sure, and this is how sure its place is. */
export type Finding = {
  readonly certainty: Certainty;
  readonly place: Place;
  readonly group: readonly Place[];
  readonly posterior: number;
  readonly runnerUp: WeighedPlace | undefined;
  readonly doubts: readonly Doubt[];
  readonly witnesses: Witnesses;
  readonly wouldSplit: string | undefined;
  /** Paths with evidence inside the place, as indices into the space. */
  readonly insideIndices: readonly number[];
  /** Those of them that no other place at fault accounts for. */
  readonly ownIndices: readonly number[];
  readonly windowMs: number;
  /** What other kinds than OPTIONS tell of the place, and of all paths outside it; those without any loss are left out. */
  readonly kinds?: readonly KindEvidence[];
};

/** One window's figures and what they say. */
type Weighing = Look & {
  readonly events: WindowEvents;
  /** What is left without ICMP: weighed when it is asked for, once. */
  readonly withoutIcmp: () => Posterior;
};

/** {@link faultSteps} in one go. */
export function findFaults(sight: Sight): readonly Finding[] {
  return finish(faultSteps(sight));
}

/**
 * Looks for faults over each window, several at once included.
 *
 * A place or group that one window is sure of stands, the short window first, unless it shares paths with one that stands
 * already or the other window shows that place partly clean. Suspicions of paths that nothing sure explains follow. Where
 * either window shows everything lossy, that alone is said.
 *
 * @returns no two findings of the same place; nothing where a fault anywhere is less likely than {@link NAMING_POSTERIOR},
 *   or rests on one or two events at one site.
 */
export function* faultSteps(sight: Sight): Steps<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const windowMs of WINDOWS_MS) findings.push(...(yield* windowSteps(sight, windowMs)));
  const allRed = findings.find(({ doubts }) => doubts.some(({ kind }) => kind === 'all-red'));
  if (allRed) return [allRed];
  const judged = findings.map((finding) => findings.find((other) => contradicts(other, finding)) ?? finding);
  const inOrder = [
    ...judged.filter(({ certainty }) => certainty !== 'suspect'),
    ...judged.filter(({ certainty }) => certainty === 'suspect'),
  ];
  const standing: Finding[] = [];
  for (const finding of inOrder) if (!standing.some((other) => isSameTrouble(other, finding))) standing.push(finding);
  return standing;
}

function contradicts(other: Finding, finding: Finding): boolean {
  return other.place === finding.place && other.doubts.some(({ kind }) => kind === 'clean-inside');
}

/** Findings of one window may share paths where two faults meet; those of two windows are then two looks at one trouble. */
function isSameTrouble(one: Finding, other: Finding): boolean {
  if (one.place === other.place) return true;
  if (one.windowMs === other.windowMs) return false;
  const inside = new Set(one.insideIndices);
  return other.insideIndices.some((index) => inside.has(index));
}

/** {@link windowSteps} in one go. */
export function findInWindow(sight: Sight, windowMs: number): readonly Finding[] {
  return finish(windowSteps(sight, windowMs));
}

/** One window of {@link findFaults}; the window ends now. One finding for each place of the likeliest set of places. */
export function* windowSteps(sight: Sight, windowMs: number): Steps<readonly Finding[]> {
  const events = yield* eventSteps(sight, sight.nowMs - windowMs);
  const causes = windowMs >= PAIRS_WINDOW_MS ? commonCauses(sight) : [];
  const posterior = yield* weighSteps(sight.space, events, causes);
  if (1 - posterior.nonePosterior < NAMING_POSTERIOR) return [];
  let sober: Posterior | undefined;
  const weighing = {
    sight,
    counts: events.options,
    events,
    posterior,
    windowMs,
    withoutIcmp: () => {
      sober ??= weigh(sight.space, withoutIcmp(events), causes);
      return sober;
    },
  };
  if (isAllRed(sight, events.options)) {
    const finding = allRedFinding(weighing, (paths) => findWitnesses(sight, paths, events.options, events.kinds));
    return [{ ...finding, kinds: kindTotals(events.kinds, finding.insideIndices) }];
  }
  const faults = posterior.sets[0]?.faults ?? [];
  const found: Finding[] = [];
  for (const fault of faults) {
    yield;
    const finding = findingOf(weighing, fault, faults);
    if (finding) found.push(finding);
  }
  return found;
}

/**
 * True when evidence since `sinceMs` alone says the same at even odds or better: the second of two consecutive windows.
 * A suspicion is confirmed by trouble anywhere.
 */
export function* isConfirmed(sight: Sight, finding: Finding, sinceMs: number): Steps<boolean> {
  const events = yield* eventSteps(sight, sinceMs);
  return isBorneOut(sight, finding, yield* weighSteps(sight.space, events));
}

function findingOf(weighing: Weighing, fault: number, faults: readonly number[]): Finding | undefined {
  const { sight, events, windowMs } = weighing;
  const suspects = suspectsOf(weighing, fault, faults, (path) => hasLost(events, path));
  if (suspects === undefined) return undefined;
  const { explained, insideIndices, lead, members, ownIndices } = suspects;
  const witnesses = findWitnesses(sight, ownIndices, events.options, events.kinds);
  const isIcmpAlone = restsOnIcmp(weighing, members, ownIndices);
  const isThin = !isIcmpAlone && eventsOn(events, insideIndices) < MIN_EVENTS;
  if (isThin && witnesses.sites.length < 2) return undefined;
  const found = findDoubts(sight, { hypothesis: lead, events, witnesses, windowMs, explained });
  const doubts: readonly Doubt[] = isIcmpAlone ? [{ kind: 'icmp-alone' }, ...found] : found;
  return { ...foundAt(weighing, suspects, { doubts, witnesses }), kinds: kindTotals(events.kinds, insideIndices) };
}

/** Nothing but ICMP speaks for these places: no other kind is lossy there, nor would the others make them likely by themselves. */
function restsOnIcmp(weighing: Weighing, members: ReadonlySet<number>, ownIndices: readonly number[]): boolean {
  const { events, withoutIcmp: sober } = weighing;
  if (!events.kinds.some(({ kind }) => kind === 'icmp') || isAnyLossy(events, ownIndices)) return false;
  return massOf(sober(), members) < CONFIRMING_POSTERIOR;
}

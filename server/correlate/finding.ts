import { commonCauses } from './common-cause.ts';
import { eventsSince } from './kinds/events-since.ts';
import type { WindowEvents } from './kinds/kind-events.ts';
import { kindTotals } from './kinds/kind-totals.ts';
import { eventsOn, hasLost, isAnyLossy, withoutIcmp } from './kinds/window-losses.ts';
import { MIN_EVENTS } from './path-evidence.ts';
import { inStead, massOf, type Posterior, weigh } from './posterior.ts';
import type { Sight } from './sight.ts';
import { probeThatWouldSplit } from './splitting-probe.ts';
import type { Certainty, KindEvidence, Place, WeighedPlace } from './verdict.ts';
import { type Doubt, findDoubts, findWitnesses, isAllRed, type Witnesses } from './witnesses.ts';

/** Posterior from which a place is named, and from which trouble is spoken of at all. */
export const NAMING_POSTERIOR = 0.95;
/** Windows looked at, milliseconds, in order: the short one sees a fresh fault, the long one low loss. */
export const WINDOWS_MS = [60_000, 300_000] as const;
/** Striped pairs are counted over so long. */
const PAIRS_WINDOW_MS = 300_000;
/** What fresh evidence alone must reach to confirm a finding. */
const CONFIRMING_POSTERIOR = 0.5;

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

/** Narrow places first: of places that share all evidence the least far-reaching one stands in front. */
export const MODESTY = { path: 0, probe: 1, host: 2, line: 3, edge: 4, site: 5, provider: 6, none: 7 } as const;

/** One window's figures and what they say. */
type Weighing = {
  readonly sight: Sight;
  readonly events: WindowEvents;
  readonly posterior: Posterior;
  /** What is left without ICMP: weighed when it is asked for, once. */
  readonly withoutIcmp: () => Posterior;
  readonly windowMs: number;
};

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
export function findFaults(sight: Sight): readonly Finding[] {
  const findings = WINDOWS_MS.flatMap((windowMs) => findInWindow(sight, windowMs));
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

/** One window of {@link findFaults}; the window ends now. One finding for each place of the likeliest set of places. */
export function findInWindow(sight: Sight, windowMs: number): readonly Finding[] {
  const events = eventsSince(sight, sight.nowMs - windowMs);
  const causes = windowMs >= PAIRS_WINDOW_MS ? commonCauses(sight) : [];
  const posterior = weigh(sight.space, events, causes);
  if (1 - posterior.nonePosterior < NAMING_POSTERIOR) return [];
  let sober: Posterior | undefined;
  const weighing = {
    sight,
    events,
    posterior,
    windowMs,
    withoutIcmp: () => {
      sober ??= weigh(sight.space, withoutIcmp(events), causes);
      return sober;
    },
  };
  if (isAllRed(sight, events.options)) return [allRedFinding(weighing)];
  const faults = posterior.sets[0]?.faults ?? [];
  return faults.flatMap((fault) => findingOf(weighing, fault, faults) ?? []);
}

/**
 * True when evidence since `sinceMs` alone says the same at even odds or better: the second of two consecutive windows.
 * A suspicion is confirmed by trouble anywhere.
 */
export function isConfirmed(sight: Sight, finding: Finding, sinceMs: number): boolean {
  const posterior = weigh(sight.space, eventsSince(sight, sinceMs));
  if (finding.certainty === 'suspect') return 1 - posterior.nonePosterior >= CONFIRMING_POSTERIOR;
  const members = new Set(finding.group);
  const places = sight.space.hypotheses.flatMap(({ place }, index) => (members.has(place) ? [index] : []));
  return massOf(posterior, new Set(places)) >= CONFIRMING_POSTERIOR;
}

function findingOf(weighing: Weighing, fault: number, faults: readonly number[]): Finding | undefined {
  const { sight, events, posterior, windowMs } = weighing;
  const insideIndices = withEvidence(weighing, fault);
  const touching = new Set(
    insideIndices.flatMap((path) => (hasLost(events, path) ? (sight.space.ofPath[path] ?? []) : [])),
  );
  if (massOf(posterior, touching) < NAMING_POSTERIOR) return undefined;
  const members = [...touching]
    .filter((other) => other === fault || hasSameEvidence(weighing, other, insideIndices))
    .toSorted((one, other) => modesty(sight, one) - modesty(sight, other));
  const lead = sight.space.hypotheses[members[0] ?? fault];
  if (lead === undefined) return undefined;
  const others = faults.filter((other) => other !== fault);
  const explained = new Set(others.flatMap((other) => sight.space.hypotheses[other]?.pathIndices ?? []));
  const ownIndices = insideIndices.filter((path) => !explained.has(path));
  const witnesses = findWitnesses(sight, ownIndices, events.options, events.kinds);
  const memberSet = new Set(members);
  const isIcmpAlone = restsOnIcmp(weighing, memberSet, ownIndices);
  const isThin = !isIcmpAlone && eventsOn(events, insideIndices) < MIN_EVENTS;
  if (isThin && witnesses.sites.length < 2) return undefined;
  const found = findDoubts(sight, { hypothesis: lead, events, witnesses, windowMs, explained });
  const doubts: readonly Doubt[] = isIcmpAlone ? [{ kind: 'icmp-alone' }, ...found] : found;
  const group = members.flatMap((member) => sight.space.hypotheses[member]?.place ?? []);
  const mass = Math.min(1, massOf(posterior, memberSet));
  const isSure = mass >= NAMING_POSTERIOR && doubts.length === 0;
  const isOneSited = doubts.some(({ kind }) => kind === 'one-site');
  return {
    certainty: isSure ? (group.length > 1 ? 'ambiguous' : 'named') : 'suspect',
    place: lead.place,
    group,
    posterior: mass,
    runnerUp: runnerUpOf(weighing, memberSet, new Set(others)),
    doubts,
    witnesses,
    wouldSplit: group.length > 1 || isOneSited ? probeThatWouldSplit(sight, group, witnesses.sites) : undefined,
    insideIndices,
    ownIndices,
    windowMs,
    kinds: kindTotals(events.kinds, insideIndices),
  };
}

/** Nothing but ICMP speaks for these places: no other kind is lossy there, nor would the others make them likely by themselves. */
function restsOnIcmp(weighing: Weighing, members: ReadonlySet<number>, ownIndices: readonly number[]): boolean {
  const { events, withoutIcmp: sober } = weighing;
  if (!events.kinds.some(({ kind }) => kind === 'icmp') || isAnyLossy(events, ownIndices)) return false;
  return massOf(sober(), members) < CONFIRMING_POSTERIOR;
}

function allRedFinding(weighing: Weighing): Finding {
  const { sight, events, posterior, windowMs } = weighing;
  const insideIndices = [...events.options.keys()].filter((index) => (events.options[index]?.trials ?? 0) > 0);
  return {
    certainty: 'suspect',
    place: { kind: 'none' },
    group: [{ kind: 'none' }],
    posterior: posterior.nonePosterior,
    runnerUp: runnerUpOf(weighing, new Set(), new Set()),
    doubts: [{ kind: 'all-red' }],
    witnesses: findWitnesses(sight, insideIndices, events.options, events.kinds),
    wouldSplit: undefined,
    insideIndices,
    ownIndices: insideIndices,
    windowMs,
    kinds: kindTotals(events.kinds, insideIndices),
  };
}

function withEvidence({ sight, events }: Weighing, hypothesis: number): readonly number[] {
  const indices = sight.space.hypotheses[hypothesis]?.pathIndices ?? [];
  return indices.filter((index) => (events.options[index]?.trials ?? 0) > 0);
}

function hasSameEvidence(weighing: Weighing, other: number, insideIndices: readonly number[]): boolean {
  const indices = withEvidence(weighing, other);
  return indices.length === insideIndices.length && indices.every((index, at) => index === insideIndices[at]);
}

function modesty(sight: Sight, hypothesis: number): number {
  return MODESTY[sight.space.hypotheses[hypothesis]?.place.kind ?? 'none'];
}

function runnerUpOf(
  { sight, posterior }: Weighing,
  members: ReadonlySet<number>,
  others: ReadonlySet<number>,
): WeighedPlace {
  const next = inStead(posterior, members, others);
  const place = next.hypothesis === undefined ? undefined : sight.space.hypotheses[next.hypothesis]?.place;
  return { place: place ?? { kind: 'none' }, posterior: next.posterior };
}

import { type EventCounts, MIN_EVENTS } from './path-evidence.ts';
import { type Posterior, type WeighedHypothesis, weigh } from './posterior.ts';
import { eventsSince, type Sight } from './sight.ts';
import type { Certainty, Place, WeighedPlace } from './verdict.ts';
import { type Doubt, findDoubts, findWitnesses, isAllRed, probeThatWouldSplit, type Witnesses } from './witnesses.ts';

/** Posterior from which a place is named, and from which trouble is spoken of at all. */
export const NAMING_POSTERIOR = 0.95;
/** Windows looked at, milliseconds, in order: the short one sees a fresh fault, the long one low loss. */
export const WINDOWS_MS = [60_000, 300_000] as const;
/** What fresh evidence alone must reach to confirm a finding. */
const CONFIRMING_POSTERIOR = 0.5;

/** What one pass finds: trouble that is sure, and how sure its place is. */
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
  readonly windowMs: number;
};

/** Narrow places first: of places that share all evidence the least far-reaching one stands in front. */
const MODESTY = { path: 0, probe: 1, line: 2, site: 3, provider: 4, none: 5 } as const;

/**
 * Looks for one fault over each window.
 *
 * @returns the first window's finding that names a place or an ambiguity group, unless the other window shows that place
 *   partly clean or everything lossy; else the first suspicion, else nothing:
 *   a fault anywhere is less likely than {@link NAMING_POSTERIOR}, or rests on one or two events at one site.
 */
export function findFault(sight: Sight): Finding | undefined {
  const findings = WINDOWS_MS.map((windowMs) => findInWindow(sight, windowMs)).filter(
    (finding) => finding !== undefined,
  );
  const sure = findings.find(({ certainty }) => certainty !== 'suspect');
  return sure === undefined ? findings[0] : (findings.find((other) => contradicts(other, sure)) ?? sure);
}

function contradicts(other: Finding, sure: Finding): boolean {
  return other.doubts.some(({ kind }) => kind === 'all-red' || (kind === 'clean-inside' && other.place === sure.place));
}

/** One window of {@link findFault}; the window ends now. */
export function findInWindow(sight: Sight, windowMs: number): Finding | undefined {
  const events = eventsSince(sight, sight.nowMs - windowMs);
  const posterior = weigh(sight.space, events);
  if (1 - posterior.nonePosterior < NAMING_POSTERIOR) return undefined;
  if (isAllRed(sight, events)) return allRedFinding(sight, events, posterior, windowMs);
  const top = likeliest(posterior.weighed);
  if (top === undefined) return undefined;
  const insideIndices = withEvidence(top, events);
  const members = posterior.weighed
    .filter((other) => other === top || hasSameEvidence(other, top, insideIndices, events))
    .toSorted((one, other) => MODESTY[one.place.kind] - MODESTY[other.place.kind]);
  const lead = members[0] ?? top;
  const group = members.map(({ place }) => place);
  const witnesses = findWitnesses(sight, insideIndices, events);
  if (top.events < MIN_EVENTS && witnesses.sites.length < 2) return undefined;
  const doubts = findDoubts(sight, { hypothesis: lead, events, witnesses, windowMs });
  const mass = Math.min(
    1,
    members.reduce((sum, member) => sum + member.posterior, 0),
  );
  const isSure = mass >= NAMING_POSTERIOR && doubts.length === 0;
  const isOneSited = doubts.some(({ kind }) => kind === 'one-site');
  return {
    certainty: isSure ? (group.length > 1 ? 'ambiguous' : 'named') : 'suspect',
    place: lead.place,
    group,
    posterior: mass,
    runnerUp: runnerUpOf(posterior, members),
    doubts,
    witnesses,
    wouldSplit: group.length > 1 || isOneSited ? probeThatWouldSplit(sight, group, witnesses.sites) : undefined,
    insideIndices,
    windowMs,
  };
}

/**
 * True when evidence since `sinceMs` alone says the same at even odds or better: the second of two consecutive windows.
 * A suspicion is confirmed by trouble anywhere.
 */
export function isConfirmed(sight: Sight, finding: Finding, sinceMs: number): boolean {
  const { nonePosterior, weighed } = weigh(sight.space, eventsSince(sight, sinceMs));
  if (finding.certainty === 'suspect') return 1 - nonePosterior >= CONFIRMING_POSTERIOR;
  const mass = weighed
    .filter(({ place }) => finding.group.includes(place))
    .reduce((sum, { posterior }) => sum + posterior, 0);
  return mass >= CONFIRMING_POSTERIOR;
}

function allRedFinding(sight: Sight, events: readonly EventCounts[], posterior: Posterior, windowMs: number): Finding {
  const insideIndices = [...events.keys()].filter((index) => (events[index]?.trials ?? 0) > 0);
  const top = likeliest(posterior.weighed);
  return {
    certainty: 'suspect',
    place: { kind: 'none' },
    group: [{ kind: 'none' }],
    posterior: posterior.nonePosterior,
    runnerUp: top && { place: top.place, posterior: top.posterior },
    doubts: [{ kind: 'all-red' }],
    witnesses: findWitnesses(sight, insideIndices, events),
    wouldSplit: undefined,
    insideIndices,
    windowMs,
  };
}

function likeliest(weighed: readonly WeighedHypothesis[]): WeighedHypothesis | undefined {
  return weighed.reduce<WeighedHypothesis | undefined>(
    (best, each) => (best === undefined || each.posterior > best.posterior ? each : best),
    undefined,
  );
}

function withEvidence(hypothesis: WeighedHypothesis, events: readonly EventCounts[]): readonly number[] {
  return hypothesis.pathIndices.filter((index) => (events[index]?.trials ?? 0) > 0);
}

function hasSameEvidence(
  other: WeighedHypothesis,
  top: WeighedHypothesis,
  insideIndices: readonly number[],
  events: readonly EventCounts[],
): boolean {
  if (other.events !== top.events || other.trials !== top.trials) return false;
  const indices = withEvidence(other, events);
  return indices.length === insideIndices.length && indices.every((index, at) => index === insideIndices[at]);
}

function runnerUpOf(posterior: Posterior, members: readonly WeighedHypothesis[]): WeighedPlace | undefined {
  const next = likeliest(posterior.weighed.filter((each) => !members.includes(each)));
  if (next === undefined || posterior.nonePosterior > next.posterior) {
    return { place: { kind: 'none' }, posterior: posterior.nonePosterior };
  }
  return { place: next.place, posterior: next.posterior };
}

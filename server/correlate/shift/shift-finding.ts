import { type Finding, MODESTY, NAMING_POSTERIOR } from '../finding.ts';
import { inStead, massOf, type Posterior } from '../posterior.ts';
import type { Sight } from '../sight.ts';
import { probeThatWouldSplit } from '../splitting-probe.ts';
import type { WeighedPlace } from '../verdict.ts';
import { type Doubt, findWitnesses, isAllRed } from '../witnesses.ts';
import { medianOf } from './median.ts';
import type { LaneSays } from './shift-book.ts';
import { type ShiftEvidence, shiftEvidence } from './shift-evidence.ts';
import { weighShifts } from './shift-search.ts';

/** Window of the loss counts that stand beside the shift in a verdict. */
const WINDOW_MS = 60_000;
/** Share of clean paths inside a place above which the place does not explain the trouble. */
const MAX_CLEAN_SHARE = 0.2;
/**
 * ln ratio from which a shifted path that no place accounts for is more than a stretch of its own: one chance in 30 for all paths
 * together, as the stretches of so many paths are rarer the longer they are.
 */
const OUTSIDE_LOG_RATIO = 7;
const OUTSIDE_LOG_CHANCE = 3.4;
/** A path that has been in doubt for no longer than this will soon say; a place that it bears on and that began with it waits for it. */
const YOUNG_DOUBT_MS = 60_000;
/** The second window is at least so long, and must say the same at even odds. */
const CONFIRM_MS = 10_000;
const CONFIRMING_POSTERIOR = 0.5;

type Weighing = {
  readonly sight: Sight;
  readonly says: readonly LaneSays[];
  readonly evidence: ShiftEvidence;
  readonly posterior: Posterior;
};

/**
 * Looks for the places that explain which paths are shifted, as `findFaults` does for loss.
 *
 * @param says - one per path of the space.
 * @returns nothing where a fault anywhere is less likely than 0.95; a single finding without a place where every path of two
 *   sites or more is shifted.
 */
export function findShifts(sight: Sight, says: readonly LaneSays[]): readonly Finding[] {
  const evidence = shiftEvidence(sight, says);
  const posterior = weighShifts(sight.space, evidence);
  if (1 - posterior.nonePosterior < NAMING_POSTERIOR) return [];
  const weighing = { sight, says, evidence, posterior };
  if (isAllRed(sight, evidence.counts)) return isAnyYoung(weighing) ? [] : [allRedFinding(weighing)];
  const faults = posterior.sets[0]?.faults ?? [];
  return faults.flatMap((fault) => findingOf(weighing, fault, faults) ?? []);
}

/** True when samples after `sinceMs` alone say the same at even odds or better, over {@link CONFIRM_MS} at least. */
export function isShiftConfirmed(sight: Sight, finding: Finding, fresh: readonly LaneSays[], sinceMs: number): boolean {
  if (sight.nowMs - sinceMs < CONFIRM_MS) return false;
  const posterior = weighShifts(sight.space, shiftEvidence(sight, fresh));
  if (finding.certainty === 'suspect') return 1 - posterior.nonePosterior >= CONFIRMING_POSTERIOR;
  const members = new Set(finding.group);
  const places = sight.space.hypotheses.flatMap(({ place }, index) => (members.has(place) ? [index] : []));
  return massOf(posterior, new Set(places)) >= CONFIRMING_POSTERIOR;
}

function findingOf(weighing: Weighing, fault: number, faults: readonly number[]): Finding | undefined {
  const { evidence, posterior, sight } = weighing;
  const insideIndices = withEvidence(weighing, fault);
  const shifted = insideIndices.filter((path) => isShifted(evidence, path));
  const touching = new Set(shifted.flatMap((path) => sight.space.ofPath[path] ?? []));
  const beganMs = beginningOf(weighing, shifted);
  if (massOf(posterior, touching) < NAMING_POSTERIOR || isAwaited(weighing, touching, beganMs)) return undefined;
  const members = [...touching]
    .filter((other) => other === fault || hasSameEvidence(weighing, other, insideIndices))
    .toSorted((one, other) => modesty(sight, one) - modesty(sight, other));
  const lead = sight.space.hypotheses[members[0] ?? fault];
  if (lead === undefined) return undefined;
  const others = faults.filter((other) => other !== fault);
  const explained = new Set(others.flatMap((other) => sight.space.hypotheses[other]?.pathIndices ?? []));
  const ownIndices = insideIndices.filter((path) => !explained.has(path));
  const witnesses = findWitnesses(sight, atShiftedSites(weighing, ownIndices), evidence.counts);
  const doubts = doubtsOf(weighing, { place: lead.place, insideIndices, explained, sites: witnesses.sites });
  const group = members.flatMap((member) => sight.space.hypotheses[member]?.place ?? []);
  const mass = Math.min(1, massOf(posterior, new Set(members)));
  const isSure = mass >= NAMING_POSTERIOR && doubts.length === 0;
  const isOneSited = doubts.some(({ kind }) => kind === 'one-site');
  return {
    certainty: isSure ? (group.length > 1 ? 'ambiguous' : 'named') : 'suspect',
    place: lead.place,
    group,
    posterior: mass,
    runnerUp: runnerUpOf(weighing, new Set(members), new Set(others)),
    doubts,
    witnesses,
    wouldSplit: group.length > 1 || isOneSited ? probeThatWouldSplit(sight, group, witnesses.sites) : undefined,
    insideIndices,
    ownIndices,
    windowMs: WINDOW_MS,
  };
}

/** Those at sites of which half or more are shifted: one path in a stretch of its own is no evidence of its site's (safety rule 3). */
function atShiftedSites({ evidence, sight }: Weighing, telling: readonly number[]): readonly number[] {
  const bySite = Map.groupBy(telling, (path) => sight.space.refs[path]?.site ?? '');
  return [...bySite.values()].flatMap((own) =>
    own.filter((path) => isShifted(evidence, path)).length * 2 >= own.length ? own : [],
  );
}

/** Paths are asked at paces of their own: while one is in young doubt that would tell these places apart, it is waited for. */
function isAwaited({ says, sight }: Weighing, places: ReadonlySet<number>, beganMs: number): boolean {
  return says.some(
    (each, path) =>
      isYoung(sight, each, beganMs) && (sight.space.ofPath[path]?.some((place) => places.has(place)) ?? false),
  );
}

function isAnyYoung(weighing: Weighing): boolean {
  const beganMs = beginningOf(weighing, [...weighing.says.keys()]);
  return weighing.says.some((each) => isYoung(weighing.sight, each, beganMs));
}

/** A doubt that came up long after the trouble is of the path itself: of thousands some are in doubt at any moment. */
function isYoung({ nowMs }: Sight, says: LaneSays, beganMs: number): boolean {
  if (says.kind !== 'unsure' || nowMs - says.sinceMs >= YOUNG_DOUBT_MS) return false;
  return Math.abs(says.sinceMs - beganMs) < YOUNG_DOUBT_MS;
}

/** When the shift of these paths began: the middle one, for some of many are in a stretch of their own since before. */
function beginningOf({ says }: Weighing, paths: readonly number[]): number {
  return medianOf(
    paths.flatMap((path) => {
      const each = says[path];
      return each?.kind === 'shifted' ? [each.sinceMs] : [];
    }),
  );
}

function allRedFinding(weighing: Weighing): Finding {
  const { evidence, posterior, sight } = weighing;
  const insideIndices = [...evidence.counts.keys()].filter((index) => (evidence.counts[index]?.trials ?? 0) > 0);
  return {
    certainty: 'suspect',
    place: { kind: 'none' },
    group: [{ kind: 'none' }],
    posterior: posterior.nonePosterior,
    runnerUp: runnerUpOf(weighing, new Set(), new Set()),
    doubts: [{ kind: 'all-red' }],
    witnesses: findWitnesses(sight, insideIndices, evidence.counts),
    wouldSplit: undefined,
    insideIndices,
    ownIndices: insideIndices,
    windowMs: WINDOW_MS,
  };
}

type Suspected = {
  readonly place: Finding['place'];
  readonly insideIndices: readonly number[];
  readonly explained: ReadonlySet<number>;
  readonly sites: readonly string[];
};

/** What speaks against naming a place alone: see `findDoubts`, of which these are the like for paths that are shifted or not. */
function doubtsOf({ evidence }: Weighing, { explained, insideIndices, place, sites }: Suspected): readonly Doubt[] {
  const doubts: Doubt[] = [];
  if ((place.kind === 'provider' || place.kind === 'edge') && sites.length < 2)
    doubts.push({ kind: 'one-site', sites });
  const clean = insideIndices.filter((path) => !isShifted(evidence, path));
  if (clean.length > insideIndices.length * MAX_CLEAN_SHARE) doubts.push({ kind: 'clean-inside', pathIndices: clean });
  const inside = new Set(insideIndices);
  const outside: number[] = [];
  const leastLogRatio = Math.max(OUTSIDE_LOG_RATIO, OUTSIDE_LOG_CHANCE + Math.log(evidence.logRatios.length));
  evidence.logRatios.forEach((logRatio, path) => {
    if (logRatio >= leastLogRatio && !inside.has(path) && !explained.has(path)) outside.push(path);
  });
  if (outside.length > 0) doubts.push({ kind: 'loss-outside', pathIndices: outside });
  return doubts;
}

function withEvidence({ evidence, sight }: Weighing, hypothesis: number): readonly number[] {
  const indices = sight.space.hypotheses[hypothesis]?.pathIndices ?? [];
  return indices.filter((index) => (evidence.counts[index]?.trials ?? 0) > 0);
}

function hasSameEvidence(weighing: Weighing, other: number, insideIndices: readonly number[]): boolean {
  const indices = weighing.sight.space.hypotheses[other]?.pathIndices ?? [];
  if (indices.length < insideIndices.length) return false;
  const own = withEvidence(weighing, other);
  return own.length === insideIndices.length && own.every((index, at) => index === insideIndices[at]);
}

function isShifted({ counts }: ShiftEvidence, path: number): boolean {
  return (counts[path]?.events ?? 0) > 0;
}

function modesty(sight: Sight, hypothesis: number): number {
  return MODESTY[sight.space.hypotheses[hypothesis]?.place.kind ?? 'none'];
}

function runnerUpOf(
  { posterior, sight }: Weighing,
  members: ReadonlySet<number>,
  others: ReadonlySet<number>,
): WeighedPlace {
  const next = inStead(posterior, members, others);
  const place = next.hypothesis === undefined ? undefined : sight.space.hypotheses[next.hypothesis]?.place;
  return { place: place ?? { kind: 'none' }, posterior: next.posterior };
}

import { finish, type Steps } from '../../steps.ts';
import type { Finding } from '../finding.ts';
import type { Sight } from '../sight.ts';
import { allRedFinding, foundAt, isBorneOut, type Look, NAMING_POSTERIOR, suspectsOf } from '../suspects.ts';
import { type Doubt, findWitnesses, isAllRed } from '../witnesses.ts';
import { medianOf } from './median.ts';
import type { LaneSays } from './shift-book.ts';
import { type ShiftEvidence, shiftEvidence } from './shift-evidence.ts';
import { weighShiftSteps } from './shift-search.ts';

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

type Weighing = Look & { readonly says: readonly LaneSays[]; readonly evidence: ShiftEvidence };

/** {@link shiftFindingSteps} in one go. */
export function findShifts(sight: Sight, says: readonly LaneSays[]): readonly Finding[] {
  return finish(shiftFindingSteps(sight, says));
}

/**
 * Looks for the places that explain which paths are shifted, as `findFaults` does for loss.
 *
 * @param says - one per path of the space.
 * @returns nothing where a fault anywhere is less likely than 0.95; a single finding without a place where every path of two
 *   sites or more is shifted.
 */
export function* shiftFindingSteps(sight: Sight, says: readonly LaneSays[]): Steps<readonly Finding[]> {
  const evidence = shiftEvidence(sight, says);
  yield;
  const posterior = yield* weighShiftSteps(sight.space, evidence);
  if (1 - posterior.nonePosterior < NAMING_POSTERIOR) return [];
  const { counts } = evidence;
  const weighing = { sight, counts, posterior, windowMs: WINDOW_MS, says, evidence };
  if (isAllRed(sight, counts)) {
    return isAnyYoung(weighing) ? [] : [allRedFinding(weighing, (paths) => findWitnesses(sight, paths, counts))];
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

/** True when samples after `sinceMs` alone say the same at even odds or better, over {@link CONFIRM_MS} at least. */
export function* isShiftConfirmed(
  sight: Sight,
  finding: Finding,
  fresh: readonly LaneSays[],
  sinceMs: number,
): Steps<boolean> {
  if (sight.nowMs - sinceMs < CONFIRM_MS) return false;
  return isBorneOut(sight, finding, yield* weighShiftSteps(sight.space, shiftEvidence(sight, fresh)));
}

function findingOf(weighing: Weighing, fault: number, faults: readonly number[]): Finding | undefined {
  const { evidence, sight } = weighing;
  const suspects = suspectsOf(weighing, fault, faults, (path) => isShifted(evidence, path));
  if (suspects === undefined) return undefined;
  const { explained, insideIndices, lead, ownIndices, touching } = suspects;
  const beganMs = beginningOf(
    weighing,
    insideIndices.filter((path) => isShifted(evidence, path)),
  );
  if (isAwaited(weighing, touching, beganMs)) return undefined;
  const witnesses = findWitnesses(sight, atShiftedSites(weighing, ownIndices), evidence.counts);
  const doubts = doubtsOf(weighing, { place: lead.place, insideIndices, explained, sites: witnesses.sites });
  return foundAt(weighing, suspects, { doubts, witnesses });
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

function isShifted({ counts }: ShiftEvidence, path: number): boolean {
  return (counts[path]?.events ?? 0) > 0;
}

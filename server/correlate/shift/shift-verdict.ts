import { forwardWay, opposite, type Way } from '../direction.ts';
import type { Finding } from '../finding.ts';
import { pathCount, type VerdictFrame } from '../loss-verdict.ts';
import type { PathEvidence } from '../path-evidence.ts';
import type { Sight } from '../sight.ts';
import type { PathCount, PathShift, Place, Verdict } from '../verdict.ts';
import type { LaneSays } from './shift-book.ts';
import { sayShift } from './shift-sentence.ts';
import type { ShiftView } from './shift-view.ts';

/** Most paths whose figures a verdict carries. */
const MAX_EVIDENCE = 200;

/** The figures of a symptom, and what each path of the space says by them. */
export type ShiftGround = { readonly view: ShiftView; readonly says: readonly LaneSays[] };

/** Writes the verdict of a shift with its figures; the counts of loss beside them are what OPTIONS lost on the same paths. */
export function shiftVerdict(
  { says, view }: ShiftGround,
  sight: Sight,
  finding: Finding,
  frame: VerdictFrame,
): Verdict {
  const inside = finding.insideIndices.slice(0, MAX_EVIDENCE);
  const paths = inside.flatMap((index) => sight.paths[index] ?? []);
  const sinceMs = sight.nowMs - finding.windowMs;
  const evidence = inside.map((index) => pathCount(sight, index, sinceMs));
  const shifts = paths.flatMap((path) => view.figures(path, sight.nowMs));
  const shiftedKeys = new Set(
    shifts.flatMap(({ isShifted, pathKey, what }) => (isShifted && what !== 'icmp-rtt' ? [pathKey] : [])),
  );
  const outside = elsewhere(says, finding);
  const verdict = {
    verdictId: frame.verdictId,
    symptom: view.symptom,
    certainty: frame.certainty,
    place: finding.place,
    group: frame.certainty === 'named' ? [finding.place] : finding.group,
    posterior: finding.posterior,
    runnerUp: finding.runnerUp,
    direction: directionOf(finding.place, paths, shifts),
    witnesses: finding.witnesses.pbxes,
    siteCount: finding.witnesses.sites.length,
    windowMs: finding.windowMs,
    lossInsideRatio: ratio(evidence),
    lossOutsideRatio: 0,
    evidence,
    shifts,
    wouldSplit: finding.wouldSplit,
    openedAtMs: frame.openedAtMs,
    updatedAtMs: sight.nowMs,
    clearedAtMs: undefined,
  } as const;
  const sentence = sayShift({
    ...verdict,
    group: finding.group,
    shiftedPaths: shiftedKeys.size,
    pathsInside: inside.length,
    cleanOutside: outside.clean,
    shiftedOutside: outside.shifted,
    doubts: finding.doubts,
    nameOf: (index) => nameOf(sight.space.refs[index]),
    nameOfKey: (key) => nameOf(paths.find(({ health }) => health.ref.key === key)?.health.ref),
  });
  return { ...verdict, sentence };
}

function elsewhere(says: readonly LaneSays[], { insideIndices }: Finding) {
  const inside = new Set(insideIndices);
  let clean = 0;
  let shifted = 0;
  says.forEach(({ kind }, index) => {
    if (inside.has(index)) return;
    if (kind === 'clean') clean += 1;
    else if (kind === 'shifted') shifted += 1;
  });
  return { clean, shifted };
}

/** Which way it is worse, told by figures of one way alone; round trips tell none. */
function directionOf(place: Place, paths: readonly PathEvidence[], shifts: readonly PathShift[]): Verdict['direction'] {
  const refs = new Map(paths.map(({ health }) => [health.ref.key, health.ref]));
  const ways = new Set<Way>();
  for (const { direction, isShifted, pathKey } of shifts) {
    const ref = refs.get(pathKey);
    const forward = ref && forwardWay(place, ref);
    if (!isShifted || direction === 'round-trip' || forward === undefined) continue;
    ways.add(direction === 'forward' ? forward : opposite(forward));
  }
  const [only] = ways;
  return ways.size === 2 ? 'both' : (only ?? 'unknown');
}

function nameOf(ref: PathEvidence['health']['ref'] | undefined): string {
  return ref === undefined ? 'path unknown' : `path ${ref.pbx} > ${ref.target}`;
}

function ratio(counts: readonly PathCount[]): number {
  const sent = counts.reduce((sum, count) => sum + count.sent, 0);
  return sent === 0 ? 0 : counts.reduce((sum, count) => sum + count.lost, 0) / sent;
}

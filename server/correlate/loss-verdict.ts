import { wilsonInterval } from '../paths/wilson.ts';
import { judgeDirection } from './direction.ts';
import type { Finding } from './finding.ts';
import { shownCounts } from './path-evidence.ts';
import { type SpokenDoubt, sayLoss } from './sentence.ts';
import { type Sight, windowStartMs } from './sight.ts';
import { NAMING_POSTERIOR } from './suspects.ts';
import type { Certainty, PathCount, Verdict } from './verdict.ts';
import type { Doubt } from './witnesses.ts';

/** Most paths whose counts a verdict carries: the lossiest of the place and every outsider that raised a doubt. */
const MAX_EVIDENCE = 200;

/** Media count for the direction over so long, but not from much before the opening: they are kept in whole minutes. */
const MEDIA_MS = 300_000;
const MEDIA_BEFORE_MS = 30_000;

/** What an incident adds to a finding. */
export type VerdictFrame = {
  readonly verdictId: string;
  readonly openedAtMs: number;
  /** When it was opened or, after a clear, last reopened. */
  readonly spellSinceMs: number;
  /** May be surer than the finding while an open verdict is only a little below the naming posterior. */
  readonly certainty: Certainty;
};

/** Writes the verdict of a finding, with counts, intervals and sentence as of this pass. */
export function lossVerdict(sight: Sight, finding: Finding, frame: VerdictFrame): Verdict {
  const sinceMs = sight.nowMs - finding.windowMs;
  const insideSet = new Set(finding.insideIndices);
  const inside = finding.insideIndices.map((index) => pathCount(sight, index, sinceMs));
  const doubted = finding.doubts.flatMap((doubt) => (doubt.kind === 'loss-outside' ? doubt.pathIndices : []));
  const evidence = inside.toSorted((one, other) => other.lost - one.lost).slice(0, MAX_EVIDENCE);
  for (const index of doubted.slice(0, MAX_EVIDENCE)) evidence.push(pathCount(sight, index, sinceMs));
  const mediaSinceMs = Math.max(sight.nowMs - MEDIA_MS, frame.spellSinceMs - MEDIA_BEFORE_MS);
  const direction = judgeDirection(sight, finding.place, finding.ownIndices, mediaSinceMs);
  const verdict = {
    verdictId: frame.verdictId,
    symptom: 'loss',
    certainty: frame.certainty,
    place: finding.place,
    group: frame.certainty === 'named' ? [finding.place] : finding.group,
    posterior: finding.posterior,
    runnerUp: finding.runnerUp,
    direction: direction.direction,
    ...(direction.towards &&
      direction.from && {
        directionEvidence: { towards: direction.towards, from: direction.from },
      }),
    witnesses: finding.witnesses.pbxes,
    siteCount: finding.witnesses.sites.length,
    windowMs: finding.windowMs,
    lossInsideRatio: ratio(inside),
    lossOutsideRatio: ratioOutside(sight, insideSet, sinceMs),
    evidence,
    ...(finding.kinds && finding.kinds.length > 0 && { kinds: finding.kinds }),
    wouldSplit: finding.wouldSplit,
    openedAtMs: frame.openedAtMs,
    updatedAtMs: sight.nowMs,
    clearedAtMs: undefined,
  } as const;
  const sentence = sayLoss({
    ...verdict,
    group: finding.group,
    sent: sum(inside, 'sent'),
    lossyPaths: inside.filter(({ lost }) => lost > 0).length,
    pathsInside: inside.length,
    doubts: spokenDoubts(sight, finding),
  });
  return { ...verdict, sentence };
}

/** Losses of one path as a verdict shows them. */
export function pathCount(sight: Sight, index: number, sinceMs: number): PathCount {
  const path = sight.paths[index];
  if (path === undefined) return { pathKey: '', sent: 0, lost: 0, lowRatio: 0, highRatio: 1 };
  const counts = shownCounts(path, windowStartMs(sight, path, sinceMs));
  return { pathKey: path.health.ref.key, sent: counts.sent, lost: counts.lost, ...wilsonInterval(counts) };
}

function spokenDoubts(sight: Sight, finding: Finding): readonly SpokenDoubt[] {
  const spoken = finding.doubts.map((doubt) => speak(sight, doubt));
  return finding.posterior < NAMING_POSTERIOR && finding.place.kind !== 'none'
    ? [{ kind: 'posterior' }, ...spoken]
    : spoken;
}

function speak(sight: Sight, doubt: Doubt): SpokenDoubt {
  if (doubt.kind === 'one-site' || doubt.kind === 'all-red' || doubt.kind === 'icmp-alone') return doubt;
  return { kind: doubt.kind, paths: doubt.pathIndices.map((index) => pathName(sight, index)) };
}

function pathName(sight: Sight, index: number): string {
  const ref = sight.space.refs[index];
  return ref === undefined ? 'path unknown' : `path ${ref.pbx} > ${ref.target}`;
}

function ratioOutside(sight: Sight, inside: ReadonlySet<number>, sinceMs: number): number {
  let sent = 0;
  let lost = 0;
  sight.paths.forEach((path, index) => {
    if (inside.has(index)) return;
    const counts = shownCounts(path, windowStartMs(sight, path, sinceMs));
    sent += counts.sent;
    lost += counts.lost;
  });
  return sent === 0 ? 0 : lost / sent;
}

function ratio(counts: readonly PathCount[]): number {
  const sent = sum(counts, 'sent');
  return sent === 0 ? 0 : sum(counts, 'lost') / sent;
}

function sum(counts: readonly PathCount[], field: 'sent' | 'lost'): number {
  return counts.reduce((total, count) => total + count[field], 0);
}

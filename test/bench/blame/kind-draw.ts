import type { EvidenceKind, OtherKind } from '../../../server/correlate/kinds/evidence-kinds.ts';
import type { PathEvidence } from '../../../server/correlate/path-evidence.ts';
import type { CallCounts, MediaCounts } from '../../../server/correlate/sight.ts';
import type { PathRef } from '../../../server/paths/path-health.ts';
import type { SpreadCount } from '../../../server/paths/quality/spread-loss.ts';
import { fixedEvidence } from '../../server/correlate/loss-simulation.ts';
import type { Random } from '../../support/seeded.ts';
import { type DrawnCounts, drawCounts, type LossChain } from './loss-draw.ts';

const OPTIONS = 60;
const ECHOES = 60;
/** One stream each way for five minutes, told of every five seconds. */
const INTERVALS = 60;
const PACKETS = 250;
/** Calls of a PBX at a trunk that ended within the five minutes. */
const CALLS = 20;

/** What was drawn of one path, by kind, with the chain that it was drawn from; media once for each way. */
export type DrawnKind = { readonly kind: EvidenceKind; readonly counts: DrawnCounts };

/** One window of all kinds: as the stage is shown it, and as it was drawn. */
export type DrawnWindow = {
  readonly paths: readonly PathEvidence[];
  readonly mediaCounts: MediaCounts;
  readonly callCounts: CallCounts;
  /** In the order of the paths. */
  readonly drawn: readonly (readonly DrawnKind[])[];
};

/** Loss of a path in a kind; `way` of media alone. */
export type ChainOf = (path: PathRef, kind: EvidenceKind, way?: 'forward' | 'reverse') => LossChain;

/** Draws the figures of five minutes of every path: 60 attempts, and of the kinds that are measured what they count in that time. */
export function drawWindow(
  refs: readonly PathRef[],
  measured: readonly EvidenceKind[],
  chainOf: ChainOf,
  random: Random,
): DrawnWindow {
  const media = new Map<string, SpreadCount>();
  const calls = new Map<string, DrawnCounts>();
  const paths: PathEvidence[] = [];
  const drawn = refs.map((ref): readonly DrawnKind[] => {
    const options = drawCounts(OPTIONS, chainOf(ref, 'options'), random);
    const own: DrawnKind[] = [{ kind: 'options', counts: options }];
    const echoes = measured.includes('icmp') ? drawCounts(ECHOES, chainOf(ref, 'icmp'), random) : undefined;
    if (echoes) own.push({ kind: 'icmp', counts: echoes });
    paths.push(evidenceOf(ref, options, echoes));
    const mediaKind = ref.end.kind === 'peer' ? 'mesh' : 'rtcp';
    const key = keyOf(ref);
    for (const way of measured.includes(mediaKind) ? (['forward', 'reverse'] as const) : []) {
      const stream = drawStream(mediaKind, chainOf(ref, mediaKind, way), random);
      media.set(`${key} ${way}`, stream.spread);
      own.push({ kind: mediaKind, counts: stream.counts });
    }
    if (measured.includes('calls') && ref.end.kind === 'trunk') {
      const ended = drawCounts(CALLS, chainOf(ref, 'calls'), random);
      calls.set(key, ended);
      own.push({ kind: 'calls', counts: ended });
    }
    return own;
  });
  const callCounts: CallCounts = (key) => {
    const counts = calls.get(key);
    return counts ? [{ edge: undefined, counts }] : [];
  };
  return { paths, drawn, callCounts, mediaCounts: (key, way) => media.get(`${key} ${way}`) };
}

function keyOf({ end, key, pbx }: PathRef): string {
  return end.kind === 'peer' ? key : `${pbx}>${end.trunk}`;
}

function evidenceOf(ref: PathRef, options: DrawnCounts, echoes: DrawnCounts | undefined): PathEvidence {
  if (!echoes) return fixedEvidence(ref, options);
  const { lost, sent } = echoes;
  const icmp = { sent, lost, lossRatio: lost / sent, lowRatio: 0, highRatio: 1, windowMs: 60_000 };
  return { ...fixedEvidence(ref, options, { icmp }), icmpSince: () => echoes };
}

/** RTCP tells how many packets were lost in an interval; the mesh counts the runs of them too. */
function drawStream(kind: OtherKind, chain: LossChain, random: Random) {
  const sum = { sent: 0, lost: 0, lossRuns: 0, ended: 0 };
  let lostSquares = 0;
  for (let interval = 0; interval < INTERVALS; interval += 1) {
    const own = drawCounts(PACKETS, chain, random);
    sum.sent += own.sent;
    sum.lost += own.lost;
    sum.lossRuns += own.lossRuns;
    sum.ended += own.ended;
    lostSquares += (own.lost * own.lost) / PACKETS;
  }
  const { lost, lossRuns, sent } = sum;
  const spread = { sent, lost, intervals: INTERVALS, lostSquares, ...(kind === 'mesh' && { lossRuns }) };
  return { counts: sum, spread };
}

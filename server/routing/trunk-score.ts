import type { PathHealth } from '../paths/path-health.ts';
import type { CallStanding } from './call-standing.ts';

/** One ground of a score: 1 says nothing against the trunk, 0 all. */
export type ScoreFactor = { readonly of: 'loss' | 'ner' | 'pdd' | 'mos' | 'room'; readonly factor: number };

/** How good a trunk is within its tier, 0 to 1, with what lowers it; factors of 1 are left out. */
export type TrunkScore = { readonly score: number; readonly factors: readonly ScoreFactor[] };

/** What a score is made of; what is unknown lowers nothing (safety rule 2). */
export type ScoreGround = {
  /** Paths to the edges of the trunk: the best one counts. */
  readonly healths: readonly PathHealth[];
  readonly standing: CallStanding | undefined;
  /** Part of its channels, or of its calls a second, that is in use; undefined where either is not known. */
  readonly usedRatio: number | undefined;
};

/** Half the score is gone at so much loss, and at so much post-dial delay beyond the first two seconds. */
const HALF_LOSS_RATIO = 0.05;
const HALF_PDD_MS = 6000;
const SOON_MS = 2000;
const BEST_MOS = 4.4;
/** Room is short from this part of the capacity on. */
const SHORT_RATIO = 0.7;

/**
 * A smooth score without steps: each factor is what is proven against the trunk (the near end of a 95 % interval), so a figure on
 * few samples weighs little and the next sample changes little. It ranks bad trunks among themselves and explains the others,
 * whose order is the configured one.
 */
export function trunkScore({ healths, standing, usedRatio }: ScoreGround): TrunkScore {
  const loss = provenLoss(healths);
  const late = Math.max(0, (standing?.pddMs ?? 0) - SOON_MS) / HALF_PDD_MS;
  const factors: ScoreFactor[] = [];
  let score = 1;
  const weigh = (of: ScoreFactor['of'], factor: number): void => {
    if (factor >= 1) return;
    factors.push({ of, factor });
    score *= factor;
  };
  weigh('loss', loss === 1 ? 0 : 1 / (1 + (loss / HALF_LOSS_RATIO) ** 2));
  weigh('ner', standing?.nerHigh ?? 1);
  weigh('pdd', 1 / (1 + late ** 2));
  weigh('mos', bounded(((standing?.mosHigh ?? BEST_MOS) - 1) / (BEST_MOS - 1)));
  weigh('room', bounded((1 - (usedRatio ?? 0)) / (1 - SHORT_RATIO)));
  return factors.length === 0 ? BLAMELESS : { score, factors };
}

/** Nothing speaks against it. */
const BLAMELESS: TrunkScore = { score: 1, factors: [] };

/** Of the best path of those that are seen; 0 where none is. */
function provenLoss(healths: readonly PathHealth[]): number {
  let least: number | undefined;
  for (const { isAbstaining, options, state } of healths) {
    if (isAbstaining) continue;
    const loss = state === 'hard-down' ? 1 : options.lowRatio;
    if (least === undefined || loss < least) least = loss;
  }
  return least ?? 0;
}

function bounded(ratio: number): number {
  return Math.min(1, Math.max(0, ratio));
}

import { BACKGROUND_RATIO, MIN_EVENTS, quietLogRatio } from '../path-evidence.ts';
import { MIN_QUIET_MS } from '../quiet.ts';
import type { Sight } from '../sight.ts';
import type { Verdict } from '../verdict.ts';
import { KIND_MODELS, type OtherKind } from './evidence-kinds.ts';
import { gatherKinds, isJudged } from './gather-kinds.ts';
import { pooledKind } from './kind-events.ts';

/** A kind that an open trouble rests on, and the highest ratio lost inside, 0 to 1. */
export type KindTrouble = { readonly kind: OtherKind; readonly peakRatio: number };

/** What these kinds say since the quiet began. */
export type KindsCalm = {
  /** ln of background over half the loss of before; above 0 for quiet. */
  readonly logRatio: number;
  /** One of them goes on losing. */
  readonly isLoud: boolean;
  /** Each was tried often enough, or has told nothing for long. */
  readonly isTried: boolean;
};

/** Least trials of each kind, of its weight. */
const MIN_TRIALS = 5;
/**
 * A kind that was tried less than that in so many times the least quiet no longer keeps a verdict open: a stream may have ended, a
 * trunk have no calls. At the usual 30 s that is room for a whole minute of media, which are counted by it.
 */
const UNTRIED_QUIETS = 4;

/**
 * The kinds whose own end a verdict waits for: those that lose clearly, but ICMP only where nothing else does. An edge that limits
 * its rate does so before a fault and after.
 */
export function kindTroubles({ evidence, kinds = [] }: Pick<Verdict, 'evidence' | 'kinds'>): readonly KindTrouble[] {
  const lossy = kinds.filter(({ isLossy }) => isLossy);
  const trusted = lossy.filter(({ kind }) => kind !== 'icmp');
  const optionsLost = evidence.reduce((sum, { lost }) => sum + lost, 0);
  const counted = trusted.length === 0 && optionsLost < MIN_EVENTS ? lossy : trusted;
  return counted.map(({ kind, lost, sent }) => ({ kind, peakRatio: lost / Math.max(1, sent) }));
}

/** Both together, each kind with its higher ratio. */
export function worstOf(one: readonly KindTrouble[], other: readonly KindTrouble[]): readonly KindTrouble[] {
  const peaks = new Map<OtherKind, number>();
  for (const { kind, peakRatio } of [...one, ...other]) peaks.set(kind, Math.max(peakRatio, peaks.get(kind) ?? 0));
  return [...peaks].map(([kind, peakRatio]) => ({ kind, peakRatio }));
}

/**
 * Judges the kinds that a trouble rests on since its quiet began.
 *
 * @param isInside - whether a path, by its index, belongs to the trouble.
 */
export function kindsCalm(
  sight: Sight,
  isInside: (pathIndex: number) => boolean,
  troubles: readonly KindTrouble[],
  quietSinceMs: number,
): KindsCalm {
  const isAsked = (index: number) => isInside(index) && isJudged(sight, index);
  const gathered = gatherKinds({ sight, sinceMs: quietSinceMs, isAsked });
  const isOld = sight.nowMs - quietSinceMs >= UNTRIED_QUIETS * (sight.minQuietMs ?? MIN_QUIET_MS);
  const calms = troubles.flatMap(({ kind, peakRatio }) => {
    const found = gathered.find((each) => each.kind === kind);
    if (found === undefined) return [];
    const count = pooledKind(found, [...found.ofPath.keys()]);
    const background = usualRatio(kind);
    const faultRatio = Math.min(0.15, Math.max(4 * background, peakRatio / 2));
    return [{ logRatio: quietLogRatio(count, faultRatio, background), isTried: isOld || count.trials >= MIN_TRIALS }];
  });
  return {
    logRatio: calms.reduce((sum, { logRatio }) => sum + logRatio, 0),
    isLoud: calms.some(({ logRatio }) => logRatio < 0),
    isTried: calms.every(({ isTried }) => isTried),
  };
}

/** Chance of an event on healthy paths in this kind: its own where that is above the one of OPTIONS, as of calls, some of which any provider refuses. */
function usualRatio(kind: OtherKind): number {
  const { a, b } = KIND_MODELS[kind].backgroundPrior;
  return Math.max(BACKGROUND_RATIO, a / (a + b));
}

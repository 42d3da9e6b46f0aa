import type { LossCounts } from '../../../server/paths/second-counts.ts';
import type { Random } from '../../support/seeded.ts';

/** Loss in two states: chance of a loss after an answer, and after a loss. Independent loss has both the same. */
export type LossChain = { readonly afterAnswer: number; readonly afterLoss: number };

/** Counts of one path, and how many of its runs ended within them. */
export type DrawnCounts = LossCounts & { readonly ended: number };

/** Independent loss of a ratio, or bursts of a mean length with that ratio over all. */
export function lossChain(ratio: number, meanBurst?: number): LossChain {
  if (meanBurst === undefined) return { afterAnswer: ratio, afterLoss: ratio };
  return { afterAnswer: ratio / (1 - ratio) / meanBurst, afterLoss: 1 - 1 / meanBurst };
}

/** Loss of a path through several faults of the same chain, each dropping what the others let through. */
export function combined(chain: LossChain, faults: number): LossChain {
  const letThrough = (chance: number) => 1 - (1 - chance) ** faults;
  const afterAnswer = letThrough(chain.afterAnswer);
  return { afterAnswer, afterLoss: Math.max(letThrough(chain.afterAnswer), chain.afterLoss) };
}

/** Draws `sent` attempts that begin in an answered state, from run to run: it costs its losses, not its attempts. */
export function drawCounts(sent: number, chain: LossChain, random: Random): DrawnCounts {
  let at = attemptsUntil(chain.afterAnswer, random);
  let lost = 0;
  let lossRuns = 0;
  let ended = 0;
  while (at < sent) {
    const runLength = 1 + attemptsUntil(1 - chain.afterLoss, random);
    const end = at + runLength;
    lossRuns += 1;
    lost += Math.min(end, sent) - at;
    if (end < sent) ended += 1;
    at = end + 1 + attemptsUntil(chain.afterAnswer, random);
  }
  return { sent, lost, lossRuns, ended };
}

/** ln L of counts under a chain that is known, runs that were cut off by the end included. */
export function chainLog({ sent, lost, lossRuns, ended }: DrawnCounts, { afterAnswer, afterLoss }: LossChain): number {
  const answeredAfterAnswer = sent - lost - ended;
  return (
    lossRuns * Math.log(afterAnswer) +
    answeredAfterAnswer * Math.log1p(-afterAnswer) +
    (lost - lossRuns) * Math.log(afterLoss) +
    ended * Math.log1p(-afterLoss)
  );
}

/** Attempts before the first that meets a chance, 0 or more. */
export function attemptsUntil(chance: number, random: Random): number {
  if (chance >= 1) return 0;
  return chance <= 0 ? Number.POSITIVE_INFINITY : Math.floor(Math.log(1 - random()) / Math.log1p(-chance));
}

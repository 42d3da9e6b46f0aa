import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LossChain } from './loss-draw.ts';
import type { QuietShare } from './quiet-days.worker.ts';
import type { QuietScore } from './quiet-month.ts';

/** Plays days without a fault in two stretches side by side, each from an empty memory. */
export async function playQuiet(days: number, chain: LossChain, seed: number): Promise<QuietScore> {
  const shares = [seed, seed + 1].map((each) => playShare({ days: days / 2, chain, seed: each }));
  const [first, second] = await Promise.all(shares);
  if (first === undefined || second === undefined) throw new Error('a stretch of quiet days gave no score');
  return {
    days: first.days + second.days,
    paths: first.paths,
    attempts: first.attempts + second.attempts,
    named: [...first.named, ...second.named],
    suspected: first.suspected + second.suspected,
    verdictGrounds: first.verdictGrounds + second.verdictGrounds,
    hardDowns: first.hardDowns + second.hardDowns,
  };
}

async function playShare(workerData: QuietShare): Promise<QuietScore> {
  const worker = new Worker(new URL('./quiet-days.worker.ts', import.meta.url), { workerData });
  const [score] = (await once(worker, 'message')) as [QuietScore];
  return score;
}

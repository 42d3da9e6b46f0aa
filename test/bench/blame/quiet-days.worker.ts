import { parentPort, workerData } from 'node:worker_threads';
import type { LossChain } from './loss-draw.ts';
import { quietDays } from './quiet-month.ts';

/** What one worker plays; it posts the score. */
export type QuietShare = { readonly days: number; readonly chain: LossChain; readonly seed: number };

const { days, chain, seed } = workerData as QuietShare;
parentPort?.postMessage(quietDays(days, chain, seed));

/** A database thread that ends itself, as by a crash, when a statement contains `crash-now`. */
import { parentPort } from 'node:worker_threads';
import type { RunnerRequest } from '../../../server/store/node-sqlite-runner.ts';

if (!parentPort) throw new Error('this is the program of a thread');
parentPort.on('message', (request: RunnerRequest) => {
  if (JSON.stringify(request).includes('crash-now')) process.exit(3);
});
await import('../../../server/store/node-sqlite-runner.ts');

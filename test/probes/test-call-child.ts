import { openRunner } from './test-call-bench.ts';

/** Places one long call and never ends: to be killed. */
const [port = '0', dataDir = ''] = process.argv.slice(2);
const bench = await openRunner(Number(port), { talkMs: 50_000 }, { dataDir });
await bench.runner.place('acme.one');

#!/usr/bin/env node
// Plain JavaScript, so that an old Node says what it lacks instead of stumbling over types.
import { join } from 'node:path';

// Hub and probe run beside others on small machines. A small young generation, one malloc arena and few threads save some
// 18 MiB; code optimized for size saves some 5 more and costs a tenth of CPU. Compiled code kept beside the program saves
// 20 MiB more, since the type stripper is then loaded only after an upgrade.
const SMALL = '--max-semi-space-size=1';
const SETTINGS = {
  MALLOC_ARENA_MAX: '1',
  UV_THREADPOOL_SIZE: '2',
  NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache', 'compiled'),
};

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`Trunkward needs Node 24 or newer, this is ${process.version}\n`);
  process.exitCode = 2;
} else if (process.platform === 'linux' && process.execve && !process.execArgv.includes(SMALL)) {
  // The same process, started over with the settings: no child, no other pid.
  const flags = [
    SMALL,
    '--optimize-for-size',
    '--v8-pool-size=1',
    '--disable-warning=ExperimentalWarning',
    ...process.execArgv,
  ];
  process.execve(process.execPath, [process.execPath, ...flags, ...process.argv.slice(1)], {
    ...SETTINGS,
    ...process.env,
  });
} else {
  const { main } = await import('./command-line.ts');
  await main();
}

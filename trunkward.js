#!/usr/bin/env node
// Plain JavaScript, so that an old Node says what it lacks instead of stumbling over types.

// Hub and probe run beside others on small machines. A small young generation, one malloc arena and few threads save some
// 18 MiB; code optimized for size saves some 5 more and costs a tenth of CPU; sources without types save 8 (see the file). A
// probe does without optimizing compilers, for another 12 to 14 (docs/decisions/0009).
const SMALL = '--max-semi-space-size=1';
const FLAGS = [
  SMALL,
  '--optimize-for-size',
  '--v8-pool-size=1',
  '--disable-warning=ExperimentalWarning',
  `--import=${new URL('plain-sources.js', import.meta.url).href}`,
];
const PROBE_FLAGS = ['--max-opt=1'];
const SETTINGS = { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '2' };

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`Trunkward needs Node 24 or newer, this is ${process.version}\n`);
  process.exitCode = 2;
} else if (process.platform === 'linux' && process.execve && !process.execArgv.includes(SMALL)) {
  // The same process, started over with the settings: no child, no other pid.
  const flags = [...FLAGS, ...(process.argv[2] === 'probe' ? PROBE_FLAGS : []), ...process.execArgv];
  process.execve(process.execPath, [process.execPath, ...flags, ...process.argv.slice(1)], {
    ...SETTINGS,
    ...process.env,
  });
} else {
  const { main } = await import('./command-line.ts');
  await main();
}

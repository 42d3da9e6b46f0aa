/** Flags and settings with which `trunkward.js` starts a probe, for programs of the lab that stand for one. @see trunkward.js */
export const PROBE_FLAGS = [
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--v8-pool-size=1',
  '--max-opt=1',
  '--disable-warning=ExperimentalWarning',
];
/** See {@link PROBE_FLAGS}. */
export const PROBE_SETTINGS = { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '2' };

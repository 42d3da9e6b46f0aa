import type { PathHealth } from './path-health.ts';
import type { LossCounts } from './second-counts.ts';

/** A path's health, and its loss counts from any time of the last 300 s on. */
export type PathSight = { readonly health: PathHealth; readonly countsSince: (sinceMs: number) => LossCounts };

import type { PathHealth } from './path-health.ts';
import type { LossCounts, SecondCount } from './second-counts.ts';

/** A path's health, and its loss counts from any time of the last 300 s on. */
export type PathSight = { readonly health: PathHealth; readonly countsSince: (sinceMs: number) => LossCounts };

/** The same with its counts second by second, oldest first, and with those of its ICMP echoes, a minute back. */
export type PathView = PathSight & {
  readonly secondsSince: (sinceMs: number) => readonly SecondCount[];
  readonly icmpSince: (sinceMs: number) => LossCounts;
};

import { pathEvents } from '../path-evidence.ts';
import { type Sight, windowStartMs } from '../sight.ts';
import { kindsSince } from './gather-kinds.ts';
import type { WindowEvents } from './kind-events.ts';

/** Events of every path since `sinceMs`: OPTIONS in the order of the space, and what the other kinds tell. */
export function eventsSince(sight: Sight, sinceMs: number): WindowEvents {
  const options = sight.paths.map((path) => pathEvents(path, windowStartMs(sight, path, sinceMs), sight.nowMs));
  return { options, kinds: kindsSince(sight, sinceMs, (index) => (options[index]?.trials ?? 0) > 0) };
}

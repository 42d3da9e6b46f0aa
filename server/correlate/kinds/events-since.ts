import { finish, portions, type Steps } from '../../steps.ts';
import { type EventCounts, pathEvents } from '../path-evidence.ts';
import { type Sight, windowStartMs } from '../sight.ts';
import { kindsSince } from './gather-kinds.ts';
import type { WindowEvents } from './kind-events.ts';

/** Paths that are counted over before others get a turn. */
const STEP_PATHS = 500;

/** {@link eventSteps} in one go. */
export function eventsSince(sight: Sight, sinceMs: number): WindowEvents {
  return finish(eventSteps(sight, sinceMs));
}

/** Events of every path since `sinceMs`: OPTIONS in the order of the space, and what the other kinds tell. */
export function* eventSteps(sight: Sight, sinceMs: number): Steps<WindowEvents> {
  const options: EventCounts[] = [];
  for (const some of portions(sight.paths, STEP_PATHS)) {
    for (const path of some) options.push(pathEvents(path, windowStartMs(sight, path, sinceMs), sight.nowMs));
    yield;
  }
  return { options, kinds: kindsSince(sight, sinceMs, (index) => (options[index]?.trials ?? 0) > 0) };
}

import type { PlannedRoute } from './routing/route-plan.ts';
import type { NewJournalEntry } from './store/journal-store.ts';

/** Routes in panic as of the last pass, by `PBX CLASS`. */
export type PanicState = ReadonlySet<string>;

/** No route is in panic. */
export const NO_PANIC: PanicState = new Set();

/**
 * Finds where panic begins and ends: a class of a PBX of which no trunk is left that is not bad. It is told whether or not
 * the first trunk changes by it, in observe mode too. A route that is no longer planned is forgotten without a word.
 *
 * @returns one entry for each beginning (`panic`) and end (`panic-over`), none while it lasts.
 */
export function watchPanic(
  before: PanicState,
  routes: readonly PlannedRoute[],
  nowMs: number,
): { readonly state: PanicState; readonly entries: readonly NewJournalEntry[] } {
  const isAnyKnown = before.size > 0;
  const changed = routes.filter((route) => {
    return route.isPanic ? !before.has(keyOf(route)) : isAnyKnown && before.has(keyOf(route));
  });
  return {
    state: new Set(routes.filter(({ isPanic }) => isPanic).map(keyOf)),
    entries: changed.map((route) => panicEntry(route, nowMs)),
  };
}

function panicEntry(route: PlannedRoute, nowMs: number): NewJournalEntry {
  const { pbx, class: name, isPanic, perTrunk, reason } = route;
  const trunks = perTrunk.map(({ trunk, tier, reason: ground }) => `${trunk} is ${tier}: ${ground}`).join('; ');
  const sentence = isPanic
    ? `${name} on ${pbx}: ${reason} ${trunks}`
    : `${name} on ${pbx} is out of PANIC, not every trunk is known to be bad: ${reason} ${trunks}`;
  return {
    atEpochMs: nowMs,
    kind: isPanic ? 'panic' : 'panic-over',
    actor: 'hub',
    scope: { pbx, class: name },
    sentence: sentence.slice(0, 2000),
  };
}

function keyOf({ pbx, class: name }: PlannedRoute): string {
  return `${pbx} ${name}`;
}

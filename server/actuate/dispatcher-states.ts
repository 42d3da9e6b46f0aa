import type { WeightedTrunk } from '../../wire/plan.ts';
import type { ListedDestination } from './dispatcher-list.ts';

/** One destination of the hub's own file, and the trunk it leads to. */
export type EdgeDestination = { readonly trunk: string; readonly uri: string };

/** A destination that is to be opened or closed. */
export type StateChange = {
  readonly uri: string;
  readonly trunk: string;
  readonly isOpen: boolean;
  /** The dispatcher goes on probing it, if it did. */
  readonly isProbed: boolean;
};

/** What is to be done about one set, or why nothing can be. */
export type StatePlan =
  | { readonly ok: true; readonly changes: readonly StateChange[]; readonly closed: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/**
 * Says which destinations of a set must be closed so that the first trunk of a route leads. Kamailio's RPC can open and close a
 * destination, and neither move nor weigh it, so the order stays the dispatcher's own and what stands before the first trunk is
 * closed. What stands behind it stays open as its fallback; what stands beside it (the same priority) is open if the route
 * gives it a share. Destinations that the hub's file does not name are left alone. Nothing is done to a set that lacks a destination
 * of the first trunk: closing the others would empty it (safety rule 4).
 *
 * @param listed - the set as the dispatcher holds it; undefined where it has no such set.
 * @returns changes in the order in which they are to be made: what opens goes first.
 */
export function planStates(
  set: number,
  destinations: readonly EdgeDestination[],
  route: readonly WeightedTrunk[],
  listed: readonly ListedDestination[] | undefined,
): StatePlan {
  if (!listed) return { ok: false, reason: `the dispatcher has no set ${set}` };
  const [first] = route;
  const held = destinations.flatMap(({ trunk, uri }) => {
    const found = listed.find((each) => each.uri === uri);
    return found ? [{ ...found, trunk }] : [];
  });
  const leading = held.filter(({ trunk }) => trunk === first?.trunk);
  const missing = destinations.find(({ uri }) => listed.every((each) => each.uri !== uri));
  if (leading.length === 0 || !first) {
    return { ok: false, reason: `set ${set} holds no destination of ${first?.trunk ?? 'any trunk'}` };
  }
  if (missing) return { ok: false, reason: `set ${set} does not hold ${missing.uri}` };
  const lead = Math.max(...leading.map(({ priority }) => priority));
  const wanted = held.map((each) => {
    const weight = route.find(({ trunk }) => trunk === each.trunk)?.weight ?? 0;
    const isBehind = each.priority < lead || (each.priority === lead && weight > 0);
    return { ...each, isOpen: each.trunk === first.trunk || isBehind, wasOpen: each.isOpen };
  });
  const changes = wanted
    .filter(({ isOpen, wasOpen }) => isOpen !== wasOpen)
    .map(({ isOpen, isProbed, trunk, uri }): StateChange => ({ uri, trunk, isOpen, isProbed }))
    .toSorted((one, other) => Number(other.isOpen) - Number(one.isOpen));
  return { ok: true, changes, closed: wanted.flatMap(({ isOpen, uri }) => (isOpen ? [] : [uri])) };
}

/** The state word of `dispatcher.set_state`: active or disabled, `p` where it was probed. */
export function stateWord({ isOpen, isProbed }: Pick<StateChange, 'isOpen' | 'isProbed'>): string {
  return `${isOpen ? 'a' : 'd'}${isProbed ? 'p' : ''}`;
}

/** Changes in words, for the journal. */
export function sayChanges(changes: readonly StateChange[]): string {
  return changes.map(({ isOpen, trunk, uri }) => `${trunk} (${uri}) ${isOpen ? 'opens' : 'closes'}`).join(', ');
}

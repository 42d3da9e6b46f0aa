import type { Steps } from '../steps.ts';
import type { AskedEdge, Asker, AskingPlace } from './asked-edge.ts';
import { stableHash } from './stable-hash.ts';

/** Names of the PBXs that are witnesses, by the key of their place. */
export type Election = ReadonlyMap<string, readonly string[]>;

/** An edge with how many witnesses each of its places is to have. */
export type Seats = { readonly edge: AskedEdge; readonly witnessesPerPlace: number };

/**
 * Elects the witnesses of every place. Those of before stay as long as their probe speaks and is sound, so that nothing is
 * reshuffled when nothing changed; free seats go to the PBX with the fewest seats, first of all to one that already asks the
 * edge beside this one (two providers asked in the same millisecond make a striped pair). A sick probe is better than none;
 * one that is not heard is never elected.
 *
 * @param previous - result of the election before; empty at first.
 */
export function* electWitnesses(previous: Election, seats: readonly Seats[]): Steps<Election> {
  const elected = new Map<string, readonly string[]>();
  const load = new Map<string, number>();
  for (const { edge, witnessesPerPlace } of seats) {
    for (const place of edge.places) {
      const kept = retained(place, previous.get(place.key) ?? []).slice(0, witnessesPerPlace);
      elected.set(place.key, kept);
      for (const pbx of kept) load.set(pbx, (load.get(pbx) ?? 0) + 1);
    }
    yield;
  }
  const partners = partnersOf(seats.map(({ edge }) => edge));
  for (const { edge, witnessesPerPlace } of seats) {
    for (const place of edge.places) {
      const kept = elected.get(place.key) ?? [];
      const partner = elected.get(placeKeyAt(place, edge.key, partners.get(edge.key))) ?? [];
      const chosen = fill(place, kept, { seats: witnessesPerPlace, load, partner });
      elected.set(place.key, chosen);
      for (const pbx of chosen.slice(kept.length)) load.set(pbx, (load.get(pbx) ?? 0) + 1);
    }
    yield;
  }
  return elected;
}

/**
 * Joins edges of different providers in twos, each in one pair at most: the n-th edge of one provider with the n-th of the
 * next.
 *
 * @returns partner by edge key, both ways.
 */
export function partnersOf(edges: readonly AskedEdge[]): ReadonlyMap<string, string> {
  const rankOf = new Map<string, number>();
  const ranked = edges.map((edge) => {
    const rank = rankOf.get(edge.provider) ?? 0;
    rankOf.set(edge.provider, rank + 1);
    return { edge, rank };
  });
  const order = ranked.toSorted(
    (a, b) => a.rank - b.rank || compare(a.edge.provider, b.edge.provider) || compare(a.edge.key, b.edge.key),
  );
  const partners = new Map<string, string>();
  let waiting: AskedEdge | undefined;
  for (const { edge } of order) {
    if (!waiting || waiting.provider === edge.provider) {
      waiting = edge;
      continue;
    }
    partners.set(waiting.key, edge.key).set(edge.key, waiting.key);
    waiting = undefined;
  }
  return partners;
}

function fill(
  place: AskingPlace,
  kept: readonly string[],
  { seats, load, partner }: { seats: number; load: ReadonlyMap<string, number>; partner: readonly string[] },
): readonly string[] {
  const missing = seats - kept.length;
  if (missing <= 0) return kept;
  const rank = ({ pbx, condition }: Asker): readonly [number, number, number, number] => [
    condition === 'able' ? 0 : 1,
    partner.includes(pbx) ? 0 : 1,
    load.get(pbx) ?? 0,
    stableHash(`${place.key} ${pbx}`),
  ];
  const free = place.askers
    .filter(({ pbx, condition }) => condition !== 'unheard' && !kept.includes(pbx))
    .map((asker) => ({ asker, rank: rank(asker) }))
    .toSorted((a, b) => a.rank.map((value, at) => value - (b.rank[at] ?? 0)).find((gap) => gap !== 0) ?? 0)
    .map(({ asker }) => asker);
  const able = free.filter(({ condition }) => condition === 'able');
  const wanted = able.length > 0 || kept.length > 0 ? able : free;
  return [...kept, ...wanted.slice(0, missing).map(({ pbx }) => pbx)];
}

function retained(place: AskingPlace, before: readonly string[]): readonly string[] {
  const conditionOf = new Map(place.askers.map(({ pbx, condition }) => [pbx, condition]));
  const able = before.filter((pbx) => conditionOf.get(pbx) === 'able');
  if (able.length > 0 || place.askers.some(({ condition }) => condition === 'able')) return able;
  return before.filter((pbx) => conditionOf.get(pbx) === 'sick');
}

function placeKeyAt(place: AskingPlace, edgeKey: string, otherKey: string | undefined): string {
  return otherKey === undefined ? '' : `${otherKey}${place.key.slice(edgeKey.length)}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

import type { AssignPbx } from './asked-edge.ts';
import { stableHash } from './stable-hash.ts';

/** One stream of the mesh: both directions are measured by it, and reported by its sender. */
export type MeshStream = {
  readonly session: string;
  /** 32 bytes, base64url. Never logged, and in no answer of the API. */
  readonly key: string;
  readonly sender: string;
  readonly reflector: string;
};

/** Streams by pair of sites, `SITE|SITE` in alphabetical order. */
export type MeshElection = ReadonlyMap<string, readonly MeshStream[]>;

/** What an election takes from outside. */
export type MeshSupply = { readonly newSession: () => string; readonly newKey: () => string };

/** Two pairs of PBXs tell a bad PBX from a bad line; more would tell no more. */
export const STREAMS_PER_SITE_PAIR = 2;

type Pair = { readonly name: string; readonly near: string; readonly far: string };

/**
 * Elects who exchanges RTP with whom. Between any two sites it is two pairs of PBXs with no PBX in common, the second sent
 * from the other side; one pair where a site has one PBX. Those of before stay, sessions and keys too, as long as both ends
 * speak, are sound and name each other; free places go to the PBXs with the fewest streams.
 *
 * @param previous - result of the election before; empty at first.
 * @param avoided - pairs (`PBX|PBX`, by {@link pairName}) that are not to be used as long as there are others.
 */
export function electMesh(
  previous: MeshElection,
  pbxes: readonly AssignPbx[],
  supply: MeshSupply,
  avoided: ReadonlySet<string> = new Set(),
): MeshElection {
  const candidates = candidatePairs(pbxes);
  const load = new Map<string, number>();
  const add = ({ sender, reflector }: MeshStream): void => {
    for (const pbx of [sender, reflector]) load.set(pbx, (load.get(pbx) ?? 0) + 1);
  };
  const elected = new Map<string, MeshStream[]>();
  for (const [sites, pairs] of candidates) {
    const names = new Set(pairs.map(({ name }) => name));
    const isKept = ({ sender, reflector }: MeshStream): boolean => {
      const name = pairName(sender, reflector);
      return names.has(name) && !avoided.has(name);
    };
    const kept = (previous.get(sites) ?? []).filter(isKept);
    for (const stream of kept) add(stream);
    elected.set(sites, kept);
  }
  for (const [sites, pairs] of candidates) {
    const streams = elected.get(sites) ?? [];
    while (streams.length < STREAMS_PER_SITE_PAIR) {
      const pair = bestPair(pairs, streams, load, avoided);
      if (!pair) break;
      const isNearTheSender = !streams.some(({ sender }) => pairs.some(({ near }) => near === sender));
      const [sender, reflector] = isNearTheSender ? [pair.near, pair.far] : [pair.far, pair.near];
      const known = (previous.get(sites) ?? []).find(
        (stream) => stream.sender === sender && stream.reflector === reflector,
      );
      const stream = known ?? { session: supply.newSession(), key: supply.newKey(), sender, reflector };
      streams.push(stream);
      add(stream);
    }
  }
  return elected;
}

/** Name of a pair of PBXs, whichever sends. */
export function pairName(one: string, other: string): string {
  return one < other ? `${one}|${other}` : `${other}|${one}`;
}

/** Pairs whose ends can reach each other, by pair of sites; `near` is of the site that comes first. */
function candidatePairs(pbxes: readonly AssignPbx[]): ReadonlyMap<string, readonly Pair[]> {
  const able = new Map(pbxes.filter(({ condition }) => condition === 'able').map((each) => [each.pbx, each]));
  const bySites = new Map<string, Pair[]>();
  for (const near of able.values()) {
    for (const name of near.meshPeers) {
      const far = able.get(name);
      if (!far || near.site >= far.site || !far.meshPeers.includes(near.pbx)) continue;
      const sites = `${near.site}|${far.site}`;
      const pairs = bySites.get(sites) ?? [];
      bySites.set(sites, pairs);
      pairs.push({ name: pairName(near.pbx, far.pbx), near: near.pbx, far: far.pbx });
    }
  }
  return bySites;
}

function bestPair(
  pairs: readonly Pair[],
  taken: readonly MeshStream[],
  load: ReadonlyMap<string, number>,
  avoided: ReadonlySet<string>,
): Pair | undefined {
  const used = new Set(taken.flatMap(({ sender, reflector }) => [sender, reflector]));
  const rank = ({ name, near, far }: Pair): readonly number[] => [
    avoided.has(name) ? 1 : 0,
    Math.max(load.get(near) ?? 0, load.get(far) ?? 0),
    (load.get(near) ?? 0) + (load.get(far) ?? 0),
    stableHash(name),
  ];
  let best: { readonly pair: Pair; readonly rank: readonly number[] } | undefined;
  for (const pair of pairs) {
    if (used.has(pair.near) || used.has(pair.far)) continue;
    const own = rank(pair);
    if (!best || isBefore(own, best.rank)) best = { pair, rank: own };
  }
  return best?.pair;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const gap = a.map((value, at) => value - (b[at] ?? 0)).find((each) => each !== 0);
  return gap !== undefined && gap < 0;
}

import type { OptionsDuty } from '../../wire/assignment.ts';
import type { AssignPbx } from './asked-edge.ts';
import type { PbxDuty } from './options-duties.ts';
import { stableHash } from './stable-hash.ts';

/** Between two sites, and each way, at most so many peer paths are asked; fewer are all asked, at the probe's own pace. */
export const MAX_PEER_PATHS = 16;

const DAY_MS = 86_400_000;

/** Paths to peers that are asked, by pair of sites (`FROM>TO`), as `PBX>PEER`. */
export type PeerElection = ReadonlyMap<string, readonly string[]>;

type PeerPath = { readonly name: string; readonly pbx: string; readonly target: string; readonly isAble: boolean };

/**
 * Keeps a full mesh of peers from growing with the square of the fleet. Up to {@link MAX_PEER_PATHS} between two sites stay
 * as they are; of more, so many are chosen, the chosen of before first, then those whose PBXs have the fewest. The others get
 * a duty to ask nothing, with no one to inherit from: how the line between the sites is shows on the chosen paths.
 *
 * @param siteOf - site of every configured PBX; a peer that is not configured is left out.
 */
export function electPeers(
  previous: PeerElection,
  pbxes: readonly AssignPbx[],
  siteOf: ReadonlyMap<string, string>,
): { readonly election: PeerElection; readonly duties: readonly PbxDuty[] } {
  const bySites = new Map<string, PeerPath[]>();
  for (const { pbx, site, condition, targets } of pbxes) {
    for (const description of targets) {
      const peerSite = description.kind === 'peer' ? siteOf.get(description.peer) : undefined;
      if (description.kind !== 'peer' || peerSite === undefined) continue;
      const key = `${site}>${peerSite}`;
      const paths = bySites.get(key) ?? [];
      bySites.set(key, paths);
      paths.push({ name: `${pbx}>${description.peer}`, pbx, target: description.target, isAble: condition === 'able' });
    }
  }
  const election = new Map<string, readonly string[]>();
  const duties: PbxDuty[] = [];
  for (const [key, paths] of bySites) {
    if (paths.length <= MAX_PEER_PATHS) continue;
    const chosen = choose(paths, new Set(previous.get(key) ?? []));
    election.set(key, [...chosen].toSorted());
    for (const { name, pbx, target } of paths) if (!chosen.has(name)) duties.push({ pbx, duty: silentDuty(target) });
  }
  return { election, duties };
}

function choose(paths: readonly PeerPath[], before: ReadonlySet<string>): ReadonlySet<string> {
  const load = new Map<string, number>();
  const chosen = new Set<string>();
  const take = ({ name }: PeerPath) => {
    chosen.add(name);
    for (const end of name.split('>')) load.set(end, (load.get(end) ?? 0) + 1);
  };
  for (const path of paths) if (path.isAble && before.has(path.name) && chosen.size < MAX_PEER_PATHS) take(path);
  const ranked = paths
    .filter(({ isAble, name }) => isAble && !chosen.has(name))
    .map((path) => ({ path, lot: stableHash(path.name) }))
    .toSorted((a, b) => a.lot - b.lot);
  for (let bound = 1; chosen.size < MAX_PEER_PATHS && bound <= MAX_PEER_PATHS; bound += 1) {
    for (const { path } of ranked) {
      if (chosen.size >= MAX_PEER_PATHS || chosen.has(path.name)) continue;
      if (path.name.split('>').every((end) => (load.get(end) ?? 0) < bound)) take(path);
    }
  }
  return chosen;
}

function silentDuty(target: string): OptionsDuty {
  return {
    target,
    role: 'inherit',
    intervalMs: DAY_MS,
    phaseMs: 0,
    lossMeanMs: 0,
    perMinute: 1,
    confirmPerMinute: 0,
    aloneIntervalMs: DAY_MS,
    from: [],
  };
}

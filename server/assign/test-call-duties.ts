import type { TestCallDuty } from '../../wire/assignment.ts';
import { type AssignPbx, edgeKeyOf } from './asked-edge.ts';
import { stableHash } from './stable-hash.ts';

/** How often a trunk's edges are called for a test, from each site. */
export type TestCallPolicy = { readonly everyMs: number; readonly witnessesPerSite: number };

/** Callers by place (`EDGE|SITE|SOURCE`). */
export type TestCallElection = ReadonlyMap<string, readonly string[]>;

type Caller = { readonly pbx: string; readonly target: string };

/**
 * Chooses who calls which edge: per site so many PBXs as the policy says, among those whose own file names a test number for
 * it and whose probe is heard and sound. Callers of before stay; calls of one edge are spread evenly over the interval.
 */
export function testCallDuties(
  previous: TestCallElection,
  pbxes: readonly AssignPbx[],
  policies: ReadonlyMap<string, TestCallPolicy>,
): {
  readonly election: TestCallElection;
  readonly duties: readonly { readonly pbx: string; readonly duty: TestCallDuty }[];
} {
  const places = new Map<string, { readonly edge: string; readonly policy: TestCallPolicy; readonly able: Caller[] }>();
  for (const { pbx, site, condition, targets, testCallTargets } of pbxes) {
    if (condition !== 'able' || testCallTargets.length === 0) continue;
    for (const description of targets) {
      const policy = description.kind === 'trunk' ? policies.get(description.trunk) : undefined;
      if (description.kind !== 'trunk' || !policy || !testCallTargets.includes(description.target)) continue;
      const edge = edgeKeyOf(description);
      const key = `${edge}|${site}|${description.source ?? ''}`;
      const place = places.get(key) ?? { edge, policy, able: [] };
      places.set(key, place);
      place.able.push({ pbx, target: description.target });
    }
  }
  const chosen = [...places]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { edge, policy, able }]) => {
      const before = previous.get(key) ?? [];
      const rank = ({ pbx }: Caller) => (before.includes(pbx) ? -1 : stableHash(`${key} ${pbx}`));
      const callers = able.toSorted((a, b) => rank(a) - rank(b)).slice(0, policy.witnessesPerSite);
      return { key, edge, policy, callers };
    });
  const byEdge = Map.groupBy(
    chosen.flatMap(({ edge, policy, callers }) => callers.map((caller) => ({ edge, policy, ...caller }))),
    ({ edge }) => edge,
  );
  const duties = [...byEdge.values()].flatMap((calls) =>
    calls.map(({ pbx, target, policy: { everyMs } }, at) => {
      const phaseMs = Math.min(DAY_MS, Math.floor((everyMs * at) / calls.length));
      return { pbx, duty: { target, everyMs, phaseMs } };
    }),
  );
  return { election: new Map(chosen.map(({ key, callers }) => [key, callers.map(({ pbx }) => pbx)])), duties };
}

const DAY_MS = 86_400_000;

import type { TargetDescription } from '../../wire/probe-frames.ts';
import type { Steps } from '../steps.ts';
import type { EdgeBudget } from './edge-budget.ts';

/** One PBX as the assignment sees it. */
export type AssignPbx = {
  readonly pbx: string;
  readonly site: string;
  readonly targets: readonly TargetDescription[];
  /** `able` speaks and is sound; `sick` speaks; `unheard` may be asking by itself. */
  readonly condition: 'able' | 'sick' | 'unheard';
  /** Targets that its file names a test number for. */
  readonly testCallTargets: readonly string[];
  /** Peers whose mesh port it can reach; empty where it has none of its own. */
  readonly meshPeers: readonly string[];
};

/** A PBX that could ask an edge, under the target's name there. */
export type Asker = Pick<AssignPbx, 'pbx' | 'site' | 'condition'> & { readonly target: string };

/** A group of askers that elects witnesses of its own: those of one site, from one of their source addresses. */
export type AskingPlace = { readonly key: string; readonly site: string; readonly askers: readonly Asker[] };

/** One address of a provider that is asked, with all who could ask it. */
export type AskedEdge = {
  /** `TRUNK.EDGE`, with `.at-HOST` for one address of an edge that is configured by name. */
  readonly key: string;
  readonly provider: string;
  readonly budget: EdgeBudget;
  readonly places: readonly AskingPlace[];
};

/** A provider's name and what it allows, by trunk. */
export type ProviderOfTrunk = ReadonlyMap<string, { readonly provider: string; readonly budget: EdgeBudget }>;

/** Name of the address that a trunk target asks, whatever the source address. */
export function edgeKeyOf({ trunk, edge, host }: Extract<TargetDescription, { kind: 'trunk' }>): string {
  return host === undefined ? `${trunk}.${edge}` : `${trunk}.${edge}.at-${host}`;
}

/** PBXs whose targets are sorted in before others get a turn. */
const STEP_PBXES = 200;

/**
 * Every edge that some PBX declares, in the order of names, with its places and askers in the order of names. Targets of
 * trunks that are not configured are left out.
 */
export function* askedEdges(pbxes: readonly AssignPbx[], providers: ProviderOfTrunk): Steps<readonly AskedEdge[]> {
  const edges = new Map<string, { readonly trunk: string; readonly places: Map<string, Asker[]> }>();
  for (const [at, { pbx, site, condition, targets }] of pbxes.entries()) {
    if (at % STEP_PBXES === STEP_PBXES - 1) yield;
    for (const description of targets) {
      if (description.kind !== 'trunk' || !providers.has(description.trunk)) continue;
      const key = edgeKeyOf(description);
      const edge = edges.get(key) ?? { trunk: description.trunk, places: new Map<string, Asker[]>() };
      edges.set(key, edge);
      const placeKey = `${key}|${site}|${description.source ?? ''}`;
      const place = edge.places.get(placeKey) ?? [];
      edge.places.set(placeKey, place);
      place.push({ pbx, site, condition, target: description.target });
    }
  }
  const asked: AskedEdge[] = [];
  for (const [key, { trunk, places }] of [...edges].toSorted(byKey)) {
    const known = providers.get(trunk);
    if (!known) continue;
    const own = [...places].toSorted(byKey).map(([placeKey, askers]): AskingPlace => {
      const site = askers[0]?.site ?? '';
      return { key: placeKey, site, askers: askers.toSorted((a, b) => (a.pbx < b.pbx ? -1 : 1)) };
    });
    asked.push({ key, ...known, places: own });
    yield;
  }
  return asked;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

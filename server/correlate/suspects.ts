import type { Finding } from './finding.ts';
import type { Hypothesis } from './hypotheses.ts';
import type { EventCounts } from './path-evidence.ts';
import { inStead, massOf, type Posterior } from './posterior.ts';
import type { Sight } from './sight.ts';
import { probeThatWouldSplit } from './splitting-probe.ts';
import type { Place, WeighedPlace } from './verdict.ts';
import type { Doubt, Witnesses } from './witnesses.ts';

/** Posterior from which a place is named, and from which trouble is spoken of at all. */
export const NAMING_POSTERIOR = 0.95;
/** What fresh evidence alone must reach to confirm a finding. */
export const CONFIRMING_POSTERIOR = 0.5;

/** Narrow places first: of places that share all evidence the least far-reaching one stands in front. */
const MODESTY = { path: 0, probe: 1, host: 2, line: 3, edge: 4, site: 5, provider: 6, none: 7 } as const;

/** One look at all paths, whatever their symptom, and what it says of places. */
export type Look = {
  readonly sight: Sight;
  /** One per path of the space; a path without trials tells nothing. */
  readonly counts: readonly EventCounts[];
  readonly posterior: Posterior;
  readonly windowMs: number;
};

/** A place of the likeliest set, with all that no evidence tells from it. Indices of hypotheses and paths are those of the space. */
export type Suspects = {
  readonly lead: Hypothesis;
  readonly members: ReadonlySet<number>;
  readonly group: readonly Place[];
  /** The other faults of the set, and the paths that they account for. */
  readonly others: ReadonlySet<number>;
  readonly explained: ReadonlySet<number>;
  /** Hypotheses that hold a path of the place that is bad. */
  readonly touching: ReadonlySet<number>;
  readonly insideIndices: readonly number[];
  readonly ownIndices: readonly number[];
};

/**
 * Gathers what one fault of the likeliest set may be.
 *
 * @param faults - that set.
 * @param isBad - whether a path, by its index, shows the symptom.
 * @returns undefined where it is less likely than {@link NAMING_POSTERIOR} that anything is wrong with its bad paths.
 */
export function suspectsOf(
  look: Look,
  fault: number,
  faults: readonly number[],
  isBad: (path: number) => boolean,
): Suspects | undefined {
  const { posterior, sight } = look;
  const insideIndices = withEvidence(look, fault);
  const touching = new Set(insideIndices.flatMap((path) => (isBad(path) ? (sight.space.ofPath[path] ?? []) : [])));
  if (massOf(posterior, touching) < NAMING_POSTERIOR) return undefined;
  const members = [...touching]
    .filter((other) => other === fault || hasSameEvidence(look, other, insideIndices))
    .toSorted((one, other) => modesty(sight, one) - modesty(sight, other));
  const lead = sight.space.hypotheses[members[0] ?? fault];
  if (lead === undefined) return undefined;
  const others = faults.filter((other) => other !== fault);
  const explained = new Set(others.flatMap((other) => sight.space.hypotheses[other]?.pathIndices ?? []));
  return {
    lead,
    members: new Set(members),
    group: members.flatMap((member) => sight.space.hypotheses[member]?.place ?? []),
    others: new Set(others),
    explained,
    touching,
    insideIndices,
    ownIndices: insideIndices.filter((path) => !explained.has(path)),
  };
}

/** What was found at these places: sure where nothing speaks against it. */
export function foundAt(
  look: Look,
  { group, insideIndices, lead, members, others, ownIndices }: Suspects,
  { doubts, witnesses }: { readonly doubts: readonly Doubt[]; readonly witnesses: Witnesses },
): Finding {
  const { posterior, sight, windowMs } = look;
  const mass = Math.min(1, massOf(posterior, members));
  const isSure = mass >= NAMING_POSTERIOR && doubts.length === 0;
  const isOneSited = doubts.some(({ kind }) => kind === 'one-site');
  return {
    certainty: isSure ? (group.length > 1 ? 'ambiguous' : 'named') : 'suspect',
    place: lead.place,
    group,
    posterior: mass,
    runnerUp: runnerUpOf(look, members, others),
    doubts,
    witnesses,
    wouldSplit: group.length > 1 || isOneSited ? probeThatWouldSplit(sight, group, witnesses.sites) : undefined,
    insideIndices,
    ownIndices,
    windowMs,
  };
}

/** Everything is bad: the monitor itself is the first to doubt, and no place is suspected. */
export function allRedFinding(look: Look, witnessesOf: (paths: readonly number[]) => Witnesses): Finding {
  const { counts, posterior, windowMs } = look;
  const telling = [...counts.keys()].filter((path) => (counts[path]?.trials ?? 0) > 0);
  return {
    certainty: 'suspect',
    place: { kind: 'none' },
    group: [{ kind: 'none' }],
    posterior: posterior.nonePosterior,
    runnerUp: runnerUpOf(look, new Set(), new Set()),
    doubts: [{ kind: 'all-red' }],
    witnesses: witnessesOf(telling),
    wouldSplit: undefined,
    insideIndices: telling,
    ownIndices: telling,
    windowMs,
  };
}

/** True when fresh evidence says the same at even odds or better. A suspicion is borne out by trouble anywhere. */
export function isBorneOut({ space }: Sight, { certainty, group }: Finding, fresh: Posterior): boolean {
  if (certainty === 'suspect') return 1 - fresh.nonePosterior >= CONFIRMING_POSTERIOR;
  const members = new Set(group);
  const places = space.hypotheses.flatMap(({ place }, index) => (members.has(place) ? [index] : []));
  return massOf(fresh, new Set(places)) >= CONFIRMING_POSTERIOR;
}

function withEvidence({ counts, sight }: Look, hypothesis: number): readonly number[] {
  const indices = sight.space.hypotheses[hypothesis]?.pathIndices ?? [];
  return indices.filter((index) => (counts[index]?.trials ?? 0) > 0);
}

function hasSameEvidence(look: Look, other: number, insideIndices: readonly number[]): boolean {
  const held = look.sight.space.hypotheses[other]?.pathIndices.length ?? 0;
  if (held < insideIndices.length) return false;
  const indices = withEvidence(look, other);
  return indices.length === insideIndices.length && indices.every((index, at) => index === insideIndices[at]);
}

function modesty({ space }: Sight, hypothesis: number): number {
  return MODESTY[space.hypotheses[hypothesis]?.place.kind ?? 'none'];
}

function runnerUpOf(
  { posterior, sight }: Look,
  members: ReadonlySet<number>,
  others: ReadonlySet<number>,
): WeighedPlace {
  const next = inStead(posterior, members, others);
  const place = next.hypothesis === undefined ? undefined : sight.space.hypotheses[next.hypothesis]?.place;
  return { place: place ?? { kind: 'none' }, posterior: next.posterior };
}

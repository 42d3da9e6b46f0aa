import type { OptionsDuty } from '../../wire/assignment.ts';
import type { Steps } from '../steps.ts';
import type { AskedEdge, Asker, AskingPlace } from './asked-edge.ts';
import { aloneIntervalMs, confirmShares, type EdgeLoad, type WitnessPace, witnessPace } from './edge-budget.ts';
import { type Election, partnersOf } from './witness-election.ts';

/** One edge as it is asked: for duties, for showing and for metrics. */
export type EdgeAssignment = {
  readonly edge: AskedEdge;
  readonly load: EdgeLoad;
  readonly attemptsPerMinute: number;
  readonly isOverrun: boolean;
  readonly pace: WitnessPace;
  /** In the order of their slots; neighbours are of different sites where there are several. */
  readonly witnesses: readonly EdgeWitness[];
};

/** One witness with its slot. */
export type EdgeWitness = {
  readonly pbx: string;
  readonly site: string;
  readonly target: string;
  readonly phaseMs: number;
  readonly confirmPerMinute: number;
};

/** An edge with its share of the budget, before it is shared out. */
export type EdgeShare = Pick<EdgeAssignment, 'edge' | 'load' | 'attemptsPerMinute' | 'isOverrun'>;

/** A duty with the PBX that it is for. */
export type PbxDuty = { readonly pbx: string; readonly duty: OptionsDuty };

const HIGHEST_PER_MINUTE = 6000;

/**
 * Gives each witness its pace and slot. Edges of a pair have the same offset inside their slots, so that a PBX that is
 * witness of both in the same position asks them in the same millisecond; other edges are moved apart.
 */
export function assignEdges(shares: readonly EdgeShare[], election: Election): readonly EdgeAssignment[] {
  const partners = partnersOf(shares.map(({ edge }) => edge));
  const offsetOf = pairOffsets(
    shares.map(({ edge }) => edge.key),
    partners,
  );
  return shares.map((share) => {
    const { edge, attemptsPerMinute } = share;
    const seated = alternating(edge.places.map((place) => electedOf(place, election)));
    const pace = witnessPace(edge.budget, attemptsPerMinute, seated.length);
    const confirms = confirmShares(edge.budget.confirmPerMinute, seated.length);
    const offsetMs = Math.floor(pace.slotMs * (offsetOf.get(edge.key) ?? 0));
    const witnesses = seated.map(({ pbx, site, target }, at) => ({
      pbx,
      site,
      target,
      phaseMs: (offsetMs + at * pace.slotMs) % pace.intervalMs,
      confirmPerMinute: confirms[at] ?? 0,
    }));
    return { ...share, pace, witnesses };
  });
}

/**
 * The duties of every PBX, an edge a step: a witness asks, all others inherit from the witnesses of their place and ask only when no hub is
 * heard, each at its turn.
 *
 * @param pbxOrder - every configured PBX, in an order that stays; gives each its turn when alone.
 */
export function* optionsDuties(
  assignments: readonly EdgeAssignment[],
  election: Election,
  pbxOrder: ReadonlyMap<string, number>,
): Steps<ReadonlyMap<string, readonly OptionsDuty[]>> {
  const partners = partnersOf(assignments.map(({ edge }) => edge));
  const slots = slotTable(assignments);
  const duties = new Map<string, OptionsDuty[]>();
  for (const assignment of assignments) {
    const { edge, load, pace } = assignment;
    const alone = aloneIntervalMs(edge.budget, load, pbxOrder.size);
    const witnessOf = new Map(assignment.witnesses.map((witness) => [`${witness.pbx} ${witness.target}`, witness]));
    for (const place of edge.places) {
      const from = [...(election.get(place.key) ?? [])].slice(0, 3);
      for (const { pbx, target } of place.askers) {
        const turn = (pbxOrder.get(pbx) ?? 0) / Math.max(1, pbxOrder.size);
        const aloneTurn = { aloneIntervalMs: alone, alonePhaseMs: Math.floor(turn * alone) };
        const witness = witnessOf.get(`${pbx} ${target}`);
        if (!witness) {
          const idle = { intervalMs: alone, phaseMs: 0, lossMeanMs: 0, perMinute: 1, confirmPerMinute: 0 };
          addTo(duties, pbx, { target, role: 'inherit', ...idle, ...aloneTurn, from });
          continue;
        }
        const pairedWith = pairOf(slots, partners.get(edge.key), witness, pace.intervalMs);
        const duty: OptionsDuty = {
          target,
          role: 'witness',
          intervalMs: pace.intervalMs,
          phaseMs: witness.phaseMs,
          lossMeanMs: pace.lossMeanMs,
          perMinute: Math.min(HIGHEST_PER_MINUTE, pace.periodicPerMinute + witness.confirmPerMinute),
          confirmPerMinute: Math.min(HIGHEST_PER_MINUTE, witness.confirmPerMinute),
          ...aloneTurn,
          from: [],
          ...(pairedWith !== undefined && { pairedWith }),
        };
        addTo(duties, pbx, duty);
      }
    }
    yield;
  }
  return duties;
}

function addTo(duties: Map<string, OptionsDuty[]>, pbx: string, duty: OptionsDuty): void {
  const own = duties.get(pbx);
  if (own) own.push(duty);
  else duties.set(pbx, [duty]);
}

type SlotTable = ReadonlyMap<string, ReadonlyMap<string, { readonly target: string; readonly intervalMs: number }>>;

/** By edge, then by PBX and phase: the target asked there. The first of several source addresses stands for all. */
function slotTable(assignments: readonly EdgeAssignment[]): SlotTable {
  return new Map(
    assignments.map(({ edge, pace, witnesses }) => {
      const own = new Map<string, { readonly target: string; readonly intervalMs: number }>();
      for (const { pbx, phaseMs, target } of witnesses) {
        own.set(`${pbx} ${phaseMs}`, { target, intervalMs: pace.intervalMs });
      }
      return [edge.key, own];
    }),
  );
}

function pairOf(
  slots: SlotTable,
  partner: string | undefined,
  { pbx, phaseMs }: EdgeWitness,
  intervalMs: number,
): string | undefined {
  const other = partner === undefined ? undefined : slots.get(partner)?.get(`${pbx} ${phaseMs}`);
  return other?.intervalMs === intervalMs ? other.target : undefined;
}

/** Position of each pair, or of an edge without a partner, in its slot: 0 to below 1, the same for both of a pair. */
function pairOffsets(keys: readonly string[], partners: ReadonlyMap<string, string>): ReadonlyMap<string, number> {
  const groups = [...new Set(keys.map((key) => leaderOf(key, partners)))];
  const positions = new Map(groups.map((leader, at) => [leader, at / groups.length]));
  return new Map(keys.map((key) => [key, positions.get(leaderOf(key, partners)) ?? 0]));
}

function leaderOf(key: string, partners: ReadonlyMap<string, string>): string {
  const partner = partners.get(key);
  return partner !== undefined && partner < key ? partner : key;
}

function electedOf(place: AskingPlace, election: Election): readonly Asker[] {
  const chosen = [...(election.get(place.key) ?? [])].toSorted();
  return chosen.flatMap((pbx) => place.askers.find((asker) => asker.pbx === pbx) ?? []);
}

/** First of each, second of each, and so on. */
function alternating<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}

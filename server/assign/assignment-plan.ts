import type { OptionsDuty, TestCallDuty } from '../../wire/assignment.ts';
import { finish, portions, type Steps } from '../steps.ts';
import { type AskedEdge, type AssignPbx, askedEdges, type ProviderOfTrunk } from './asked-edge.ts';
import { type EdgeLoad, witnessShare } from './edge-budget.ts';
import { assignEdges, type EdgeAssignment, type EdgeShare, optionsDuties } from './options-duties.ts';
import { electPeers, type PeerElection } from './peer-election.ts';
import { type TestCallElection, type TestCallPolicy, testCallDuties } from './test-call-duties.ts';
import { type Election, electWitnesses } from './witness-election.ts';

/** What the configuration says about asking. */
export type AssignPolicy = {
  readonly providers: ProviderOfTrunk;
  /** By trunk. */
  readonly testCalls: ReadonlyMap<string, TestCallPolicy>;
  /** Every configured PBX with its site, in an order that stays. */
  readonly siteOf: ReadonlyMap<string, string>;
};

/** What the PBXs are like now. */
export type AssignInput = {
  readonly pbxes: readonly AssignPbx[];
  /** The PBXs' own qualify: attempts per minute by `EDGE PBX`. */
  readonly qualifyPerMinute: ReadonlyMap<string, number>;
};

/** All that one PBX has to measure, but for the mesh. */
export type PbxDuties = { readonly options: readonly OptionsDuty[]; readonly testCalls: readonly TestCallDuty[] };

/** Who asks whom. Start with {@link NOTHING_ASSIGNED}; the next plan starts from this one, so that it stays what it was. */
export type AssignmentPlan = {
  readonly witnesses: Election;
  readonly peers: PeerElection;
  readonly callers: TestCallElection;
  readonly edges: readonly EdgeAssignment[];
  readonly duties: ReadonlyMap<string, PbxDuties>;
};

/** Before any probe has said hello. */
export const NOTHING_ASSIGNED: AssignmentPlan = {
  witnesses: new Map(),
  peers: new Map(),
  callers: new Map(),
  edges: [],
  duties: new Map(),
};

/** PBXs whose duties are put together before others get a turn. */
const STEP_PBXES = 500;

/** Decides who asks whom at what pace. The same input and plan of before give the same plan. */
export function planAssignments(previous: AssignmentPlan, policy: AssignPolicy, input: AssignInput): AssignmentPlan {
  return finish(planAssignmentSteps(previous, policy, input));
}

/** {@link planAssignments} in steps: with thousands of PBXs it takes half a second. */
export function* planAssignmentSteps(
  previous: AssignmentPlan,
  policy: AssignPolicy,
  input: AssignInput,
): Steps<AssignmentPlan> {
  const shares: ReturnType<typeof edgeShare>[] = [];
  for (const edge of yield* askedEdges(input.pbxes, policy.providers)) {
    shares.push(edgeShare(edge, input.qualifyPerMinute));
    yield;
  }
  const witnesses = yield* electWitnesses(previous.witnesses, shares);
  const edges = assignEdges(shares, witnesses);
  const order = new Map([...policy.siteOf.keys()].map((pbx, at) => [pbx, at]));
  const peers = electPeers(previous.peers, input.pbxes, policy.siteOf);
  const calls = testCallDuties(previous.callers, input.pbxes, policy.testCalls);
  yield;
  const options = yield* optionsDuties(edges, witnesses, order);
  const ofPeers = Map.groupBy(peers.duties, ({ pbx }) => pbx);
  const testCalls = Map.groupBy(calls.duties, ({ pbx }) => pbx);
  const duties = new Map<string, PbxDuties>();
  for (const some of portions(input.pbxes, STEP_PBXES)) {
    yield;
    for (const { pbx } of some) {
      duties.set(pbx, {
        options: [...(options.get(pbx) ?? []), ...(ofPeers.get(pbx) ?? []).map(({ duty }) => duty)],
        testCalls: (testCalls.get(pbx) ?? []).map(({ duty }) => duty),
      });
    }
  }
  return { witnesses, peers: peers.election, callers: calls.election, edges, duties };
}

function edgeShare(
  edge: AskedEdge,
  qualifyPerMinute: ReadonlyMap<string, number>,
): EdgeShare & { witnessesPerPlace: number } {
  const askers = new Map(edge.places.flatMap((place) => place.askers.map(({ pbx, condition }) => [pbx, condition])));
  const unheard = [...askers.values()].filter((condition) => condition === 'unheard').length;
  const load: EdgeLoad = {
    qualifyPerMinute: [...askers.keys()].reduce((sum, pbx) => sum + qualifyOf(edge.key, pbx, qualifyPerMinute), 0),
    placeCount: edge.places.length,
    unheardRatio: askers.size > 0 ? unheard / askers.size : 0,
  };
  return { edge, load, ...witnessShare(edge.budget, load) };
}

/** The PBX knows an edge that is configured by name under its name alone: each of its addresses is taken to be asked as often. */
function qualifyOf(key: string, pbx: string, qualifyPerMinute: ReadonlyMap<string, number>): number {
  const [name = key] = key.split('.at-');
  return qualifyPerMinute.get(`${key} ${pbx}`) ?? qualifyPerMinute.get(`${name} ${pbx}`) ?? 0;
}

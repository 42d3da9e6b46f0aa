import { readFile } from 'node:fs/promises';
import type { PathHealth } from '../../server/paths/path-health.ts';
import { lossEstimate } from '../../server/paths/wilson.ts';
import type { CallReader, LedgerCall } from '../../server/routing/call-ledger.ts';
import { plan } from '../../server/routing/planner.ts';
import { EMPTY_PLANNER, type PlannerMemory } from '../../server/routing/planner-memory.ts';
import type { PbxRouteInput, RouteInput } from '../../server/routing/route-input.ts';
import { ROUTE_POLICY } from '../../server/routing/route-policy.ts';
import { ENFORCING } from '../support/engine-fleet.ts';

const NOW_MS = 1_800_000_000_000;
const PBXES = 5000;
const SMOKE_PBXES = 50;
const CLASSES = 8;
const TRUNKS = 8;
/** A hub that just started: the first takes the routes up, the second meets code that is not compiled yet. */
const COLD_ROUNDS = 2;
const WARM_ROUNDS = 6;
/** Calls of one class that are remembered at each of a PBX's first three trunks. */
const CALLS = 64;

type Target = { readonly name: string; readonly bound: number };

/** The last line of the bench. */
export type RoutingReport = {
  readonly bench: 'routing';
  /** Processor time of one planning of all routes, milliseconds: the worst of the rounds, apart for a hub that just started. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly peers: Readonly<Record<string, number>>;
  readonly targets: readonly (Target & { readonly value: number | null; readonly holds: boolean })[];
};

/** What it costs to plan every route of a fleet anew. */
export async function run({ isSmoke }: { readonly isSmoke: boolean } = { isSmoke: false }): Promise<void> {
  console.log(JSON.stringify(await routingReport(isSmoke, console.log)));
}

/** The same, with each row told to `say`; a small fleet when it is only to be seen that it runs. */
export async function routingReport(isSmoke: boolean, say: (line: string) => void): Promise<RoutingReport> {
  const size = isSmoke ? SMOKE_PBXES : PBXES;
  const pbxes = Array.from({ length: size }, (_, at) => pbxOf(at));
  const calls = rememberedCalls();
  const rows: readonly (readonly [string, (round: number) => RouteInput])[] = [
    ['quiet', () => inputOf(pbxes, 'healthy')],
    ['quiet, with 64 calls of each class at three trunks', () => ({ ...inputOf(pbxes, 'healthy'), calls })],
    ['a provider dies and comes back', (round) => inputOf(pbxes, round % 2 === 0 ? 'hard-down' : 'healthy')],
  ];
  const metrics: Record<string, number> = {};
  for (const [what, inputAt] of rows) {
    const name = `${size} PBX x ${CLASSES} classes x ${TRUNKS} trunks: ${what}`;
    const { coldMs, warmMs } = worstMs(inputAt);
    metrics[name] = warmMs;
    metrics[`${name}, just started`] = coldMs;
    say(`${name}: ${warmMs} ms, ${coldMs} ms just started`);
  }
  const text = await readFile(new URL('../../docs/targets.json', import.meta.url), 'utf8');
  const { routing } = JSON.parse(text) as { readonly routing: readonly Target[] };
  const targets = routing.map(({ bound, name }) => {
    const value = metrics[name] ?? null;
    return { name, bound, value, holds: value !== null && value <= bound };
  });
  return { bench: 'routing', metrics, peers: {}, targets: isSmoke ? [] : targets };
}

function worstMs(inputAt: (round: number) => RouteInput): { readonly coldMs: number; readonly warmMs: number } {
  let memory: PlannerMemory = EMPTY_PLANNER;
  const tookMs: number[] = [];
  for (let round = 0; round < COLD_ROUNDS + WARM_ROUNDS; round += 1) {
    const input = inputAt(round);
    const before = process.cpuUsage();
    memory = plan(memory, input, NOW_MS + round * 60_000).memory;
    const { system, user } = process.cpuUsage(before);
    tookMs.push((system + user) / 1000);
  }
  const worst = (rounds: readonly number[]) => Math.round(Math.max(...rounds));
  return { coldMs: worst(tookMs.slice(0, COLD_ROUNDS)), warmMs: worst(tookMs.slice(COLD_ROUNDS)) };
}

function pbxOf(at: number): PbxRouteInput {
  const pbx = `pbx-${at}`;
  const trunks = Array.from({ length: TRUNKS }, (_, number) => `t${number}`);
  return {
    pbx,
    site: `site-${at % 50}`,
    trunks: trunks.map((trunk, number) => ({
      trunk,
      provider: `telco-${Math.floor(number / 2)}`,
      pathKeys: [`${pbx}>${trunk}.e`],
    })),
    classes: Array.from({ length: CLASSES }, (_, number) => ({
      class: `class-${number}`,
      trunks: [...trunks.slice(number), ...trunks.slice(0, number)],
    })),
    modes: ENFORCING,
    readBack: undefined,
  };
}

function inputOf(pbxes: readonly PbxRouteInput[], ofFirst: 'healthy' | 'hard-down'): RouteInput {
  const healths = new Map<string, PathHealth>();
  for (const { pbx, site, trunks } of pbxes) {
    for (const { pathKeys, provider, trunk } of trunks) {
      const [key = ''] = pathKeys;
      const state = provider === 'telco-0' ? ofFirst : 'healthy';
      healths.set(key, {
        ref: { key, pbx, site, target: `${trunk}.e`, end: { kind: 'trunk', provider, trunk, edge: 'e' } },
        state,
        sinceMs: NOW_MS - 3_600_000,
        samplesInState: 3600,
        lostInState: 0,
        reason: '0 of 60 probes lost',
        options: lossEstimate({ sent: 60, lost: state === 'healthy' ? 0 : 60 }, 60_000),
        rtt: undefined,
        icmp: undefined,
        consecutiveMisses: 0,
        missesNeeded: 5,
        lastAnsweredAtMs: NOW_MS,
        lastSampleAtMs: NOW_MS,
        lastStatusCode: 200,
        isAbstaining: false,
      });
    }
  }
  return { pbxes, healths, verdicts: [], policy: ROUTE_POLICY };
}

function rememberedCalls(): CallReader {
  const calls = Array.from({ length: CALLS }, (_, at): LedgerCall => {
    const isEffective = at % 20 !== 0;
    return { atMs: NOW_MS - (CALLS - at) * 1000, isEffective, isAnswered: at % 3 === 0, pddMs: 1000 + at * 10 };
  });
  const called = new Set(['t0', 't1', 't2']);
  return { recent: (_pbx, trunk) => (called.has(trunk) ? calls : []), latestAtMs: () => NOW_MS - 1000 };
}

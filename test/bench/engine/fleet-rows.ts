import { AssignRunner } from '../../../server/assign/assign-runner.ts';
import { pathDuties } from '../../../server/assign/assignment-view.ts';
import { Engine } from '../../../server/engine.ts';
import type { PassResult } from '../../../server/pass-result.ts';
import type { PathDuties } from '../../../server/paths/path-duty.ts';
import { PATH_POLICY } from '../../../server/paths/path-policy.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { ENFORCING, type EngineFleet, engineFleet, SimulatedProbes } from '../../support/engine-fleet.ts';
import { seeded } from '../../support/seeded.ts';

const T0 = 1_800_000_000_000;
const SEED = 20_265;
const BACKGROUND_RATIO = 0.002;
const FAULT_RATIO = 0.1;
/** Each target is asked once in so many seconds: what one edge is asked at by default. */
const ASKED_EVERY_S = 10;
const MIB = 2 ** 20;

/**
 * One row. `alone`: every PBX asks every target itself, so that all paths bear evidence; `assigned`: the hub's own assignment is
 * in force, at most three PBXs of a site ask for all of them.
 */
export type FleetRow = { readonly pbxCount: number; readonly duty: 'alone' | 'assigned'; readonly seconds: number };

/** What a row costs; times of this thread's processor, milliseconds. */
export type FleetCost = {
  /** The pass after every probe has said hello anew: it looks at every path and plans every PBX. */
  readonly wholePassMs: number;
  /** Passes after one more second of batches: quiet, and with one provider losing a tenth. */
  readonly quietPassMs: number;
  readonly faultPassMs: number;
  readonly worstPassMs: number;
  /** The longest step that no frame can come between, without the first pass. */
  readonly longestStepMs: number;
  /** All batches of one second. */
  readonly ingestMs: number;
  readonly residentMiB: number;
};

/** Plays one row: a quiet half, then a fault. */
export function playRow({ duty, pbxCount, seconds }: FleetRow): FleetCost {
  const built = engineFleet(pbxCount);
  const engine = new Engine(built.fleet, { paths: PATH_POLICY, routes: ROUTE_POLICY, minQuietMs: 30_000 });
  for (const hello of built.hellos) engine.hello(hello, T0);
  const duties = duty === 'assigned' ? assign(built) : undefined;
  if (duties) engine.assign(duties);
  const random = seeded(SEED);
  const faultFrom = Math.floor(seconds / 2);
  const probes = new SimulatedProbes(ASKED_EVERY_S, (_pbx, target, second) => {
    const isHit = second >= faultFrom && (target === 't0.e' || target === 't1.e');
    return random() < (isHit ? FAULT_RATIO : BACKGROUND_RATIO);
  });
  const asks = (pbx: string, target: string) => duties?.get(pbx)?.get(target)?.role !== 'inherit';
  onePass(engine, T0);
  const passes: { readonly second: number; readonly costMs: number; readonly longestStepMs: number }[] = [];
  let ingestMs = 0;
  for (let second = 1; second <= seconds; second += 1) {
    const nowMs = T0 + second * 1000;
    const frames = built.hellos.map((hello) => ({ hello, frame: probes.batch(hello, second, nowMs, asks) }));
    const beganAtMs = cpuMs();
    for (const { frame, hello } of frames) engine.batch(hello.pbx, hello.instanceId, frame, nowMs);
    ingestMs += cpuMs() - beganAtMs;
    const { costMs, longestStepMs } = onePass(engine, nowMs);
    passes.push({ second, costMs, longestStepMs });
  }
  const afterMs = T0 + (seconds + 1) * 1000;
  for (const hello of built.hellos) engine.hello(hello, afterMs);
  const whole = onePass(engine, afterMs);
  const costs = (from: number, to: number) =>
    passes.filter(({ second }) => second >= from && second < to).map(({ costMs }) => costMs);
  return {
    wholePassMs: whole.costMs,
    quietPassMs: median(costs(Math.floor(faultFrom / 2), faultFrom)),
    faultPassMs: median(costs(faultFrom, seconds + 1)),
    worstPassMs: Math.max(...costs(1, seconds + 1)),
    longestStepMs: Math.max(...passes.map((pass) => pass.longestStepMs)),
    ingestMs: ingestMs / seconds,
    residentMiB: process.memoryUsage().rss / MIB,
  };
}

function onePass(engine: Engine, nowMs: number): { readonly costMs: number; readonly longestStepMs: number } {
  const steps = engine.passSteps(() => ENFORCING, nowMs);
  let costMs = 0;
  let longestStepMs = 0;
  let pass: PassResult | undefined;
  while (!pass) {
    const beganAtMs = cpuMs();
    const step = steps.next();
    const tookMs = cpuMs() - beganAtMs;
    costMs += tookMs;
    longestStepMs = Math.max(longestStepMs, tookMs);
    if (step.done === true) pass = step.value;
  }
  return { costMs, longestStepMs };
}

/** The hub's own assignment to the whole fleet, with budgets that keep every witness at the pace of this bench. */
function assign({ fleet, hellos }: EngineFleet): ReadonlyMap<string, PathDuties> {
  let duties: ReadonlyMap<string, PathDuties> = new Map();
  const sites = fleet.sites.length;
  const budget = {
    attemptsPerMinute: sites * 3 * (60 / ASKED_EVERY_S),
    confirmPerMinute: 12,
    witnessesPerSite: 3,
    fastestIntervalMs: 1000,
  };
  const runner = new AssignRunner({
    policy: {
      providers: new Map([...fleet.providerOf].map(([trunk, provider]) => [trunk, { provider, budget }])),
      testCalls: new Map(),
      siteOf: fleet.siteOf,
    },
    nowMs: () => T0,
    fence: () => 1,
    send: () => true,
    onPlan: (plan) => {
      duties = pathDuties(plan);
    },
    onNote: () => undefined,
  });
  for (const hello of hellos) runner.hello(hello.pbx, hello);
  runner.tick(new Set());
  if (duties.size === 0) throw new Error('nothing was assigned');
  return duties;
}

/** Processor time of this thread so far, milliseconds: what others do on the machine is not in it. */
function cpuMs(): number {
  const { system, user } = process.threadCpuUsage();
  return (system + user) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

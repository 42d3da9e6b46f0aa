import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlate, NOTHING_CORRELATED } from '../../server/correlate/correlate.ts';
import { Engine } from '../../server/engine.ts';
import { buildFleet, declaredPaths } from '../../server/fleet.ts';
import type { PassResult } from '../../server/pass-result.ts';
import { censusOf } from '../../server/paths/path-census.ts';
import type { PathDuties } from '../../server/paths/path-duty.ts';
import type { PathHealth } from '../../server/paths/path-health.ts';
import { PATH_POLICY } from '../../server/paths/path-policy.ts';
import { PathTable } from '../../server/paths/path-table.ts';
import { ProbeClocks } from '../../server/paths/probe-clocks.ts';
import { type PbxState, pbxState, routeInput } from '../../server/pbx-book.ts';
import { plan } from '../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../server/routing/planner-memory.ts';
import { ROUTE_POLICY } from '../../server/routing/route-policy.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { PbxModes, ReadBackRoute } from '../../wire/plan.ts';
import type { BatchFrame, HelloFrame } from '../../wire/probe-frames.ts';
import { batchFrame, helloFrame } from '../support/probe-frames.ts';
import { hubConfig } from './hub-fixture.ts';
import { instrument } from './paths/measured.ts';

const T0 = 1_800_000_000_000;
const PBXES = ['fra-1', 'fra-2', 'ams-1'];
const TARGETS = ['a.a1', 'b.b1', 'peer'] as const;
const fleet = buildFleet(
  hubConfig('/none', {
    sites: [{ site: 'fra' }, { site: 'ams' }],
    pbxes: PBXES.map((pbx) => ({ pbx, site: pbx.slice(0, 3), probe: `probe-${pbx}`, token: { env: 'X' } })),
  }),
);
const POLICY = {
  paths: PATH_POLICY,
  routes: { ...ROUTE_POLICY, holdDownMs: 10_000, halfOpenMs: 5000, halfOpenSamples: 3, minDwellMs: 8000 },
  minQuietMs: 5000,
};
const ENFORCE: PbxModes = {
  stopped: false,
  routing: 'enforce',
  spend: 'observe',
  security: 'observe',
  survival: 'observe',
  classes: [],
};
const MODES: Readonly<Record<string, PbxModes>> = {
  enforce: ENFORCE,
  observe: { ...ENFORCE, routing: 'observe' },
  stopped: { ...ENFORCE, stopped: true },
};

/** The pass as it would be without memory of what was looked at: every path is read, every PBX is planned, each time. */
class WholePasses {
  readonly #paths = new PathTable(POLICY.paths);
  readonly #clocks = new ProbeClocks();
  readonly #pbxes = new Map<string, PbxState>();
  #correlation = NOTHING_CORRELATED;
  #planner = EMPTY_PLANNER;
  #shown: ReadonlySet<string> = new Set();

  hello(frame: HelloFrame, nowMs: number): void {
    const { pbx } = frame;
    const { refs } = declaredPaths(fleet, pbx, frame.targets);
    const known = this.#pbxes.get(pbx);
    this.#paths.setPaths(pbx, refs, nowMs);
    const found = { readBack: frame.plan?.routes ?? known?.readBack, down: [] };
    this.#pbxes.set(pbx, pbxState(fleet, pbx, { ...frame, refs }, found));
    this.#paths.connect(pbx, frame.instanceId, nowMs);
  }

  assign(duties: ReadonlyMap<string, PathDuties>): void {
    for (const [pbx, own] of duties) this.#paths.setDuties(pbx, own);
  }

  batch(pbx: string, instanceId: string, frame: BatchFrame, nowMs: number): void {
    const { instrument: reading, measurements } = frame;
    const batchSentAtMs = this.#clocks.shownAtMs(pbx, instanceId, frame.sentAtMs, nowMs);
    this.#paths.addBatch({ pbx, instanceId, measurements, batchSentAtMs, instrument: reading, nowMs });
  }

  readBack(pbx: string, routes: readonly ReadBackRoute[]): void {
    const state = this.#pbxes.get(pbx);
    if (state) this.#pbxes.set(pbx, { ...state, readBack: routes });
  }

  pass(modesOf: (pbx: string) => PbxModes, nowMs: number) {
    const sights = this.#paths.sight(nowMs);
    const isAnyOpen = this.#correlation.incidents.open.length > 0 || this.#correlation.silentPaths.size > 0;
    const paths = sights.filter(
      ({ health: { inheritedFrom, lastSampleAtMs, ref } }) =>
        (inheritedFrom === undefined && lastSampleAtMs !== undefined) || (isAnyOpen && this.#shown.has(ref.key)),
    );
    this.#shown = new Set(paths.map(({ health }) => health.ref.key));
    const correlation = correlate(this.#correlation, { paths, nowMs, minQuietMs: POLICY.minQuietMs });
    this.#correlation = correlation.state;
    const healths = sights.map(({ health }) => health);
    const pbxes = [...this.#pbxes].map(([pbx, state]) => routeInput(state, modesOf(pbx)));
    const planned = plan(
      this.#planner,
      {
        pbxes,
        healths: new Map(healths.map((health) => [health.ref.key, health])),
        verdicts: correlation.open,
        policy: POLICY.routes,
      },
      nowMs,
    );
    this.#planner = planned.memory;
    const { effects, open } = correlation;
    return { healths, verdictEffects: effects, openVerdicts: open, routes: planned.routes, flips: planned.flips };
  }
}

/** What was decided: everything but the figures that show a path as of when it was last looked at, and what an incident costs. */
function decisions(pass: Omit<PassResult, 'census' | 'renewed'>) {
  const standing = ({ consecutiveMisses, isAbstaining, missesNeeded, ref, sinceMs, state }: PathHealth) =>
    [ref.key, state, sinceMs, isAbstaining, consecutiveMisses, missesNeeded] as const;
  return {
    healths: pass.healths.map(standing),
    effects: pass.verdictEffects.map(({ kind, verdict }) => [kind, verdict.verdictId, verdict.sentence]),
    open: pass.openVerdicts.map(({ cost: _cost, ...verdict }) => verdict),
    routes: pass.routes.map(({ reason: _reason, perTrunk, ...route }) => ({
      ...route,
      tiers: perTrunk.map(({ tier, trunk, verdictId }) => [trunk, tier, verdictId]),
    })),
    flips: pass.flips.map(({ sentence, ...flip }) => ({ ...flip, sentence: sentence.replaceAll(/\d+(\.\d+)?/g, '#') })),
  };
}

function hello(pbx: string, instanceId: string): HelloFrame {
  return helloFrame({
    pbx,
    probe: `probe-${pbx}`,
    instanceId,
    targets: [
      { target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' },
      { target: 'b.b1', kind: 'trunk', trunk: 'b', edge: 'b1' },
      ...PBXES.filter((peer) => peer !== pbx).map((peer) => ({ target: `peer.${peer}`, kind: 'peer' as const, peer })),
    ],
    trunks: ['a', 'b'],
    classes: ['national', 'international'],
    plan: { readAtEpochMs: T0, routes: [], down: [] },
  });
}

/** One stretch of a story: so many seconds in which things are as told. Numbers of a set name PBXs or targets by their bits. */
type Stretch = {
  readonly seconds: number;
  readonly lossy: { readonly pbxes: number; readonly targets: number; readonly ratio: number };
  readonly silentPbxes: number;
  readonly sickPbxes: number;
  readonly everyS: number;
  readonly event:
    | 'none'
    | 'restart'
    | 'calls-fail'
    | 'call-answered'
    | 'inherit'
    | 'ask-all'
    | 'observe'
    | 'stop'
    | 'read-back';
  readonly jumpMs: number;
};

const STRETCH: fc.Arbitrary<Stretch> = fc.record({
  seconds: fc.integer({ min: 1, max: 30 }),
  lossy: fc.record({
    pbxes: fc.integer({ min: 0, max: 7 }),
    targets: fc.constantFrom(0, 0, 1, 1, 2, 3, 4, 7),
    ratio: fc.constantFrom(0.1, 0.4, 1, 1),
  }),
  silentPbxes: fc.constantFrom(0, 0, 0, 1, 2, 4, 7),
  sickPbxes: fc.constantFrom(0, 0, 0, 1, 4),
  everyS: fc.constantFrom(1, 1, 3, 10),
  event: fc.constantFrom(
    'none',
    'none',
    'restart',
    'calls-fail',
    'call-answered',
    'inherit',
    'inherit',
    'ask-all',
    'observe',
    'stop',
    'read-back',
  ),
  jumpMs: fc.constantFrom(0, 0, 0, 137, 9500, 70_000, 310_000),
});

/** Plays the same story to both and compares after every pass. */
function play(stretches: readonly Stretch[], seed: number): { readonly changes: number } {
  const whole = new WholePasses();
  const engine = new Engine(fleet, POLICY);
  const random = lcg(seed);
  const instanceOf = new Map(PBXES.map((pbx) => [pbx, `instance-1-${pbx}`]));
  let modes = ENFORCE;
  let nowMs = T0;
  let second = 0;
  let changes = 0;
  for (const pbx of PBXES) {
    engine.hello(hello(pbx, instanceOf.get(pbx) ?? ''), nowMs);
    whole.hello(hello(pbx, instanceOf.get(pbx) ?? ''), nowMs);
  }
  const give = (pbx: string, frame: BatchFrame) => {
    const instanceId = instanceOf.get(pbx) ?? '';
    engine.batch(pbx, instanceId, frame, nowMs);
    whole.batch(pbx, instanceId, frame, nowMs);
  };
  for (const [at, stretch] of stretches.entries()) {
    nowMs += stretch.jumpMs;
    second += Math.floor(stretch.jumpMs / 1000);
    modes =
      stretch.event === 'observe'
        ? (MODES['observe'] ?? modes)
        : stretch.event === 'stop'
          ? (MODES['stopped'] ?? modes)
          : ENFORCE;
    if (stretch.event === 'restart') {
      for (const pbx of PBXES.slice(0, 2)) {
        instanceOf.set(pbx, `instance-${at}-${pbx}`);
        engine.hello(hello(pbx, instanceOf.get(pbx) ?? ''), nowMs);
        whole.hello(hello(pbx, instanceOf.get(pbx) ?? ''), nowMs);
      }
    }
    if (stretch.event === 'inherit' || stretch.event === 'ask-all') {
      const duty = { role: 'inherit', intervalMs: 10_000, from: ['fra-1'] } as const;
      const own: PathDuties = new Map(stretch.event === 'inherit' ? [['a.a1', duty]] : []);
      engine.assign(new Map([['fra-2', own]]));
      whole.assign(new Map([['fra-2', own]]));
    }
    if (stretch.event === 'read-back') {
      const routes = [
        {
          class: 'national',
          raw: '2:1.90:b/100,a/0',
          fence: 1,
          version: 90,
          trunks: [
            { trunk: 'b', weight: 100 },
            { trunk: 'a', weight: 0 },
          ],
        },
      ];
      engine.readBack('ams-1', routes);
      whole.readBack('ams-1', routes);
    }
    for (let passed = 0; passed < stretch.seconds; passed += 1) {
      nowMs += 1000;
      second += 1;
      for (const [bit, pbx] of PBXES.entries()) {
        if (stretch.silentPbxes & (1 << bit)) continue;
        const measurements: Measurement[] = [];
        for (const { target } of hello(pbx, '').targets) {
          if (second % stretch.everyS !== 0) continue;
          const kind = TARGETS.findIndex((each) => target.startsWith(each));
          const isHit = (stretch.lossy.pbxes & (1 << bit)) !== 0 && (stretch.lossy.targets & (1 << kind)) !== 0;
          const isLost = random() < (isHit ? stretch.lossy.ratio : 0.002);
          measurements.push({
            kind: 'sip-options',
            target,
            sequence: second,
            schedule: 'liveness',
            sentAtMs: second * 1000 - 600,
            outcome: isLost ? { kind: 'timed-out', waitedMs: 500 } : { kind: 'answered', rttMs: 5, statusCode: 200 },
          });
        }
        const isCall = (stretch.event === 'calls-fail' || stretch.event === 'call-answered') && passed % 5 === 0;
        if (isCall) {
          const call = { kind: 'invite', trunk: 'a', edge: 'a1', observedAtMs: second * 1000 } as const;
          measurements.push(
            stretch.event === 'calls-fail'
              ? { ...call, outcome: 'unanswered', failure: 'timeout' }
              : { ...call, outcome: 'answered', statusCode: 200 },
          );
        }
        const isSick = (stretch.sickPbxes & (1 << bit)) !== 0 && passed === 0;
        const reading = instrument(isSick ? { eventLoopDelayP99Ms: 900 } : {});
        give(pbx, batchFrame({ sequence: second, sentAtMs: second * 1000, measurements, instrument: reading }));
      }
      const found = engine.pass(() => modes, nowMs);
      if (!isDeepStrictEqual(found.census, censusOf(found.healths)))
        expect(found.census).toEqual(censusOf(found.healths));
      const incremental = decisions(found);
      const full = decisions(whole.pass(() => modes, nowMs));
      if (JSON.stringify(incremental) !== JSON.stringify(full)) expect(incremental).toEqual(full);
      changes += full.effects.length + full.flips.length;
    }
  }
  return { changes };
}

function lcg(seed: number): () => number {
  let word = (seed * 2_654_435_761) >>> 0;
  return () => {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    return word / 2 ** 32;
  };
}

describe('a pass that looks only at what changed', () => {
  it('decides to the last digit what a pass over everything decides, whatever is measured and however time goes', () => {
    const story = fc.tuple(fc.array(STRETCH, { minLength: 2, maxLength: 6 }), fc.integer({ min: 1, max: 1_000_000 }));
    let changes = 0;
    fc.assert(
      fc.property(story, ([stretches, seed]) => {
        changes += play(stretches, seed).changes;
      }),
      { seed: 20_264, numRuns: 60 },
    );
    expect(changes).toBeGreaterThan(100);
  }, 120_000);
});

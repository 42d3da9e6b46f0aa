import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthState, PathHealth } from '../../../server/paths/path-health.ts';
import { lossEstimate } from '../../../server/paths/wilson.ts';
import type { LedgerCall } from '../../../server/routing/call-ledger.ts';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import { RouteBook } from '../../../server/routing/route-book.ts';
import type { RouteConstraints } from '../../../server/routing/route-constraints.ts';
import type { FlipProposal, PlannedRoute } from '../../../server/routing/route-plan.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { finish } from '../../../server/steps.ts';
import { health, modes, NOW, pbxInput, verdict } from './judged.ts';
import { failed } from './made-calls.ts';

const S = 1000;
const PBXES = ['fra-1', 'fra-2', 'ams-1', 'lon-1'];
const TRUNKS = ['a', 'b', 'c'] as const;
const MODES = modes('enforce');

const event = fc.oneof(
  fc.record({
    kind: fc.constant('path' as const),
    pbx: fc.constantFrom(...PBXES),
    trunk: fc.constantFrom(...TRUNKS),
    state: fc.constantFrom<HealthState>('unknown', 'unmeasurable', 'healthy', 'healthy', 'degraded', 'hard-down'),
    lost: fc.constantFrom(0, 0, 3, 20),
  }),
  fc.record({ kind: fc.constant('verdict' as const), lossInsideRatio: fc.constantFrom(0, 0.02, 0.4) }),
  fc.record({
    kind: fc.constant('calls-fail' as const),
    pbx: fc.constantFrom(...PBXES),
    trunk: fc.constantFrom(...TRUNKS),
  }),
  fc.record({ kind: fc.constant('full' as const), usedRatio: fc.constantFrom(0.1, 0.8, 0.95) }),
  fc.record({ kind: fc.constant('limit' as const), usedRatio: fc.constantFrom(0.1, 0.8, 0.95, 1) }),
  fc.record({
    kind: fc.constant('pin' as const),
    pbx: fc.constantFrom(...PBXES),
    trunk: fc.constantFrom(...TRUNKS, undefined),
  }),
  fc.record({ kind: fc.constant('maintenance' as const), forS: fc.integer({ min: 1, max: 60 }) }),
);
type Event = typeof event extends fc.Arbitrary<infer Made> ? Made : never;
const story = fc.array(fc.tuple(fc.array(event, { maxLength: 3 }), fc.integer({ min: 1, max: 20 })), {
  minLength: 1,
  maxLength: 12,
});

/** Everything that routes are planned from, as events leave it. */
class World {
  readonly healths = new Map<string, PathHealth>();
  readonly calls = new Map<string, LedgerCall[]>();
  read: { readonly before: PathHealth | undefined; readonly after: PathHealth }[] = [];
  touched: string[] = [];
  verdicts = [verdict()].slice(1);
  constraints: RouteConstraints = { pins: [], maintenance: [], loads: new Map(), limits: new Map() };

  constructor() {
    for (const pbx of PBXES) for (const trunk of TRUNKS) this.#see(health(pbx, `${trunk}.${trunk}1`, 'healthy'));
  }

  take(made: Event, nowMs: number): void {
    const owner = { actor: 'owner', reason: 'drill' };
    switch (made.kind) {
      case 'path': {
        const { lost, pbx, state, trunk } = made;
        const options = lossEstimate({ sent: 60, lost }, 60_000);
        const parts = { options, lostInState: lost, samplesInState: 60, sinceMs: nowMs - 60_000 };
        this.#see(health(pbx, `${trunk}.${trunk}1`, state, parts));
        return;
      }
      case 'verdict': {
        const { lossInsideRatio } = made;
        this.verdicts =
          lossInsideRatio === 0 ? [] : [verdict({ verdictId: `v-${nowMs}`, lossInsideRatio, witnesses: PBXES })];
        return;
      }
      case 'calls-fail':
        this.calls.set(
          `${made.pbx} ${made.trunk}`,
          [0, 1, 2, 3].map((at) => failed(nowMs - 3 + at)),
        );
        this.touched.push(made.pbx);
        return;
      case 'full':
        this.constraints = {
          ...this.constraints,
          loads: new Map([['b', { channels: 100, usedChannels: made.usedRatio * 100 }]]),
        };
        return;
      case 'limit':
        this.constraints = {
          ...this.constraints,
          limits: new Map([['a', { usedRatio: made.usedRatio, name: 'daily limit' }]]),
        };
        return;
      case 'pin': {
        const { pbx, trunk } = made;
        this.constraints = {
          ...this.constraints,
          pins: trunk === undefined ? [] : [{ ...owner, scope: { pbx }, trunk }],
        };
        return;
      }
      case 'maintenance': {
        const span = { fromMs: nowMs, untilMs: nowMs + made.forS * S };
        this.constraints = { ...this.constraints, maintenance: [{ ...owner, of: { trunk: 'a' }, ...span }] };
        return;
      }
      default:
        made satisfies never;
    }
  }

  get reader() {
    return {
      recent: (pbx: string, trunk: string) => this.calls.get(`${pbx} ${trunk}`) ?? [],
      latestAtMs: (pbx: string) => {
        const ends = TRUNKS.flatMap((trunk) => this.calls.get(`${pbx} ${trunk}`)?.at(-1)?.atMs ?? []);
        return ends.length === 0 ? undefined : Math.max(...ends);
      },
    };
  }

  #see(after: PathHealth): void {
    this.read.push({ before: this.healths.get(after.ref.key), after });
    this.healths.set(after.ref.key, after);
  }
}

const INPUTS = new Map(PBXES.map((pbx) => [pbx, pbxInput(pbx, { modes: MODES, readBack: undefined })]));

/** What was decided of a route, without the figures that only tell why. */
function decided({ class: name, current, isPanic, isWaiting, pbx, perTrunk, trunks, version }: PlannedRoute) {
  return {
    pbx,
    name,
    current,
    trunks,
    version,
    isPanic,
    isWaiting,
    tiers: perTrunk.map(({ tier, trunk }) => `${trunk} ${tier}`),
  };
}

function told({ class: name, fromTrunk, pbx, toTrunk, version }: FlipProposal) {
  return `${pbx} ${name} ${fromTrunk}>${toTrunk} in ${version}`;
}

describe('a planning of what changed', () => {
  it('decides in every second what a planning of everything decides: paths, verdicts, calls, pins, maintenance, loads, limits', () => {
    let [flips, spared] = [0, 0];
    fc.assert(
      fc.property(story, (stretches) => {
        const world = new World();
        const book = new RouteBook(ROUTE_POLICY);
        let whole = EMPTY_PLANNER;
        let nowMs = NOW;
        for (const [events, seconds] of stretches) {
          for (const made of events) world.take(made, nowMs);
          for (let second = 0; second < seconds; second += 1, nowMs += S) {
            const { constraints, healths, reader: calls, verdicts } = world;
            for (const pbx of world.touched) book.touch(pbx);
            const sources = {
              pbxes: PBXES,
              modesOf: () => MODES,
              inputOf: (pbx: string) => INPUTS.get(pbx),
              healths,
              read: world.read,
              known: () => healths.values(),
              verdicts,
              calls,
              constraints,
            };
            const found = finish(book.steps(sources, nowMs));
            [world.read, world.touched] = [[], []];
            const input = { pbxes: [...INPUTS.values()], healths, verdicts, policy: ROUTE_POLICY, calls, constraints };
            const full = plan(whole, input, nowMs);
            whole = full.memory;
            flips += full.flips.length;
            spared += found.routes.length - found.planned.length;
            expect(found.routes.map(decided)).toEqual(full.routes.map(decided));
            expect(found.flips.map(told)).toEqual(full.flips.map(told));
          }
        }
      }),
      { numRuns: 120, seed: 20_265 },
    );
    expect(flips).toBeGreaterThan(200);
    expect(spared).toBeGreaterThan(5000);
  }, 120_000);
});

import type { EnginePolicy } from '../../server/engine.ts';
import { Engine } from '../../server/engine.ts';
import { buildFleet } from '../../server/fleet.ts';
import { PATH_POLICY } from '../../server/paths/path-policy.ts';
import type { FlipProposal, PlannedRoute } from '../../server/routing/route-plan.ts';
import { ROUTE_POLICY } from '../../server/routing/route-policy.ts';
import type { Schedule, SipOptionsMeasurement } from '../../wire/measurement.ts';
import type { PbxModes } from '../../wire/plan.ts';
import { hubConfig } from '../server/hub-fixture.ts';
import { batchFrame, helloFrame } from '../support/probe-frames.ts';
import { seeded } from '../support/seeded.ts';

/** When a story begins, hub time. */
export const T0 = 1_800_000_000_000;
/** Three PBXs, each at a site of its own. */
export const PBXES = ['fra-1', 'ams-1', 'lon-1'];

const POLICY: EnginePolicy = {
  paths: PATH_POLICY,
  routes: { ...ROUTE_POLICY, maxChangedRatio: 1 },
  minQuietMs: 30_000,
};
const MODES: PbxModes = {
  stopped: false,
  routing: 'enforce',
  spend: 'observe',
  security: 'observe',
  survival: 'observe',
  classes: [],
};
const CONFIRMATIONS = 8;

const fleet = buildFleet(
  hubConfig('/none', {
    sites: PBXES.map((pbx) => ({ site: pbx.slice(0, 3) })),
    pbxes: PBXES.map((pbx) => ({ pbx, site: pbx.slice(0, 3), probe: `probe-${pbx}`, token: { env: 'X' } })),
  }),
);

/** Loss of one OPTIONS round trip, 0 to 1, in a second of the story. */
export type LossRatio = (pbx: string, target: string, second: number) => number;

/** What is seen after each second of a story. */
export type Look = {
  readonly second: number;
  readonly routes: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
};

/**
 * The whole judgement of a hub, measurements to routes, played a second at a time: each target of each PBX is asked once a second, and
 * after a miss up to eight times more, 100 ms apart, until it answers. Classes `national` (a, b) and `international` (b, a), enforced.
 */
export class EngineStory {
  readonly #random: () => number;
  readonly #sent = new Map<string, number>();
  #engine = new Engine(fleet, POLICY);
  #second = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#hello();
  }

  /** Hub time of the second that comes next. */
  get nowMs(): number {
    return T0 + this.#second * 1000;
  }

  /** Plays so many seconds; `each` may have calls end within one. */
  *play(seconds: number, lossRatio: LossRatio, each: (second: number) => void = () => undefined): Generator<Look> {
    for (const end = this.#second + seconds; this.#second < end; this.#second += 1) {
      const second = this.#second;
      each(second);
      for (const pbx of PBXES) {
        const targets = ['a.a1', 'b.b1', ...peersOf(pbx)];
        const measurements = targets.flatMap((target) => this.#ask(pbx, target, second, lossRatio));
        const sequence = this.#next(`${pbx} batch`);
        const frame = batchFrame({ sequence, sentAtMs: second * 1000 + 950, measurements });
        this.#engine.batch(pbx, `instance-of-${pbx}`, frame, this.nowMs + 950);
      }
      const { flips, routes } = this.#engine.pass(() => MODES, this.nowMs + 960);
      yield { second, routes, flips };
    }
  }

  /** Lets so many seconds pass in which no probe says anything. */
  *silence(seconds: number): Generator<Look> {
    for (const end = this.#second + seconds; this.#second < end; this.#second += 1) {
      const { flips, routes } = this.#engine.pass(() => MODES, this.nowMs + 960);
      yield { second: this.#second, routes, flips };
    }
  }

  /** A call of `national` has ended at a trunk, answered. */
  call(pbx: string, trunk: string, endedAtEpochMs: number): void {
    const number = String(this.#next('calls'));
    const times = { startedAtEpochMs: endedAtEpochMs - 900, answeredAtEpochMs: endedAtEpochMs - 500, endedAtEpochMs };
    const ids = { linkedId: number, uniqueId: number, trunk, class: 'national' };
    const body = { kind: 'call-ended', ...ids, ...times, statusCode: 200, causeCode: 16, pddMs: 300 } as const;
    this.#engine.callEnded(pbx, body, endedAtEpochMs);
  }

  /** The hub ends and starts again after so long, with what it keeps on disk; its calls of late are read back by the caller. */
  restartHub(afterS: number): void {
    const memory = structuredClone(this.#engine.memory(this.nowMs));
    this.#second += afterS;
    this.#engine = new Engine(fleet, POLICY);
    this.#engine.recall(memory, [], this.nowMs);
  }

  /** Every probe says hello to the hub, with nothing read from AstDB yet. */
  reconnect(): void {
    this.#hello();
  }

  /** Memory of the planner, for looking into. */
  get planner() {
    return this.#engine.memory(this.nowMs).planner;
  }

  #hello(): void {
    for (const pbx of PBXES) {
      const frame = helloFrame({
        pbx,
        probe: `probe-${pbx}`,
        instanceId: `instance-of-${pbx}`,
        targets: [
          { target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' },
          { target: 'b.b1', kind: 'trunk', trunk: 'b', edge: 'b1' },
          ...peersOf(pbx).map((target) => ({ target, kind: 'peer' as const, peer: target.slice(5) })),
        ],
        trunks: ['a', 'b'],
        classes: ['national', 'international'],
      });
      this.#engine.hello(frame, this.nowMs);
    }
  }

  #ask(pbx: string, target: string, second: number, lossRatio: LossRatio): readonly SipOptionsMeasurement[] {
    const loss = lossRatio(pbx, target, second);
    const made: SipOptionsMeasurement[] = [];
    const attempt = (schedule: Schedule, afterMs: number): boolean => {
      const isLost = this.#random() < loss;
      made.push({
        kind: 'sip-options',
        target,
        sequence: this.#next(`${pbx}>${target}`),
        schedule,
        sentAtMs: second * 1000 + afterMs,
        outcome: isLost ? { kind: 'timed-out', waitedMs: 100 } : { kind: 'answered', rttMs: 5, statusCode: 200 },
      });
      return isLost;
    };
    let isLost = attempt('liveness', 0);
    for (let count = 1; isLost && count <= CONFIRMATIONS; count += 1) isLost = attempt('confirm', count * 100);
    return made;
  }

  #next(name: string): number {
    const number = (this.#sent.get(name) ?? 0) + 1;
    this.#sent.set(name, number);
    return number;
  }
}

function peersOf(pbx: string): readonly string[] {
  return PBXES.filter((peer) => peer !== pbx).map((peer) => `peer.${peer}`);
}

/** Moves of one route in their order, as `a>b`. */
export function moves(looks: readonly Look[], pbx: string, className: string): readonly string[] {
  return looks
    .flatMap(({ flips }) => flips)
    .filter((flip) => flip.pbx === pbx && flip.class === className)
    .map(({ fromTrunk, toTrunk }) => `${fromTrunk}>${toTrunk}`);
}

import type { RtpCallMeasurement } from '../../wire/rtp-measurement.ts';
import { isBadMedia, type MediaCost, type MediaWay } from './incident-cost.ts';
import { type Touched, touches } from './touched.ts';

/** Calls at one edge of a trunk of a PBX whose media were counted. */
type Spot = {
  readonly pbx: string;
  readonly trunk: string;
  readonly edge: string | undefined;
  calls: number;
  bad: number;
};

/** Media of one call so far, and when they were last told of (hub time). */
type Leg = {
  readonly spot: Spot;
  readonly sent: MediaWay;
  readonly received: MediaWay;
  readonly isBad: boolean;
  readonly toldAtMs: number;
};

const NO_PACKETS: MediaWay = { expected: 0, lost: 0, isSilent: false };
/** Calls of one verdict that are followed at once; of further ones none are counted, and the cost says so. */
const MAX_LEGS = 20_000;
/** A call that tells nothing for so long has ended: RTCP comes every five seconds (RFC 3550 §6.2). */
const SILENCE_MS = 120_000;

/** Media of the calls that met one trouble, each call once. Mutable; times are hub time. */
export class CostMedia {
  readonly #base: MediaCost | undefined;
  readonly #spots = new Map<string, Spot>();
  /** By when they were last told of, oldest first. */
  readonly #legs = new Map<string, Leg>();
  #total: MediaCost;

  /** @param base - what was counted in an earlier life of the hub. */
  constructor(base?: MediaCost) {
    this.#base = base;
    this.#total = base ?? { calls: 0, bad: 0 };
  }

  /** Calls so far, of the places that were last {@link sumOver}; the same object while it is the same. */
  get total(): MediaCost {
    return this.#total;
  }

  /** Calls that are followed. */
  get followed(): number {
    return this.#legs.size;
  }

  /** Counts the calls of these places alone from now on, also those counted already. */
  sumOver(touched: Touched): void {
    let { bad, calls } = this.#base ?? { bad: 0, calls: 0 };
    for (const spot of this.#spots.values()) {
      if (!touches(touched, spot)) continue;
      calls += spot.calls;
      bad += spot.bad;
    }
    this.#total = { ...this.#total, calls, bad };
  }

  /** Media of a call over an interval. */
  add(pbx: string, instanceId: string, measurement: RtpCallMeasurement, nowMs: number): void {
    this.forget(nowMs);
    const { direction, expected, isSilentReceiver, lost } = measurement;
    const key = legKey(pbx, instanceId, measurement);
    const known = this.#legs.get(key);
    if (!known && expected <= 0) return;
    if (!known && this.#legs.size >= MAX_LEGS) {
      if (this.#total.isCut !== true) this.#total = { ...this.#total, isCut: true };
      return;
    }
    const leg = known ?? {
      spot: this.#spot(pbx, measurement),
      sent: NO_PACKETS,
      received: NO_PACKETS,
      isBad: false,
      toldAtMs: nowMs,
    };
    const before = leg[direction];
    const way: MediaWay =
      expected > 0
        ? {
            expected: before.expected + expected,
            lost: before.lost + lost,
            isSilent: before.isSilent || isSilentReceiver === true,
          }
        : before;
    const isBad = leg.isBad || isBadMedia(way);
    this.#follow(key, { ...leg, [direction]: way, isBad, toldAtMs: nowMs });
    this.#count(leg.spot, known ? 0 : 1, isBad && !leg.isBad ? 1 : 0);
  }

  /** Media of a call while nothing is counted: one that was counted before is still up, and none when counting goes on. */
  addUncounted(pbx: string, instanceId: string, measurement: RtpCallMeasurement, nowMs: number): void {
    const key = legKey(pbx, instanceId, measurement);
    const known = this.#legs.get(key);
    if (known) this.#follow(key, { ...known, toldAtMs: nowMs });
    this.forget(nowMs);
  }

  /** Follows calls no longer of which nothing was told for two minutes; takes no time where there are none. */
  forget(nowMs: number): void {
    for (const [key, { toldAtMs }] of this.#legs) {
      if (nowMs - toldAtMs < SILENCE_MS) return;
      this.#legs.delete(key);
    }
  }

  #follow(key: string, leg: Leg): void {
    this.#legs.delete(key);
    this.#legs.set(key, leg);
  }

  #count(spot: Spot, calls: number, bad: number): void {
    if (calls === 0 && bad === 0) return;
    spot.calls += calls;
    spot.bad += bad;
    this.#total = { ...this.#total, calls: this.#total.calls + calls, bad: this.#total.bad + bad };
  }

  #spot(pbx: string, { edge, trunk }: RtpCallMeasurement): Spot {
    const key = `${pbx}>${trunk} ${edge ?? ''}`;
    const spot = this.#spots.get(key) ?? { pbx, trunk, edge, calls: 0, bad: 0 };
    this.#spots.set(key, spot);
    return spot;
  }
}

function legKey(pbx: string, instanceId: string, { leg }: RtpCallMeasurement): string {
  return `${pbx} ${instanceId} ${leg}`;
}

import type { RtpCallMeasurement } from '../../wire/rtp-measurement.ts';
import { type CostedCall, CostTally, type IncidentCost, isBadMedia, type MediaWay } from './incident-cost.ts';
import type { RecentCalls } from './recent-calls.ts';
import { NOTHING_TOUCHED, type Touched, touches } from './touched.ts';

/** What was counted before: by an earlier life of the hub, or before the verdict reopened; and from when to go on. */
export type CostBase = { readonly cost: IncidentCost; readonly fromMs: number };

/** Media of one call so far. */
type Leg = { readonly sent: MediaWay; readonly received: MediaWay; readonly isBad: boolean };

const NO_PACKETS: MediaWay = { expected: 0, lost: 0, isSilent: false };
/** Calls of one verdict whose media are followed at once; of further ones none are counted. */
const MAX_LEGS = 20_000;

/** What one verdict has cost so far. Mutable; times are hub time. */
export class CostAccount {
  #base: CostBase | undefined;
  #fromMs: number | undefined;
  #tally: CostTally;
  #touched: Touched = NOTHING_TOUCHED;
  #touchedOf: { readonly places: string; readonly size: number } | undefined;
  #clearedAtMs: number | undefined;
  #cost: IncidentCost | undefined;
  #canTell: boolean;
  readonly #blind: Set<string>;
  readonly #media: { calls: number; bad: number };
  readonly #legs = new Map<string, Leg>();

  constructor(base?: CostBase) {
    this.#base = base;
    this.#tally = new CostTally(base?.cost);
    this.#canTell = base?.cost.calls !== undefined;
    this.#blind = new Set(base?.cost.blindPbxes);
    this.#media = { calls: base?.cost.media?.calls ?? 0, bad: base?.cost.media?.bad ?? 0 };
  }

  /** What it touches. */
  get touched(): Touched {
    return this.#touched;
  }

  /** End of the verdict; undefined while it is open. */
  get clearedAtMs(): number | undefined {
    return this.#clearedAtMs;
  }

  /** True when the places or the declared paths are others than those that it last counted for. */
  isTouchedStale(places: string, size: number): boolean {
    return this.#touchedOf?.places !== places || this.#touchedOf.size !== size;
  }

  /** Counts for these from now on; {@link recount} follows. */
  touch(touched: Touched, places: string, size: number): void {
    this.#touched = touched;
    this.#touchedOf = { places, size };
    this.#fromMs = undefined;
    this.#cost = undefined;
  }

  /** Counts anew from the beginning of the trouble where that has moved and every call since is still remembered. */
  recount(beganAtMs: number, recent: RecentCalls): void {
    const fromMs = this.#base?.fromMs ?? beganAtMs;
    if (fromMs === this.#fromMs || this.#clearedAtMs !== undefined) return;
    const isFirst = this.#fromMs === undefined;
    this.#fromMs = fromMs;
    this.#cost = undefined;
    if (!isFirst && !recent.reaches(fromMs)) return;
    this.#tally = new CostTally(this.#base?.cost);
    for (const call of recent.since(fromMs)) if (touches(this.#touched, call)) this.#tally.addCall(call);
  }

  /** A call of a touched PBX at a touched trunk has ended. */
  callEnded(call: CostedCall): void {
    if (this.#fromMs === undefined || call.atMs < this.#fromMs || !touches(this.#touched, call)) return;
    this.#tally.addCall(call);
    this.#cost = undefined;
  }

  /** Media of a call over an interval. */
  media(pbx: string, instanceId: string, measurement: RtpCallMeasurement): void {
    const { direction, edge, expected, isSilentReceiver, leg, lost, trunk } = measurement;
    const key = `${pbx} ${instanceId} ${leg}`;
    const known = this.#legs.get(key);
    if (expected <= 0 || !touches(this.#touched, { pbx, trunk, edge })) return;
    if (!known && this.#legs.size >= MAX_LEGS) return;
    const { isBad, received, sent } = known ?? { isBad: false, received: NO_PACKETS, sent: NO_PACKETS };
    const before = direction === 'sent' ? sent : received;
    const way: MediaWay = {
      expected: before.expected + expected,
      lost: before.lost + lost,
      isSilent: before.isSilent || isSilentReceiver === true,
    };
    const isBadNow = isBad || isBadMedia(way);
    this.#legs.set(key, {
      sent: direction === 'sent' ? way : sent,
      received: direction === 'sent' ? received : way,
      isBad: isBadNow,
    });
    if (known && isBadNow === isBad) return;
    this.#media.calls += known ? 0 : 1;
    this.#media.bad += isBadNow && !isBad ? 1 : 0;
    this.#cost = undefined;
  }

  /** The verdict is cleared: nothing more is counted. */
  close(clearedAtMs: number): void {
    this.#clearedAtMs = clearedAtMs;
    this.#legs.clear();
  }

  /** The verdict is open, perhaps again: goes on from now, and leaves out what was quiet in between. */
  reopen(nowMs: number): void {
    if (this.#clearedAtMs === undefined) return;
    if (this.#cost) this.#base = { cost: this.#cost, fromMs: nowMs };
    this.#clearedAtMs = undefined;
    this.#touchedOf = undefined;
  }

  /**
   * The cost so far; the same object while it is the same.
   *
   * @param isReached - by PBX, whether its Asterisk is; absent where nobody has said yet.
   */
  cost(
    isReached: ReadonlyMap<string, boolean>,
    classesOf: (trunks: ReadonlySet<string>) => readonly string[],
  ): IncidentCost {
    if (this.#clearedAtMs === undefined) this.#hear(isReached);
    this.#cost ??= this.#tally.cost({
      fromMs: this.#base?.cost.fromMs ?? this.#fromMs ?? 0,
      pbxes: this.#touched.pbxes.size,
      sites: this.#touched.sites.size,
      classes: classesOf(this.#touched.trunks),
      hasTrunks: this.#touched.edges.size > 0,
      canTell: this.#canTell,
      blindPbxes: [...this.#blind],
      media: this.#media,
    });
    return this.#cost;
  }

  #hear(isReached: ReadonlyMap<string, boolean>): void {
    for (const pbx of this.#touched.callers) {
      const is = isReached.get(pbx);
      const isNews = (is === true && !this.#canTell) || (is === false && !this.#blind.has(pbx));
      if (!isNews) continue;
      if (is) this.#canTell = true;
      else this.#blind.add(pbx);
      this.#cost = undefined;
    }
  }
}

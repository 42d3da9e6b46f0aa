import { isDeepStrictEqual } from 'node:util';
import type { RtpCallMeasurement } from '../../wire/rtp-measurement.ts';
import { CostCalls } from './cost-calls.ts';
import { CostMedia } from './cost-media.ts';
import type { CostedCall, IncidentCost } from './incident-cost.ts';
import type { RecentCalls } from './recent-calls.ts';
import { NOTHING_TOUCHED, type Touched, touches } from './touched.ts';

/** What was counted before: by an earlier life of the hub, or before the verdict reopened; and from when to go on. */
export type CostBase = { readonly cost: IncidentCost; readonly fromMs: number };

/** What one verdict has cost so far. Mutable; times are hub time. */
export class CostAccount {
  #base: CostBase | undefined;
  /** From when calls were last to be counted; and from when those that are counted are all there were. */
  #fromMs: number | undefined;
  #completeFromMs = 0;
  #calls: CostCalls;
  #touched: Touched = NOTHING_TOUCHED;
  #touchedOf: { readonly places: string; readonly version: number } | undefined;
  #isTouchedNew = false;
  #clearedAtMs: number | undefined;
  #cost: IncidentCost | undefined;
  #canTell: boolean;
  readonly #blind: Set<string>;
  readonly #media: CostMedia | undefined;
  /** It goes on from what an earlier life of the hub had counted. */
  readonly isCarriedOn: boolean;

  /** @param hasMedia - false for a verdict that media of calls say nothing of; it may stay open for months. */
  constructor(hasMedia: boolean, base?: CostBase) {
    this.#base = base;
    this.isCarriedOn = base !== undefined;
    this.#calls = new CostCalls(base?.cost);
    this.#canTell = base?.cost.calls !== undefined;
    this.#blind = new Set(base?.cost.blindPbxes);
    this.#media = hasMedia ? new CostMedia(base?.cost.media) : undefined;
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
  isTouchedStale(places: string, version: number): boolean {
    return this.#touchedOf?.places !== places || this.#touchedOf.version !== version;
  }

  /**
   * Counts for these from now on; {@link recount} follows.
   *
   * @param version - of the declared paths.
   */
  touch(touched: Touched, places: string, version: number): void {
    this.#touchedOf = { places, version };
    if (isDeepStrictEqual(touched, this.#touched)) return;
    this.#touched = touched;
    this.#isTouchedNew = true;
    this.#media?.sumOver(touched);
    this.#cost = undefined;
  }

  /**
   * Counts anew from the beginning of the trouble where that or the touched paths are others now and every call since is still
   * remembered; else what is counted of the places named now stands, and goes on.
   */
  recount(beganAtMs: number, recent: RecentCalls): void {
    const fromMs = this.#base?.fromMs ?? beganAtMs;
    if ((fromMs === this.#fromMs && !this.#isTouchedNew) || this.#clearedAtMs !== undefined) return;
    const isFirst = this.#fromMs === undefined;
    this.#fromMs = fromMs;
    this.#isTouchedNew = false;
    this.#cost = undefined;
    if (!isFirst && !recent.reaches(fromMs)) {
      this.#calls.sumOver(this.#touched);
      return;
    }
    this.#completeFromMs = Math.max(fromMs, recent.completeFromMs);
    this.#calls = new CostCalls(this.#base?.cost);
    for (const call of recent.since(fromMs)) if (touches(this.#touched, call)) this.#calls.add(call);
  }

  /** A call of a touched PBX at a touched trunk has ended. */
  callEnded(call: CostedCall): void {
    if (this.#fromMs === undefined || this.#clearedAtMs !== undefined) return;
    if (call.atMs < this.#completeFromMs || !touches(this.#touched, call)) return;
    this.#calls.add(call);
    this.#cost = undefined;
  }

  /** Media of a call over an interval; after the verdict is cleared they tell only that the call is still up. */
  media(pbx: string, instanceId: string, measurement: RtpCallMeasurement, nowMs: number): void {
    const media = this.#media;
    if (!media || !touches(this.#touched, { pbx, trunk: measurement.trunk, edge: measurement.edge })) return;
    if (this.#clearedAtMs !== undefined) {
      media.addUncounted(pbx, instanceId, measurement, nowMs);
      return;
    }
    const before = media.total;
    media.add(pbx, instanceId, measurement, nowMs);
    if (media.total !== before) this.#cost = undefined;
  }

  /** Lets go of calls that have ended. */
  forget(nowMs: number): void {
    this.#media?.forget(nowMs);
  }

  /** The verdict is cleared: nothing more is counted. */
  close(clearedAtMs: number): void {
    this.#clearedAtMs = clearedAtMs;
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
    this.#cost ??= this.#calls.total.cost({
      fromMs: this.#base?.cost.fromMs ?? this.#completeFromMs,
      pbxes: this.#touched.pbxes.size,
      sites: this.#touched.sites.size,
      classes: classesOf(this.#touched.trunks),
      hasTrunks: this.#touched.edges.size > 0,
      canTell: this.#canTell,
      blindPbxes: [...this.#blind],
      media: this.#media?.total ?? { calls: 0, bad: 0 },
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

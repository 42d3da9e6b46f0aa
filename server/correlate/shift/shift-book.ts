import { medianOf, medianWithInterval, spreadOf } from './median.ts';
import type { ShiftRule } from './shift-rule.ts';

/**
 * What a lane says now. `none`: not learnt, stale, or so unsteady by itself that nothing can be told (safety rule 2); `unsure`: above
 * its reach of late, and it may be chance.
 */
export type LaneSays =
  | { readonly kind: 'none' | 'clean' }
  /** `sinceMs`: hub time of the first sample of the present run above the baseline. */
  | { readonly kind: 'unsure' | 'shifted'; readonly sinceMs: number };

/** A lane in figures: its baseline, and the median of the samples since the shift began with its 95 % interval. */
export type LaneFigures = {
  readonly usual: number;
  readonly spread: number;
  readonly now: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
};

/** Numbers of one lane: 64 bytes. */
const STRIDE = 8;
const MEDIAN = 0;
/** Median absolute deviation from it. */
const SPREAD = 1;
/** Share of samples above its reach while nothing is wrong, 0 to 1. */
const ABOVE = 2;
/** Sequential test: natural logarithm of the odds of a shift. */
const SCORE = 3;
const AT_MS = 4;
/** First sample above the reach of the present suspicion; 0 without one. */
const SINCE_MS = 5;
const IS_SHIFTED = 6;
/** 0 while the baseline is being learnt. */
const IS_LEARNT = 7;

/** Chance of a sample above the reach under a shift, and at least without one. */
const SHIFTED_ABOVE = 0.9;
const CLEAN_ABOVE = 0.05;
/** A lane that is above its own reach so often by itself tells nothing. */
const UNSTEADY_ABOVE = 0.4;
/** Bounds of the test: seven samples in a row raise it, eight take it back. */
const FLOOR = -9;
const RAISE = 9;
const CEILING = 12;
const CLEAR = -4.5;
/** Samples kept of a lane that is learning or under suspicion. */
const RECENT = 32;
/** The baseline follows by at most one spread in so long; a fall below what it scatters is followed within minutes. */
const FOLLOW_MS = 600_000;
const FALL_MS = 60_000;
const ABOVE_MS = 3_600_000;
/** A shift that has stood for so long is the new baseline. */
const SETTLED_MS = 6 * 3_600_000;

type Recent = { readonly atMs: number[]; readonly values: number[] };

/**
 * Baselines of many figures, each in 64 bytes, and a sequential test of each against its own: whether it is above its reach now
 * for longer than by chance. A baseline is a median with its median absolute deviation, learnt from the first samples and followed
 * slowly: a day's tide is taken along, a step is not. From the first doubt on it stands still until the shift is over.
 * Deterministic; mutable. Times are hub time.
 *
 * @see R. Fontugne et al., "Pinpointing delay and forwarding anomalies using large-scale traceroute measurements", IMC 2017
 *   (median and its order-statistic interval against a reference).
 */
export class ShiftBook {
  readonly #rule: ShiftRule;
  #lanes = new Float64Array(STRIDE * 64);
  #used = 0;
  readonly #free: number[] = [];
  readonly #recent = new Map<number, Recent>();
  readonly #shifted = new Set<number>();
  /** Lanes whose shift became the baseline, and when. */
  readonly #settled = new Map<number, number>();

  constructor(rule: ShiftRule) {
    this.#rule = rule;
  }

  /** True while a lane that is still fed is shifted. Costs nothing while all is well. */
  isAnyShifted(nowMs: number): boolean {
    return this.#shifted.values().some((lane) => this.#isFresh(lane, nowMs));
  }

  /** A new lane that knows nothing yet. */
  open(): number {
    const lane = this.#free.pop() ?? this.#used;
    if (lane === this.#used) {
      this.#used += 1;
      if (this.#used * STRIDE > this.#lanes.length) {
        const next = new Float64Array(this.#lanes.length * 2);
        next.set(this.#lanes);
        this.#lanes = next;
      }
    }
    this.#lanes.fill(0, lane * STRIDE, (lane + 1) * STRIDE);
    return lane;
  }

  /** Forgets a lane; its number may be given out again. */
  close(lane: number): void {
    this.#forget(lane);
    this.#settled.delete(lane);
    this.#free.push(lane);
  }

  /** Gives a lane a baseline that was learnt in an earlier life of the hub; one that has learnt its own keeps that. */
  recall(lane: number, usual: number, spread: number): void {
    const isFit = Number.isFinite(usual) && Number.isFinite(spread);
    if (!isFit || this.#get(lane, IS_LEARNT) === 1) return;
    this.#learnt(lane, usual, spread, 0);
  }

  /** Takes a sample of `atMs`, hub time. One older than the newest, or not a number, is passed over. */
  add(lane: number, atMs: number, value: number): void {
    const beforeMs = this.#get(lane, AT_MS);
    if (!Number.isFinite(value) || !(atMs > beforeMs)) return;
    this.#set(lane, AT_MS, atMs);
    if (this.#get(lane, IS_LEARNT) === 0) {
      this.#learn(lane, atMs, value);
      return;
    }
    const isAbove = value > this.#get(lane, MEDIAN) + this.#reach(lane);
    const isShifted = this.#get(lane, IS_SHIFTED) === 1;
    if (atMs - beforeMs >= this.#rule.staleMs) {
      if (isShifted) this.#resume(lane, atMs);
      else this.#forget(lane);
    }
    const score = Math.max(FLOOR, Math.min(CEILING, this.#get(lane, SCORE) + this.#weight(lane, isAbove)));
    this.#set(lane, SCORE, score);
    if (isAbove && this.#get(lane, SINCE_MS) === 0) this.#set(lane, SINCE_MS, atMs);
    if (this.#get(lane, SINCE_MS) > 0) this.#keep(lane, atMs, value);
    if (isShifted ? score <= CLEAR : score <= FLOOR) this.#forget(lane);
    else if (!isShifted && score >= RAISE) {
      this.#set(lane, IS_SHIFTED, 1);
      this.#shifted.add(lane);
    }
    if (this.#get(lane, IS_SHIFTED) === 1) this.#settle(lane, atMs);
    else if (score <= 0) this.#follow(lane, value, Math.max(0, atMs - beforeMs));
  }

  /** What a lane says as of `nowMs`. */
  says(lane: number, nowMs: number): LaneSays {
    if (!this.#isTelling(lane, nowMs)) return { kind: 'none' };
    const sinceMs = this.#get(lane, SINCE_MS);
    if (this.#get(lane, IS_SHIFTED) === 1) return { kind: this.#get(lane, SCORE) < 0 ? 'unsure' : 'shifted', sinceMs };
    return this.#get(lane, SCORE) <= CLEAR ? { kind: 'clean' } : { kind: 'unsure', sinceMs };
  }

  /** The same, from samples after `sinceMs` alone: two at least. */
  saysSince(lane: number, sinceMs: number, nowMs: number): LaneSays {
    if (!this.#isTelling(lane, nowMs) || this.#get(lane, AT_MS) <= sinceMs) return { kind: 'none' };
    const recent = this.#recent.get(lane);
    if (!recent) return { kind: 'clean' };
    const fresh = recent.values.filter((_, at) => (recent.atMs[at] ?? 0) > sinceMs);
    const beganMs = this.#get(lane, SINCE_MS);
    if (fresh.length < 2) return { kind: 'unsure', sinceMs: beganMs };
    const bound = this.#get(lane, MEDIAN) + this.#reach(lane);
    const above = fresh.filter((value) => value > bound).length;
    if (above * 2 <= fresh.length) return { kind: 'clean' };
    return { kind: 'shifted', sinceMs: beganMs };
  }

  /** Figures of a lane; of one without a suspicion the baseline stands for now too (`n` 0). Undefined before it has learnt. */
  figures(lane: number): LaneFigures | undefined {
    if (this.#get(lane, IS_LEARNT) === 0) return undefined;
    const usual = this.#get(lane, MEDIAN);
    const spread = this.#get(lane, SPREAD);
    const values = this.#recent.get(lane)?.values ?? [];
    const told = medianWithInterval(values) ?? { median: usual, low: usual, high: usual };
    return { usual, spread, now: told.median, low: told.low, high: told.high, n: values.length };
  }

  /** When a shift of this lane last became its baseline; undefined where none did. */
  settledAtMs(lane: number): number | undefined {
    return this.#settled.get(lane);
  }

  #isTelling(lane: number, nowMs: number): boolean {
    return this.#isFresh(lane, nowMs) && this.#get(lane, IS_LEARNT) === 1 && this.#get(lane, ABOVE) < UNSTEADY_ABOVE;
  }

  #isFresh(lane: number, nowMs: number): boolean {
    return nowMs - this.#get(lane, AT_MS) < this.#rule.staleMs;
  }

  #reach(lane: number): number {
    const { leastRatio, leastShift, spreads } = this.#rule;
    return Math.max(leastShift, leastRatio * this.#get(lane, MEDIAN), spreads * this.#get(lane, SPREAD));
  }

  #weight(lane: number, isAbove: boolean): number {
    const clean = Math.max(CLEAN_ABOVE, Math.min(0.6, 1.3 * this.#get(lane, ABOVE)));
    return isAbove ? Math.log(SHIFTED_ABOVE / clean) : Math.log((1 - SHIFTED_ABOVE) / (1 - clean));
  }

  #learn(lane: number, atMs: number, value: number): void {
    this.#keep(lane, atMs, value);
    const values = this.#recent.get(lane)?.values ?? [];
    if (values.length < this.#rule.learnSamples) return;
    const median = medianOf(values);
    this.#learnt(lane, median, spreadOf(values, median), 0);
    const bound = median + this.#reach(lane);
    this.#set(lane, ABOVE, values.filter((each) => each > bound).length / values.length);
  }

  #learnt(lane: number, median: number, spread: number, above: number): void {
    this.#forget(lane);
    this.#set(lane, MEDIAN, median);
    this.#set(lane, SPREAD, Math.max(this.#rule.leastSpread, spread));
    this.#set(lane, ABOVE, above);
    this.#set(lane, IS_LEARNT, 1);
  }

  #follow(lane: number, value: number, elapsedMs: number): void {
    const median = this.#get(lane, MEDIAN);
    const spread = this.#get(lane, SPREAD);
    const reach = this.#reach(lane);
    const rate = Math.min(0.05, elapsedMs / FOLLOW_MS);
    const isFall = value < median - this.#rule.spreads * spread;
    const step = isFall ? reach * Math.min(0.2, elapsedMs / FALL_MS) : spread * rate;
    const next = value > median ? Math.min(value, median + step) : Math.max(value, median - step);
    this.#set(lane, MEDIAN, next);
    const isWide = Math.abs(value - median) > spread;
    if (!isFall) this.#set(lane, SPREAD, Math.max(this.#rule.leastSpread, spread * (isWide ? 1 + rate : 1 - rate)));
    const above = this.#get(lane, ABOVE);
    const isAbove = value > median + reach ? 1 : 0;
    this.#set(lane, ABOVE, above + (isAbove - above) * Math.min(0.05, elapsedMs / ABOVE_MS));
  }

  #settle(lane: number, atMs: number): void {
    if (atMs - this.#get(lane, SINCE_MS) < SETTLED_MS) return;
    const values = this.#recent.get(lane)?.values ?? [];
    const median = medianOf(values);
    this.#learnt(lane, median, spreadOf(values, median), 0);
    this.#settled.set(lane, atMs);
  }

  #keep(lane: number, atMs: number, value: number): void {
    const recent = this.#recent.get(lane) ?? { atMs: [], values: [] };
    this.#recent.set(lane, recent);
    recent.atMs.push(atMs);
    recent.values.push(value);
    if (recent.values.length <= Math.max(RECENT, this.#rule.learnSamples)) return;
    recent.atMs.shift();
    recent.values.shift();
  }

  /** A shifted lane is fed again after a gap, of which nobody knows: whether it still is shifted, and since when, samples from now on say. */
  #resume(lane: number, atMs: number): void {
    this.#recent.delete(lane);
    this.#set(lane, SINCE_MS, atMs);
    this.#set(lane, SCORE, 0);
  }

  /** Ends a suspicion or a shift; the baseline stays. */
  #forget(lane: number): void {
    this.#recent.delete(lane);
    this.#shifted.delete(lane);
    this.#set(lane, SINCE_MS, 0);
    this.#set(lane, IS_SHIFTED, 0);
    this.#set(lane, SCORE, FLOOR);
  }

  #get(lane: number, field: number): number {
    return this.#lanes[lane * STRIDE + field] ?? 0;
  }

  #set(lane: number, field: number, value: number): void {
    this.#lanes[lane * STRIDE + field] = value;
  }
}

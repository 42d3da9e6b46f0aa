import type { PathRef } from '../../../server/paths/path-health.ts';
import type { Random } from '../../support/seeded.ts';

/** Bursts of a mean length, so often on each way, by 20 to 80 ms. */
export type BurstPlan = { readonly everyS: number; readonly meanS: number };

const LEAST_MS = 20;
const SPREAD_MS = 60;

/** Stretches in which single ways are slow by themselves. Both directions between two PBXs are one way. */
export class RttBursts {
  readonly #plan: BurstPlan | undefined;
  readonly #random: Random;
  readonly #wayOf: readonly string[];
  readonly #untilS = new Map<string, number>();
  readonly #addedMs = new Map<string, number>();
  /** Name of each way once. */
  readonly ways: readonly string[];
  /** How many there were. */
  count = 0;

  constructor(refs: readonly PathRef[], plan: BurstPlan | undefined, random: Random) {
    this.#plan = plan;
    this.#random = random;
    this.#wayOf = refs.map(({ end, pbx, target }) => {
      if (end.kind !== 'peer') return `${pbx}>${target}`;
      return pbx < end.pbx ? `${pbx}~${end.pbx}` : `${end.pbx}~${pbx}`;
    });
    this.ways = [...new Set(this.#wayOf)];
  }

  /** Way of a path, by its index. */
  wayOf(index: number): string {
    return this.#wayOf[index] ?? '';
  }

  /** Lets the second `atS` begin. */
  second(atS: number): void {
    const plan = this.#plan;
    if (!plan) return;
    for (const way of this.ways) {
      if (this.#random() >= 1 / plan.everyS) continue;
      this.count += 1;
      this.#untilS.set(way, atS - plan.meanS * Math.log(1 - this.#random()));
      this.#addedMs.set(way, LEAST_MS + SPREAD_MS * this.#random());
    }
  }

  /** What a path is slower by at `atS`, milliseconds. */
  addedMs(index: number, atS: number): number {
    const way = this.wayOf(index);
    return (this.#untilS.get(way) ?? -1) > atS ? (this.#addedMs.get(way) ?? 0) : 0;
  }
}

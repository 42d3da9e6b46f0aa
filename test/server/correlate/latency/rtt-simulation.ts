import type { CorrelateState, Correlation } from '../../../../server/correlate/correlate.ts';
import { correlate, NOTHING_CORRELATED } from '../../../../server/correlate/correlate.ts';
import { LatencyBook } from '../../../../server/correlate/latency/latency-book.ts';
import type { PathRef } from '../../../../server/paths/path-health.ts';
import type { SipOptionsMeasurement } from '../../../../wire/measurement.ts';
import type { Random } from '../../../support/seeded.ts';
import { fixedEvidence } from '../loss-simulation.ts';

/** What one path's round trips are like: a base, and above it a queue whose length is lognormal. Milliseconds. */
export type RttModel = { readonly baseMs: number; readonly queueMs: number; readonly sigma: number };

/** Bounds of the median queue of a path, milliseconds. */
export type QueueRange = readonly [number, number];

/** Paths as they are between data centres. */
export const CALM_QUEUES: QueueRange = [0.5, 4];
/** Paths that scatter by themselves, as over DSL or radio. */
export const SCATTERING_QUEUES: QueueRange = [4, 16];

/** A model drawn for one path: 5 to 120 ms, and a queue. */
export function drawnModel(random: Random, [least, most]: QueueRange): RttModel {
  return { baseMs: 5 + 115 * random(), queueMs: least + (most - least) * random(), sigma: 0.6 };
}

/** One round trip; the queue's tail reaches several times its median. */
export function drawRttMs({ baseMs, queueMs, sigma }: RttModel, random: Random): number {
  return baseMs + queueMs * Math.exp(sigma * normal(random));
}

/** A normal deviate (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** An OPTIONS attempt that was answered. */
export function answeredIn(target: string, rttMs: number): SipOptionsMeasurement {
  const outcome = { kind: 'answered', rttMs, statusCode: 200 } as const;
  return { kind: 'sip-options', target, sequence: 0, schedule: 'liveness', sentAtMs: 0, outcome };
}

/** A fleet whose every path answers once a second, judged through the correlate stage. No attempt is lost. */
export class RttFleet {
  readonly book = new LatencyBook();
  readonly models: readonly RttModel[];
  readonly #refs: readonly PathRef[];
  readonly #random: Random;
  #paths;
  #isSilent = false;
  /** Round trips of the last second, in the order of the paths. */
  readonly latest: number[] = [];
  state: CorrelateState = NOTHING_CORRELATED;
  nowMs = 1_000_000;

  constructor(refs: readonly PathRef[], random: Random, queues: QueueRange = CALM_QUEUES) {
    this.#refs = refs;
    this.#random = random;
    this.models = refs.map(() => drawnModel(random, queues));
    this.#paths = refs.map((ref) => fixedEvidence(ref, { sent: 60, lost: 0 }));
  }

  /** Has no path answer any more, and judges them unknown; or ends that. */
  silence(isSilent: boolean): void {
    this.#isSilent = isSilent;
    const state = isSilent ? 'unknown' : 'healthy';
    this.#paths = this.#refs.map((ref) => fixedEvidence(ref, { sent: 60, lost: 0 }, { state }));
  }

  /** Lets a second pass; `addedMs` is what a path has on top of its own. */
  second(addedMs: (ref: PathRef, index: number) => number): void {
    this.nowMs += 1000;
    if (this.#isSilent) return;
    this.#refs.forEach((ref, index) => {
      const model = this.models[index];
      if (model === undefined) return;
      const rttMs = drawRttMs(model, this.#random) + addedMs(ref, index);
      this.latest[index] = rttMs;
      this.book.add(ref.pbx, answeredIn(ref.target, rttMs), this.nowMs);
    });
  }

  /** One pass of correlation now. */
  pass(): Correlation {
    const pass = correlate(this.state, { paths: this.#paths, nowMs: this.nowMs, latency: { view: this.book } });
    this.state = pass.state;
    return pass;
  }
}

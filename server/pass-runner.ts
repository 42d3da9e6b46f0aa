import { performance } from 'node:perf_hooks';
import type { PbxModes } from '../wire/plan.ts';
import type { Engine } from './engine.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import type { PassResult } from './pass-result.ts';
import { finish, type Steps } from './steps.ts';

/** What passes are made with. */
export type PassParts = {
  readonly engine: Pick<Engine, 'passSteps'>;
  readonly modesOf: (pbx: string) => PbxModes;
  readonly metrics: HubMetrics;
  /** Hub time. */
  readonly nowMs: () => number;
  /** Carries out what a pass says, in steps too. `beganAtMs` is the hub time that the pass is of. */
  readonly follow: (pass: PassResult, beganAtMs: number) => Steps<void>;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** A pass holds the event loop so long at most, but for a single step; then frames, timers and sockets have their turn. */
const SLICE_MS = 8;
/** A pass rests for as long as the one before it took, but for no longer than this. */
const LONGEST_REST_MS = 1000;

/**
 * Makes one pass of the engine after the other, with all that follows from it, in slices between which the hub takes frames.
 * Passes never overlap: one asked for during another begins when that is over and, unless it was a short one, as long after it
 * as it took. So when thousands of probes come back at once, and each hello asks for a pass, half the time is left to them.
 */
export class PassRunner {
  readonly #parts: PassParts;
  #waiting: (() => void)[] = [];
  #isDue = false;
  #running: { readonly steps: Steps<void>; readonly waiting: readonly (() => void)[] } | undefined;
  #isStopped = false;
  /** Begins the pass that is due once the rest is over. */
  #rest: NodeJS.Timeout | undefined;
  #latest: PassResult | undefined;

  constructor(parts: PassParts) {
    this.#parts = parts;
  }

  /** Result of the latest pass. */
  get latest(): PassResult | undefined {
    return this.#latest;
  }

  /** Asks for a pass; asked several times before it begins, it is one. */
  soon(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    if (!this.#running && !this.#rest) setImmediate(() => this.#begin());
  }

  /** A pass that begins after this call. Settles when it is over and carried out, or when passes are stopped. */
  async next(): Promise<void> {
    if (this.#isStopped) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.soon();
    });
  }

  /**
   * Makes no further pass. One under way is finished in one go: what the engine has decided is told and journaled before its
   * memory is saved (safety rules 7 and 9).
   */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#rest);
    const running = this.#running;
    this.#running = undefined;
    if (running) {
      try {
        finish(running.steps);
      } catch (cause) {
        this.#parts.onFault('pass', cause);
      }
    }
    for (const resolve of [...(running?.waiting ?? []), ...this.#waiting]) resolve();
    this.#waiting = [];
  }

  #begin(): void {
    if (this.#isStopped) return;
    this.#isDue = false;
    const steps = this.#pass();
    this.#running = { steps, waiting: this.#waiting };
    this.#waiting = [];
    this.#slice(steps, 0);
  }

  *#pass(): Steps<void> {
    const { engine, follow, modesOf, nowMs } = this.#parts;
    const beganAtMs = nowMs();
    const pass = yield* engine.passSteps(modesOf, beganAtMs);
    this.#latest = pass;
    yield;
    yield* follow(pass, beganAtMs);
  }

  #restFor(restMs: number): void {
    if (restMs < SLICE_MS) {
      if (this.#isDue) setImmediate(() => this.#begin());
      return;
    }
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      if (this.#isDue) this.#begin();
    }, restMs);
  }

  #slice(steps: Steps<void>, spentMs: number): void {
    if (this.#isStopped) return;
    const beganAtMs = performance.now();
    let isOver = false;
    try {
      do isOver = steps.next().done === true;
      while (!isOver && performance.now() - beganAtMs < SLICE_MS);
    } catch (cause) {
      isOver = true;
      this.#parts.onFault('pass', cause);
    }
    const tookMs = performance.now() - beganAtMs;
    this.#parts.metrics.observe('enginePassSliceSeconds', tookMs / 1000);
    if (!isOver) {
      setImmediate(() => this.#slice(steps, spentMs + tookMs));
      return;
    }
    this.#parts.metrics.observe('enginePassSeconds', (spentMs + tookMs) / 1000);
    const waiting = this.#running?.waiting ?? [];
    this.#running = undefined;
    for (const resolve of waiting) resolve();
    this.#restFor(Math.min(LONGEST_REST_MS, spentMs + tookMs));
  }
}

import type { Measurement } from '../../wire/measurement.ts';
import type { HelloFrame } from '../../wire/probe-frames.ts';
import { finish, type Steps } from '../steps.ts';
import type { AssignPbx } from './asked-edge.ts';
import { AskerBook } from './asker-book.ts';
import { type AssignmentPlan, type AssignPolicy, NOTHING_ASSIGNED, planAssignmentSteps } from './assignment-plan.ts';

/** No two elections within so long: probes that come together are assigned together. */
const SETTLE_MS = 1000;

/** The next election waits at least so many times as long as the last one took. */
const REST_FACTOR = 10;

/**
 * When to elect anew who asks whom, and the plan in force. One for a live hub and for a replay, which has the same plans at
 * the same times. Hub time throughout.
 */
export class Elections {
  readonly #policy: AssignPolicy;
  readonly #costClockMs: () => number;
  readonly #book: AskerBook;
  #plan: AssignmentPlan = NOTHING_ASSIGNED;
  #isDue = false;
  #conditions = '';
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  /** @param costClockMs - tells how long an election takes; one that stands still makes none too dear. */
  constructor(policy: AssignPolicy, costClockMs: () => number) {
    this.#policy = policy;
    this.#costClockMs = costClockMs;
    this.#book = new AskerBook(policy.siteOf);
  }

  /** Who asks whom now. */
  get plan(): AssignmentPlan {
    return this.#plan;
  }

  /** The PBXs as they are known now. */
  pbxes(nowMs: number): readonly AssignPbx[] {
    return this.#book.input(nowMs).pbxes;
  }

  /** A probe has said hello. */
  hello(pbx: string, hello: Pick<HelloFrame, 'targets' | 'abilities'>): void {
    this.#book.hello(pbx, hello);
    this.#isDue = true;
  }

  /** It watches other targets now. */
  retarget(pbx: string, targets: HelloFrame['targets']): void {
    this.#book.retarget(pbx, targets);
    this.#isDue = true;
  }

  /** Its connection is gone. */
  gone(pbx: string, nowMs: number): void {
    this.#book.gone(pbx, nowMs);
  }

  /** Looks for the PBX's own qualify in a batch. */
  measured(pbx: string, measurements: readonly Measurement[]): void {
    for (const measurement of measurements) {
      if (measurement.kind === 'qualify' && this.#book.qualify(pbx, measurement)) this.#isDue = true;
    }
  }

  /**
   * Lets time pass: about once a second.
   *
   * @param sick - PBXs whose probe abstains now.
   * @returns the plan before, where another has come into force.
   */
  tick(sick: ReadonlySet<string>, nowMs: number): AssignmentPlan | undefined {
    return finish(this.tickSteps(sick, nowMs));
  }

  /** {@link tick} in steps, one at a time; what becomes known between them is for the next. */
  *tickSteps(sick: ReadonlySet<string>, nowMs: number): Steps<AssignmentPlan | undefined> {
    for (const pbx of this.#policy.siteOf.keys()) this.#book.sickness(pbx, sick.has(pbx), nowMs);
    const conditions = this.#book.conditions(nowMs);
    if (conditions !== this.#conditions) this.#isDue = true;
    this.#conditions = conditions;
    if (!this.#isDue || nowMs < this.#notBeforeMs) return undefined;
    this.#isDue = false;
    const beganAtMs = this.#costClockMs();
    const before = this.#plan;
    const input = this.#book.input(nowMs);
    yield;
    this.#plan = yield* planAssignmentSteps(before, this.#policy, input);
    this.#notBeforeMs = nowMs + Math.max(SETTLE_MS, REST_FACTOR * (this.#costClockMs() - beganAtMs));
    return before;
  }
}

import { AskerBook } from '../assign/asker-book.ts';
import {
  type AssignmentPlan,
  type AssignPolicy,
  NOTHING_ASSIGNED,
  planAssignments,
} from '../assign/assignment-plan.ts';
import type { RecordedLine } from './recording-line.ts';

/** As in a live hub: probes that come together are assigned together. */
const SETTLE_MS = 1000;

/**
 * Who asks whom in a replay, elected from the recorded frames as the hub that took them in would have: a path's health
 * depends on how often it is asked, and on who stands for it.
 */
export class ReplayedDuties {
  readonly #policy: AssignPolicy;
  readonly #book: AskerBook;
  #plan: AssignmentPlan = NOTHING_ASSIGNED;
  #conditions = '';
  #isDue = false;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(policy: AssignPolicy) {
    this.#policy = policy;
    this.#book = new AskerBook(policy.siteOf);
  }

  /** Takes a line in. */
  take(line: RecordedLine): void {
    const { pbx } = line;
    if ('gone' in line) {
      this.#book.gone(pbx, line.receivedAtEpochMs);
      return;
    }
    const { frame } = line;
    if (frame.type === 'hello') this.#book.hello(pbx, frame);
    if (frame.type === 'targets') this.#book.retarget(pbx, frame.targets);
    if (frame.type === 'hello' || frame.type === 'targets') this.#isDue = true;
    if (frame.type !== 'batch') return;
    for (const measurement of frame.measurements) {
      if (measurement.kind === 'qualify' && this.#book.qualify(pbx, measurement)) this.#isDue = true;
    }
  }

  /**
   * Lets time pass, once a second.
   *
   * @returns the plan where another has come into force.
   */
  tick(sick: ReadonlySet<string>, nowMs: number): AssignmentPlan | undefined {
    for (const pbx of this.#policy.siteOf.keys()) this.#book.sickness(pbx, sick.has(pbx), nowMs);
    const conditions = this.#book.conditions(nowMs);
    if (conditions !== this.#conditions) this.#isDue = true;
    this.#conditions = conditions;
    if (!this.#isDue || nowMs < this.#notBeforeMs) return undefined;
    this.#isDue = false;
    this.#notBeforeMs = nowMs + SETTLE_MS;
    this.#plan = planAssignments(this.#plan, this.#policy, this.#book.input(nowMs));
    return this.#plan;
  }
}

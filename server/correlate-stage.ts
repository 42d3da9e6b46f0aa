import { type CorrelateState, correlateSteps, NOTHING_CORRELATED, recallVerdicts } from './correlate/correlate.ts';
import type { CostBook, Told } from './correlate/cost-book.ts';
import type { ShiftBooks } from './correlate/shift/shift-books.ts';
import type { DeclaredRefs } from './correlate/touched.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { PathTable } from './paths/path-table.ts';
import type { QualityTable } from './paths/quality/quality-table.ts';
import type { Steps } from './steps.ts';

/** What verdicts rest on; all of it is the engine's. */
export type CorrelateGround = {
  readonly paths: Pick<PathTable, 'evidence' | 'watched'>;
  readonly quality: Pick<QualityTable, 'counts' | 'callLosses'>;
  readonly shifts: Pick<ShiftBooks, 'inputs' | 'recall'>;
  readonly costs: Pick<CostBook, 'priced' | 'restore'>;
  /** Least quiet before a verdict clears, milliseconds. */
  readonly minQuietMs: number;
};

/** The correlate stage of the engine with its memory: whose fault, and what it costs. Mutable, free of I/O. Times are hub time. */
export class CorrelateStage {
  readonly #ground: CorrelateGround;
  #state: CorrelateState = NOTHING_CORRELATED;
  #open: readonly Verdict[] = [];

  constructor(ground: CorrelateGround) {
    this.#ground = ground;
  }

  /** Every verdict that was open after the latest pass. */
  get open(): readonly Verdict[] {
    return this.#open;
  }

  /** Takes over the verdicts that an earlier life of the hub left open, and those it cleared within a day. */
  recall(verdicts: readonly Verdict[], nowMs: number): void {
    const { costs, shifts } = this.#ground;
    this.#state = recallVerdicts(verdicts, nowMs);
    shifts.recall(verdicts.filter(({ clearedAtMs }) => clearedAtMs === undefined));
    costs.restore(verdicts);
  }

  /** One pass, in steps. */
  *steps(declared: DeclaredRefs, nowMs: number): Steps<Told> {
    const { costs, minQuietMs, paths, quality, shifts } = this.#ground;
    const found = yield* correlateSteps(this.#state, {
      paths: yield* paths.evidence(this.#isAnyOpen()),
      nowMs,
      minQuietMs,
      mediaCounts: (key, direction, sinceMs) => quality.counts(key, direction, sinceMs),
      callCounts: (key, sinceMs) => quality.callLosses(key, sinceMs),
      ...shifts.inputs(() => paths.watched()),
    });
    this.#state = found.state;
    yield;
    const told = yield* costs.priced(found, declared, nowMs);
    this.#open = told.open;
    return told;
  }

  #isAnyOpen(): boolean {
    const { incidents, latency, media, silentPaths } = this.#state;
    return silentPaths.size > 0 || [incidents, latency.incidents, media.incidents].some(({ open }) => open.length > 0);
  }
}

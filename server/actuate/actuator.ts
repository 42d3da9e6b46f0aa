import type { ClassResult } from '../../wire/plan.ts';
import type { NewJournalEntry } from '../store/journal-store.ts';

/** Where a decision takes effect. */
export type ActuatorName = 'astdb' | 'pjsip' | 'kamailio' | 'webhook' | 'exec';

/**
 * What became of one act, as the other side was read back or answered. `refused` will be refused again; `failed` may go well
 * later; `observed`: said, not done; `drifted`: it held once, and somebody has changed it since.
 */
export type ActOutcome = ClassResult['outcome'] | 'drifted' | 'dead-letter';

/** One act that is over. */
export type ActReport = {
  readonly actuator: ActuatorName;
  readonly outcome: ActOutcome;
  /** What it was about, for the journal: `national on fra-1`, the name of a webhook. */
  readonly about: string;
  readonly reason?: string;
};

/**
 * One way of carrying decisions out. The steps are the same for all: `propose` says why, the caller has that on disk, `apply`
 * begins and returns at once, and when the other side has been read back (or has answered) a report is made. An actuator
 * waits for nobody, and nobody for it.
 */
export type Actuator<Order> = {
  readonly name: ActuatorName;
  /** What must stand in the journal before `apply` (safety rule 7); at least one entry. */
  readonly propose: (order: Order) => readonly NewJournalEntry[];
  /** Begins to carry the order out. @returns false where there is no way to the other side now, and nothing was begun. */
  readonly apply: (order: Order) => boolean;
};

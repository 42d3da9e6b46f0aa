import type { SentOptions } from './options-transaction.ts';

/** An attempt that is over, remembered so that a reply to it can be told from one to nothing of ours. */
export type EndedAttempt<Target> = {
  readonly sent: SentOptions;
  readonly target: Target;
  /** It ended by an answer, so another one is a duplicate and not late. */
  readonly wasAnswered: boolean;
};

/** 64 × T1: no answer that RFC 3261 allows comes later. */
const MEMORY_MS = 32_000;
const MAX_REMEMBERED = 16_384;

/** Ended attempts by branch, oldest first: at most 16,384, and none older than 32 s after the next one is added. */
export class EndedAttempts<Target> {
  readonly #byBranch = new Map<string, EndedAttempt<Target>>();

  /** Remembers an attempt that has just ended. */
  add(attempt: EndedAttempt<Target>, nowMs: number): void {
    this.#byBranch.set(attempt.sent.branch, attempt);
    for (const [branch, { sent }] of this.#byBranch) {
      if (this.#byBranch.size <= MAX_REMEMBERED && nowMs - sent.sentAtMs <= MEMORY_MS) return;
      this.#byBranch.delete(branch);
    }
  }

  /** The attempt of that branch, if it is still remembered. */
  find(branch: string): EndedAttempt<Target> | undefined {
    return this.#byBranch.get(branch);
  }
}

import type { Verdict } from './verdict.ts';

/** What a pass changes for those who follow verdicts. A reopened verdict is opened again under its old id. */
export type VerdictEffect = {
  readonly kind: 'verdict-opened' | 'verdict-updated' | 'verdict-cleared';
  readonly verdict: Verdict;
};

import type { Steps } from '../steps.ts';
import { type Finding, isConfirmed } from './finding.ts';
import { lossVerdict, type VerdictFrame } from './loss-verdict.ts';
import { type Calm, judgeCalm, type Trouble } from './quiet.ts';
import type { Sight } from './sight.ts';
import type { Verdict } from './verdict.ts';

/** What differs in the life of a verdict by what it is about; opening, update, merge, hold and reopening are the same for all. */
export type SymptomRules = {
  readonly symptom: Verdict['symptom'];
  /** Whether figures since `sinceMs` alone say the same. */
  readonly isConfirmed: (sight: Sight, finding: Finding, sinceMs: number) => Steps<boolean>;
  /** Whether an open trouble is over. */
  readonly calm: (trouble: Trouble, sight: Sight) => Calm;
  readonly verdict: (sight: Sight, finding: Finding, frame: VerdictFrame) => Verdict;
};

/** Loss of OPTIONS. */
export const LOSS_RULES: SymptomRules = {
  symptom: 'loss',
  isConfirmed,
  calm: (trouble, { minQuietMs, nowMs }) => judgeCalm(trouble, nowMs, minQuietMs),
  verdict: lossVerdict,
};

import { LOSS_TEST_POLICY, type LossTestPolicy } from './loss-test.ts';
import type { SickPolicy } from './sick-rule.ts';

/** Settings of the paths stage; times in milliseconds. */
export type PathPolicy = {
  /** Window of the shown loss and round trips, at most 300,000. */
  readonly windowMs: number;
  /** A probe silent for so long leaves all its paths unknown. */
  readonly staleAfterMs: number;
  /** A path without a settled OPTIONS for so long is unknown although its probe speaks; above the slowest probe interval. */
  readonly pathStaleAfterMs: number;
  readonly lossTest: LossTestPolicy;
  readonly sick: SickPolicy;
};

/** Defaults; the configuration file overrides some. */
export const PATH_POLICY: PathPolicy = {
  windowMs: 60_000,
  staleAfterMs: 10_000,
  pathStaleAfterMs: 60_000,
  lossTest: LOSS_TEST_POLICY,
  sick: { sickEventLoopMs: 100, sickEventLoopMaxMs: 1000, sickSelfProbeMs: 100, sickForMs: 10_000 },
};

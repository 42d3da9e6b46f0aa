/** What the sequential test tells apart, and how sure it must be; scores are log-likelihood ratios in nats. */
export type LossTestPolicy = {
  /** Loss that is taken as clean, 0 to 1. */
  readonly cleanRatio: number;
  /** Loss that must be noticed, 0 to 1, above `cleanRatio`. */
  readonly lossyRatio: number;
  /** Score that raises. */
  readonly raiseScore: number;
  /** Score of the opposite test that clears. */
  readonly clearScore: number;
};

/**
 * 1 % against 10 %, threshold 9 both ways. At 10 % loss half of all paths are raised within about 55 samples and 99 % within
 * about 180; at 0 % loss clearing takes 95 samples, at 1 % about 125.
 */
export const LOSS_TEST_POLICY: LossTestPolicy = { cleanRatio: 0.01, lossyRatio: 0.1, raiseScore: 9, clearScore: 9 };

/** State of the test of one path. While raised only `clearing` moves, otherwise only `raising`. */
export type LossTest = { readonly isRaised: boolean; readonly raising: number; readonly clearing: number };

/** No sample seen: not raised. */
export const FRESH_LOSS_TEST: LossTest = { isRaised: false, raising: 0, clearing: 0 };

/**
 * Folds one unbiased sample into the test: Page's CUSUM of the log-likelihood ratio, one to raise and a separate one in
 * the other direction to clear, so that a path between the two ratios keeps the state it has.
 *
 * @see E. S. Page (1954), "Continuous inspection schemes", Biometrika 41; A. Wald (1945) for the ratio.
 */
export function addLossSample(test: LossTest, isLost: boolean, policy: LossTestPolicy = LOSS_TEST_POLICY): LossTest {
  const { cleanRatio, lossyRatio } = policy;
  const gain = isLost ? Math.log(lossyRatio / cleanRatio) : Math.log((1 - lossyRatio) / (1 - cleanRatio));
  if (!test.isRaised) {
    const raising = Math.max(0, test.raising + gain);
    return raising >= policy.raiseScore
      ? { isRaised: true, raising, clearing: 0 }
      : { isRaised: false, raising, clearing: 0 };
  }
  const clearing = Math.max(0, test.clearing - gain);
  return clearing >= policy.clearScore ? FRESH_LOSS_TEST : { ...test, clearing };
}

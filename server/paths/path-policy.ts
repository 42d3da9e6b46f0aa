import { type AliveCodes, aliveCodes, DEFAULT_ALIVE_CODES } from './alive-codes.ts';
import { LOSS_TEST_POLICY, type LossTestPolicy } from './loss-test.ts';
import type { SickPolicy } from './sick-rule.ts';

/** Settings of the paths stage; times in milliseconds. */
export type PathPolicy = {
  /** Window of the shown loss and round trips, at most 300,000. */
  readonly windowMs: number;
  /** A probe silent for so long leaves all its paths unknown. */
  readonly staleAfterMs: number;
  /**
   * A path without a settled OPTIONS for so long is unknown although its probe speaks; longer where the hub itself has
   * assigned a slow pace.
   */
  readonly pathStaleAfterMs: number;
  readonly lossTest: LossTestPolicy;
  readonly sick: SickPolicy;
  /** By provider: which replies say that its service is there; of others and of peers those of the default do. */
  readonly aliveCodes: ReadonlyMap<string, AliveCodes>;
};

const DEFAULT_ALIVE = aliveCodes(DEFAULT_ALIVE_CODES);

/** What says that the service is there, at a provider or (undefined) at a peer. */
export function aliveCodesOf(policy: PathPolicy, provider: string | undefined): AliveCodes {
  return (provider === undefined ? undefined : policy.aliveCodes.get(provider)) ?? DEFAULT_ALIVE;
}

/** Defaults; the configuration file overrides some. */
export const PATH_POLICY: PathPolicy = {
  windowMs: 60_000,
  staleAfterMs: 10_000,
  pathStaleAfterMs: 60_000,
  lossTest: LOSS_TEST_POLICY,
  sick: { sickEventLoopMs: 100, sickEventLoopMaxMs: 1000, sickSelfProbeMs: 100, sickForMs: 10_000 },
  aliveCodes: new Map(),
};

import type { PathHealth } from '../paths/path-health.ts';
import type { Evidence } from './edge-evidence.ts';
import type { PbxTrunk } from './route-input.ts';
import type { TrunkTier } from './trunk-tier.ts';

/** A trunk at one PBX as its probes show it, whatever the class. */
export type TrunkLook = {
  readonly of: PbxTrunk;
  readonly evidence: Evidence;
  /** With the score that its paths alone give it. */
  readonly tier: TrunkTier;
  readonly healths: readonly PathHealth[];
  /** It was never in trouble here. */
  readonly isUnblemished: boolean;
};

import Type, { type Static } from 'typebox';
import { PackCost } from './evidence-pack.ts';

const { fromEpochMs, newestAtEpochMs, ...counts } = PackCost.properties;

/** A cost as it lies in the store with a verdict. */
export const KeptCost = Type.Object({ fromMs: fromEpochMs, newestAtMs: newestAtEpochMs, ...counts });

/** The cost as a pack holds it. */
export function packCost({ fromMs, newestAtMs, ...cost }: Static<typeof KeptCost>): PackCost {
  const { blindPbxes, calls, classes, media, noCalls, pbxes, sites } = cost;
  return {
    fromEpochMs: fromMs,
    ...(newestAtMs !== undefined && { newestAtEpochMs: newestAtMs }),
    pbxes,
    sites,
    classes,
    ...(calls && { calls }),
    ...(media && { media }),
    ...(noCalls !== undefined && { noCalls }),
    blindPbxes,
  };
}

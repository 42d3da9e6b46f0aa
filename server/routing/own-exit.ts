import type { Verdict } from '../correlate/verdict.ts';
import { type Evidence, isSeenLossy } from './edge-evidence.ts';
import type { PbxRouteInput } from './route-input.ts';
import type { TrunkLook } from './trunk-look.ts';

/** What is seen of one trunk. */
export type SeenTrunk = Pick<TrunkLook, 'of' | 'evidence' | 'healths'>;

/**
 * What a verdict on the PBX's own site means for its trunks: those that leave by the site's own way out, and that this PBX itself sees lossy, give way to a
 * trunk that leaves by another (another source address, a trunk of another site), where one is seen clean. No other PBX is moved and
 * no provider accused: a `site` verdict never demotes a provider elsewhere (safety rule 3). Without such a trunk nothing changes.
 *
 * @returns the trunks in their order, with the evidence that counts.
 */
export function besideOwnExit(
  seen: readonly SeenTrunk[],
  { site }: Pick<PbxRouteInput, 'site'>,
  verdicts: readonly Verdict[],
): readonly SeenTrunk[] {
  const verdict = verdicts.find(
    ({ certainty, place }) => certainty === 'named' && place.kind === 'site' && place.site === site,
  );
  if (!verdict || !seen.some(({ evidence, of }) => of.exit !== undefined && isClean(evidence))) return seen;
  return seen.map((each) => {
    const { evidence, healths, of } = each;
    const isHit = of.exit === undefined && evidence.kind === 'good' && healths.length > 0 && healths.every(isLossy);
    if (!isHit) return each;
    const lossRatio = Math.max(verdict.lossInsideRatio, Math.min(...healths.map(({ options }) => options.lossRatio)));
    const reason = `${of.trunk} leaves by the way out of ${site}: ${verdict.sentence}`;
    return { ...each, evidence: { kind: 'degraded', verdictId: verdict.verdictId, reason, lossRatio } };
  });
}

function isLossy(health: SeenTrunk['healths'][number]): boolean {
  return health.state === 'degraded' || isSeenLossy(health);
}

function isClean(evidence: Evidence): boolean {
  return evidence.kind === 'good' && evidence.isClean;
}

import type { KindEvidence } from '../verdict.ts';
import { type KindEvents, pooledKind } from './kind-events.ts';
import { isKindLossy } from './window-losses.ts';

/**
 * Sums of each kind that has figures of a place.
 *
 * @param insideIndices - paths of the place.
 */
export function kindTotals(kinds: readonly KindEvents[], insideIndices: readonly number[]): readonly KindEvidence[] {
  return kinds.flatMap((each) => {
    const inside = pooledKind(each, insideIndices);
    if (inside.sent === 0) return [];
    const all = pooledKind(each, [...each.ofPath.keys()]);
    return [
      {
        kind: each.kind,
        sent: Math.round(inside.sent),
        lost: Math.round(inside.lost),
        sentOutside: Math.round(all.sent - inside.sent),
        lostOutside: Math.round(all.lost - inside.lost),
        isLossy: isKindLossy(each, inside),
      },
    ];
  });
}

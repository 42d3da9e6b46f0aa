import type { Figure } from '../../../../wire/figures.ts';
import type { MediaSubject } from './loss-figures.ts';

/** Packets of one direction of a stream over a window. */
export type OrderCounts = { readonly received: number; readonly reordered: number; readonly duplicates: number };

/**
 * Shares of the packets received that came after a later one, and of further copies. They have no interval: whatever reorders
 * or doubles packets does it to groups of them.
 *
 * @see RFC 4737 §4.1 (reordered ratio), RFC 5560 (duplicates).
 */
export function orderFigures(
  { duplicates, received, reordered }: OrderCounts,
  { direction, newestAtMs, notes, source, windowMs }: MediaSubject & { readonly newestAtMs: number },
  stream: 'mesh' | 'test-call' = 'mesh',
): readonly Figure[] {
  if (received <= 0) return [];
  const shared = {
    direction,
    unit: 'ratio',
    n: received,
    sample: 'RTP packet that came',
    windowMs,
    newestAtEpochMs: newestAtMs,
  } as const;
  const said = [...notes, 'no interval: packets are reordered and doubled in groups'];
  return [
    {
      ...shared,
      kind: `${stream}-reordered`,
      value: reordered / received,
      source: `${source}; after one with a higher number (RFC 4737)`,
      notes: [
        `${reordered} packets`,
        'a packet that came too late for its report counts as lost until it comes',
        ...said,
      ],
    },
    {
      ...shared,
      kind: `${stream}-duplicates`,
      value: duplicates / received,
      source: `${source}; copies beyond the first`,
      notes: [`${duplicates} copies`, ...said],
    },
  ];
}

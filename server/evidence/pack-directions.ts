import { pathKey } from '../paths/path-key.ts';
import { spreadCounted, spreadSum } from './counted.ts';
import type { PackDirection } from './evidence-pack.ts';
import type { MediaMinuteInput } from './pack-input.ts';
import type { VerdictTime } from './pack-series.ts';
import type { ContextPath } from './verdict-context.ts';

const MINUTE_MS = 60_000;

/** Keys under which media of the listed paths are kept, with the role of the path: mesh streams, and calls at a trunk. */
export function mediaRoles(paths: Iterable<ContextPath>): ReadonlyMap<string, PackDirection['role']> {
  const roles = new Map<string, PackDirection['role']>();
  for (const { pathKey: key, pbx, role, trunk } of paths) {
    const mediaKey = trunk === undefined ? key : pathKey(pbx, trunk);
    if (roles.get(mediaKey) !== 'inside') roles.set(mediaKey, role);
  }
  return roles;
}

/** What media met each way within the time of the verdict, those of its place first. */
export function packDirections(
  minutes: readonly MediaMinuteInput[],
  roles: ReadonlyMap<string, PackDirection['role']>,
  { endEpochMs, openedAtEpochMs }: VerdictTime,
): readonly PackDirection[] {
  const groups = Map.groupBy(minutes, ({ direction, mediaKey }) => `${mediaKey} ${direction}`);
  const found = [...groups.values()].flatMap((own): PackDirection[] => {
    const [first] = own;
    if (!first) return [];
    const within = own.filter(
      ({ startEpochMs }) => startEpochMs + MINUTE_MS > openedAtEpochMs && startEpochMs < endEpochMs,
    );
    const { direction, mediaKey, source } = first;
    return [
      {
        mediaKey,
        source,
        direction,
        role: roles.get(mediaKey) ?? 'control',
        ...spreadCounted(spreadSum(within)),
        minutes: own
          .toSorted((one, other) => one.startEpochMs - other.startEpochMs)
          .map((minute) => ({ startEpochMs: minute.startEpochMs, ...spreadCounted(minute) })),
      },
    ];
  });
  return found.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

function rank({ direction, mediaKey, role }: PackDirection): string {
  return `${role === 'inside' ? 0 : 1} ${mediaKey} ${direction}`;
}

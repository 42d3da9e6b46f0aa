import { describe, expect, it } from 'vitest';
import { plan } from '../../../server/routing/planner.ts';
import {
  EMPTY_PBX,
  EMPTY_PLANNER,
  entryOf,
  notAhead,
  type PlannerMemory,
} from '../../../server/routing/planner-memory.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { NOW, names, pbxInput, routeInput } from './judged.ts';

const DAY_MS = 86_400_000;
const DOWN = routeInput([pbxInput('fra-1')], { a: 'hard-down', b: 'healthy', c: 'healthy' });
const WELL = routeInput([pbxInput('fra-1')], { a: 'healthy', b: 'healthy', c: 'healthy' });

/** Memory of a hub that moved off trunk a while its clock ran a day ahead. */
const AHEAD = plan(EMPTY_PLANNER, DOWN, NOW + DAY_MS).memory;

const pbxOf = ({ pbxes }: PlannerMemory) => entryOf(pbxes, 'fra-1') ?? EMPTY_PBX;
const holdOfA = (memory: PlannerMemory) => entryOf(pbxOf(memory).holds, 'a');

/** When a hub that plans once a second from NOW on puts trunk a first again, milliseconds after NOW; at most an hour. */
function backAfterMs(memory: PlannerMemory): number | undefined {
  let latest = memory;
  for (let afterMs = 0; afterMs <= 3_600_000; afterMs += 1000) {
    const result = plan(latest, WELL, NOW + afterMs);
    latest = result.memory;
    if (names(result.routes[0]?.trunks).startsWith('a')) return afterMs;
  }
  return undefined;
}

describe('memory of a hub whose clock ran ahead', () => {
  it('holds a healthy trunk back no longer than the longest hold and its half-open time (rule 9)', () => {
    expect(holdOfA(AHEAD)?.holdUntilMs).toBeGreaterThan(NOW + DAY_MS);
    expect(backAfterMs(AHEAD)).toBeUndefined();
    const after = backAfterMs(notAhead(AHEAD, ROUTE_POLICY, NOW));
    expect(after).toBeLessThanOrEqual(ROUTE_POLICY.maxHoldDownMs + ROUTE_POLICY.halfOpenMs);
  });

  it('dates nothing that is past later than now', () => {
    const memory = notAhead(AHEAD, ROUTE_POLICY, NOW);
    expect(memory.recentFlips).toEqual([{ pbx: 'fra-1', atMs: NOW }]);
    expect(entryOf(pbxOf(memory).routes, 'national')?.flippedAtMs).toBe(NOW);
    expect(holdOfA(memory)?.lastBadAtMs).toBe(NOW);
  });

  it('is otherwise taken as it is', () => {
    const memory = plan(EMPTY_PLANNER, DOWN, NOW).memory;
    expect(notAhead(memory, ROUTE_POLICY, NOW + 1)).toEqual(memory);
  });
});

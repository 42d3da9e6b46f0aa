import type { PlanReadBack, ReadBackRoute } from '../../wire/plan.ts';
import { parseRouteValue } from '../../wire/route-value.ts';
import type { StoredPlan } from '../asterisk/astdb/astdb-entry.ts';
import type { OwnLimits, PlanStamp } from './plan-decision.ts';

const MAX_RAW_LENGTH = 1000;

/**
 * Says what AstDB holds in the words of the wire. Classes and trunks outside the probe's own list are left out; a text
 * that is no route keeps its raw form.
 */
export function toReadBack(stored: StoredPlan, limits: OwnLimits, readAtEpochMs: number): PlanReadBack {
  const routes = [...stored.routes].flatMap(([className, raw]): ReadBackRoute[] => {
    if (!limits.classes.has(className)) return [];
    const parsed = parseRouteValue(raw);
    const shown = { class: className, raw: raw.slice(0, MAX_RAW_LENGTH) };
    if (!parsed.ok) return [shown];
    const { fence, version, trunks } = parsed.route;
    return [{ ...shown, fence, version, trunks: [...trunks] }];
  });
  const down = [...stored.down].flatMap(([trunk, text]) =>
    limits.trunks.has(trunk) && /^\d{1,12}$/.test(text) ? [{ trunk, untilEpochMs: Number(text) * 1000 }] : [],
  );
  return { readAtEpochMs, routes: routes.slice(0, 64), down: down.slice(0, 64) };
}

/** The newest stamp among the routes read back; 0.0 where there is none. */
export function newestStamp(plan: PlanReadBack): PlanStamp {
  return plan.routes.reduce<PlanStamp>(
    (newest, { fence, version }) => {
      if (fence === undefined || version === undefined) return newest;
      const isNewer = fence > newest.fence || (fence === newest.fence && version > newest.version);
      return isNewer ? { fence, version } : newest;
    },
    { fence: 0, version: 0 },
  );
}

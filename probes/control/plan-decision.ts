import type { PlanFrame } from '../../wire/hub-frames.ts';
import type { ClassResult, PbxModes } from '../../wire/plan.ts';
import { encodeRouteValue, longestRouteBytes, MAX_ROUTE_VALUE_BYTES } from '../../wire/route-value.ts';

/** What the probe's own file lets the hub touch (safety rule 10). */
export type OwnLimits = { readonly trunks: ReadonlySet<string>; readonly classes: ReadonlySet<string> };

/** Order of plans: the fence of the leading hub first, then the version. */
export type PlanStamp = { readonly fence: number; readonly version: number };

/** What to do about one class of a plan. */
export type ClassDecision =
  | { readonly kind: 'write'; readonly class: string; readonly text: string }
  | { readonly kind: 'skip'; readonly result: ClassResult };

/** What to do about a plan. A refused plan changes nothing at all. */
export type PlanDecision =
  | { readonly kind: 'refuse'; readonly reason: string; readonly results: readonly ClassResult[] }
  | { readonly kind: 'apply'; readonly classes: readonly ClassDecision[] };

/** Whether `stamp` is older than `held`. */
export function isOlder(stamp: PlanStamp, held: PlanStamp): boolean {
  return stamp.fence < held.fence || (stamp.fence === held.fence && stamp.version < held.version);
}

/**
 * Decides what of a hub's plan is written to AstDB.
 *
 * A plan that names a trunk or class outside the probe's own list, or that is older than the one held, is refused as a
 * whole. Writing is bound twice: by the plan's own mode of each class and by the modes the probe holds (`undefined`
 * counts as observe).
 */
export function decidePlan(
  plan: PlanFrame,
  limits: OwnLimits,
  held: PlanStamp,
  modes: PbxModes | undefined,
): PlanDecision {
  if (isOlder(plan, held)) {
    const reason = `plan ${plan.fence}.${plan.version} is older than ${held.fence}.${held.version}`;
    return refusePlan(plan, reason);
  }
  const fault = outsideLimits(plan, limits);
  if (fault !== undefined) return refusePlan(plan, fault);
  const classes = plan.routes.map((route): ClassDecision => {
    const text = encodeRouteValue({ fence: plan.fence, version: plan.version, trunks: route.trunks });
    const observed = reasonNotToAct(route.class, route.mode, modes);
    return observed === undefined
      ? { kind: 'write', class: route.class, text }
      : { kind: 'skip', result: { class: route.class, outcome: 'observed', reason: observed } };
  });
  return { kind: 'apply', classes };
}

/**
 * Why the probe must not change the routing of a class (any class when it is undefined), or undefined where it may.
 * Modes not yet known bind like observe (safety rule 7).
 */
export function reasonNotToAct(
  className: string | undefined,
  wanted: 'observe' | 'enforce',
  modes: PbxModes | undefined,
): string | undefined {
  if (!modes) return 'no modes are known yet';
  if (modes.stopped) return 'the global stop switch is on';
  const own = modes.classes.find((entry) => entry.class === className)?.routing ?? modes.routing;
  return wanted === 'enforce' && own === 'enforce' ? undefined : 'routing is in observe mode';
}

/**
 * Why the probe must not change a trunk's down mark, or undefined where it may. A mark moves the calls of every class
 * that uses the trunk, so all of them must be in enforce (safety rule 7); a trunk of no class goes by the PBX's mode.
 *
 * @param classes - trunks of each class, by the probe's own file and by what AstDB holds; a class may be named twice.
 */
export function reasonNotToMark(
  trunk: string,
  classes: readonly { readonly class: string; readonly trunks: readonly string[] }[],
  modes: PbxModes | undefined,
): string | undefined {
  const users = new Set(classes.flatMap((entry) => (entry.trunks.includes(trunk) ? [entry.class] : [])));
  if (users.size === 0) return reasonNotToAct(undefined, 'enforce', modes);
  for (const name of users) {
    const reason = reasonNotToAct(name, 'enforce', modes);
    if (reason !== undefined) return `class ${name}: ${reason}`;
  }
  return undefined;
}

function outsideLimits(plan: PlanFrame, limits: OwnLimits): string | undefined {
  const seen = new Set<string>();
  for (const route of plan.routes) {
    if (!limits.classes.has(route.class)) return `class ${route.class} is not in the probe's own list`;
    if (seen.has(route.class)) return `class ${route.class} is named twice`;
    seen.add(route.class);
    const trunks = route.trunks.map(({ trunk }) => trunk);
    const stranger = trunks.find((trunk) => !limits.trunks.has(trunk));
    if (stranger !== undefined) return `trunk ${stranger} is not in the probe's own list`;
    if (new Set(trunks).size < trunks.length) return `class ${route.class} names a trunk twice`;
    const bytes = longestRouteBytes(trunks);
    if (bytes > MAX_ROUTE_VALUE_BYTES) return `class ${route.class} takes ${bytes} bytes in AstDB`;
  }
  return undefined;
}

/** The refusal of a whole plan, with its reason for each class. */
export function refusePlan(plan: PlanFrame, reason: string): PlanDecision & { readonly kind: 'refuse' } {
  const results = plan.routes.map((route): ClassResult => ({ class: route.class, outcome: 'refused', reason }));
  return { kind: 'refuse', reason, results };
}

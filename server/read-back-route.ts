import type { ReadBackRoute } from '../wire/plan.ts';
import type { PlanResultFrame } from '../wire/probe-frames.ts';
import { parseRouteValue } from '../wire/route-value.ts';

/** A route as AstDB holds it; one whose text is not understood keeps the text alone. */
export function understoodRoute(name: string, raw: string): ReadBackRoute {
  const parsed = parseRouteValue(raw);
  if (!parsed.ok) return { class: name, raw };
  const { fence, version, trunks } = parsed.route;
  return { class: name, raw, fence, version, trunks: [...trunks] };
}

/** Routes of a PBX after the result of a plan: what was read back of a class replaces what was known of it. */
export function routesAfter(
  before: readonly ReadBackRoute[],
  { results }: Pick<PlanResultFrame, 'results'>,
): readonly ReadBackRoute[] {
  const routes = new Map(before.map((route) => [route.class, route]));
  for (const { class: name, readBack } of results) {
    if (readBack !== undefined) routes.set(name, understoodRoute(name, readBack));
  }
  return [...routes.values()];
}

import type { ReadBackRoute } from '../wire/plan.ts';
import { parseRouteValue } from '../wire/route-value.ts';

/** A route as AstDB holds it; one whose text is not understood keeps the text alone. */
export function understoodRoute(name: string, raw: string): ReadBackRoute {
  const parsed = parseRouteValue(raw);
  if (!parsed.ok) return { class: name, raw };
  const { fence, version, trunks } = parsed.route;
  return { class: name, raw, fence, version, trunks: [...trunks] };
}

import type { RerouteRules } from './input.ts';

/**
 * Statuses after which another trunk may be tried, as long as no provisional but 100 had come. Everything else is the
 * destination's own answer (404, 484, 486, 487, 600 to 699 …) and final.
 */
export const REROUTE_STATUS_CODES = [408, 500, 502, 503, 504] as const;

/** Statuses that no rule moves on: the callee is busy, or the caller gave up. Above 599 every status is final too. */
const NEVER_NEXT: ReadonlySet<number> = new Set([486, 487]);

/** Why a status may not be among `next`, in words, or undefined where it may. */
export function nextFault(status: number): string | undefined {
  if (status >= 600) return `${status} is meant for every trunk: it is final`;
  if (status === 486) return '486 is a busy callee: the next trunk would ring him again';
  if (NEVER_NEXT.has(status)) return `${status} follows a caller who gave up: it is final`;
  return status >= 400 && Number.isInteger(status) ? undefined : `expected a SIP status from 400 to 599, got ${status}`;
}

/** The statuses after which a trunk with these rules gives way to the next one, ascending. */
export function rerouteStatusCodes(rules: RerouteRules | undefined): readonly number[] {
  const codes = new Set<number>([...REROUTE_STATUS_CODES, ...(rules?.next ?? [])]);
  return [...codes].filter((code) => !(rules?.final ?? []).includes(code)).toSorted((one, other) => one - other);
}

import type { WeightedTrunk } from './plan.ts';
import type { SchemaFault } from './schema-faults.ts';

/** Longest text that a route may take in AstDB, in bytes; checked when the configuration is read. */
export const MAX_ROUTE_VALUE_BYTES = 900;

/** Highest fence or version that the text of a route has room for, as {@link longestRouteBytes} counts it. */
export const MAX_STAMP = 999_999_999_999;

/** A route as stored in AstDB under `trunkward/route/<class>`. */
export type RouteValue = {
  readonly fence: number;
  readonly version: number;
  readonly trunks: readonly WeightedTrunk[];
};

/** A route, or why the text is none. */
export type RouteValueResult =
  | { readonly ok: true; readonly route: RouteValue }
  | {
      readonly ok: false;
      readonly fault: 'too-long' | 'unknown-format' | 'bad-version' | 'bad-trunk' | 'repeated-trunk';
    };

/** Writes `2:<fence>.<version>:<trunk>/<weight>,…`, the text that the dialplan include reads. */
export function encodeRouteValue(route: RouteValue): string {
  const trunks = route.trunks.map(({ trunk, weight }) => `${trunk}/${weight}`);
  return `2:${route.fence}.${route.version}:${trunks.join(',')}`;
}

/**
 * Bytes that a route over these trunks may come to need, with the longest stamp and weights.
 * Configurations are refused where it exceeds {@link MAX_ROUTE_VALUE_BYTES}.
 */
export function longestRouteBytes(trunks: readonly string[]): number {
  const longest = { fence: MAX_STAMP, version: MAX_STAMP };
  return encodeRouteValue({ ...longest, trunks: trunks.map((trunk) => ({ trunk, weight: 1000 })) }).length;
}

/** A fault for each class of a configuration whose route may come to need more than {@link MAX_ROUTE_VALUE_BYTES}. */
export function tooLongRoutes(classes: readonly { readonly trunks: readonly string[] }[]): readonly SchemaFault[] {
  return classes.flatMap(({ trunks }, at) => {
    const bytes = longestRouteBytes(trunks);
    const message = `the route takes ${bytes} bytes, more than ${MAX_ROUTE_VALUE_BYTES}`;
    return bytes > MAX_ROUTE_VALUE_BYTES ? [{ path: `classes[${at}].trunks`, message }] : [];
  });
}

/**
 * Reads the text of a route.
 *
 * @param text - what AstDB gave back, without quotes.
 * @returns the route with at least one trunk, or the fault; never throws.
 */
export function parseRouteValue(text: string): RouteValueResult {
  if (text.length > MAX_ROUTE_VALUE_BYTES) return { ok: false, fault: 'too-long' };
  const parts = text.split(':');
  const [format, stamp, list] = parts;
  if (parts.length !== 3 || format !== '2' || stamp === undefined || list === undefined) {
    return { ok: false, fault: 'unknown-format' };
  }
  const numbers = /^(\d{1,15})\.(\d{1,15})$/.exec(stamp);
  if (!numbers) return { ok: false, fault: 'bad-version' };
  const trunks: WeightedTrunk[] = [];
  for (const item of list.split(',')) {
    const match = /^([a-z0-9][a-z0-9-]{0,31})\/(\d{1,4})$/.exec(item);
    const weight = Number(match?.[2]);
    if (!match?.[1] || weight > 1000) return { ok: false, fault: 'bad-trunk' };
    if (trunks.some(({ trunk }) => trunk === match[1])) return { ok: false, fault: 'repeated-trunk' };
    trunks.push({ trunk: match[1], weight });
  }
  return { ok: true, route: { fence: Number(numbers[1]), version: Number(numbers[2]), trunks } };
}

import { isIP } from 'node:net';
import type { EventBody } from '../../../wire/probe-frames.ts';

/** One hop as the `trace` event carries it. */
export type TraceHop = Extract<EventBody, { readonly kind: 'trace' }>['hops'][number];

/** What mtr found, or why its report cannot be used; `place` names where in it. */
export type MtrReport =
  | { readonly ok: true; readonly hops: readonly TraceHop[]; readonly isReached: boolean }
  | { readonly ok: false; readonly fault: 'no-json' | 'bad-report' | 'too-many-hops'; readonly place: string };

const MAX_HOPS = 64;
const MAX_MS = 86_400_000;
const SILENT = '???';

/**
 * Reads the report of `mtr --json -n`, version 0.95 (Debian 12):
 *
 *     report.mtr.dst      the address that was asked for
 *     report.hubs[]       one entry per hop, from the nearest
 *       count             hop limit of its packets, from 1
 *       host              address that answered last at this hop, "???" when none did
 *       Loss%             0 to 100, three digits of a percent at most; packets still under way are not counted
 *       Snt               packets sent, those under way included
 *       Last Avg Best Wrst StDev   milliseconds; 0 for a silent hop
 *
 * `lost` is worked out of `Loss%` and `Snt` and is at most one beside the truth where a packet was under way at the end.
 *
 * @param text - all that the program wrote to its standard output.
 * @returns the target counts as reached when the last hop is the address asked for.
 * @see mtr 0.95, ui/report.c `json_close`.
 */
export function parseMtrReport(text: string): MtrReport {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return { ok: false, fault: 'no-json', place: `${text.length} characters` };
    throw cause;
  }
  const report = member(root, 'report');
  const destination = member(member(report, 'mtr'), 'dst');
  const hubs = member(report, 'hubs');
  if (typeof destination !== 'string' || isIP(destination) === 0) return bad('report.mtr.dst');
  if (!Array.isArray(hubs)) return bad('report.hubs');
  if (hubs.length > MAX_HOPS) return { ok: false, fault: 'too-many-hops', place: `report.hubs has ${hubs.length}` };
  const hops: TraceHop[] = [];
  for (const [at, hub] of hubs.entries()) {
    const hop = parseHop(hub);
    if (typeof hop === 'string') return bad(`report.hubs[${at}].${hop}`);
    hops.push(hop);
  }
  return { ok: true, hops, isReached: isSameAddress(hops.at(-1)?.address, destination) };
}

/** @returns the hop, or the name of the member that cannot be right. */
function parseHop(hub: unknown): TraceHop | string {
  const hop = member(hub, 'count');
  const host = member(hub, 'host');
  const lossPercent = number(hub, 'Loss%', 100);
  const sent = number(hub, 'Snt', Number.MAX_SAFE_INTEGER);
  if (typeof hop !== 'number' || !Number.isInteger(hop) || hop < 1 || hop > 255) return 'count';
  if (typeof host !== 'string' || (host !== SILENT && isIP(host) === 0) || host.length > 45) return 'host';
  if (lossPercent === undefined) return 'Loss%';
  if (sent === undefined || !Number.isInteger(sent)) return 'Snt';
  const lost = Math.round((sent * lossPercent) / 100);
  if (host === SILENT) return { hop, sent, lost };
  const bestMs = number(hub, 'Best', MAX_MS);
  const averageMs = number(hub, 'Avg', MAX_MS);
  const worstMs = number(hub, 'Wrst', MAX_MS);
  if (bestMs === undefined) return 'Best';
  if (averageMs === undefined) return 'Avg';
  if (worstMs === undefined) return 'Wrst';
  return { hop, address: host, sent, lost, bestMs, averageMs, worstMs };
}

function bad(place: string): MtrReport {
  return { ok: false, fault: 'bad-report', place };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function number(value: unknown, name: string, maximum: number): number | undefined {
  const found = member(value, name);
  return typeof found === 'number' && found >= 0 && found <= maximum ? found : undefined;
}

/** IPv6 addresses have many spellings; the URL parser writes the one of RFC 5952. */
function isSameAddress(one: string | undefined, other: string): boolean {
  if (one === undefined || isIP(one) !== isIP(other)) return false;
  return isIP(one) === 6
    ? new URL(`http://[${one}]`).hostname === new URL(`http://[${other}]`).hostname
    : one === other;
}

import type { LiveRoute } from '../../../wire/live.ts';
import { parseRouteValue } from '../../../wire/route-value.ts';
import { plural } from './format.ts';
import type { Tone } from './path-look.ts';

/**
 * How a route stands against its configuration. `default` and `reordered` keep the first trunk, `moved` has another first
 * trunk and Asterisk has it; `pending` is ordered but not read back yet; `proposed` would be done, were it not for
 * observe mode or the stop switch: nothing was changed.
 */
export type Standing = 'default' | 'reordered' | 'moved' | 'pending' | 'proposed';

/** Sign of each standing. `rank` orders by urgency, 0 first. */
export const STANDING_LOOKS: Readonly<
  Record<Standing, { readonly glyph: string; readonly word: string; readonly tone: Tone; readonly rank: number }>
> = {
  pending: { glyph: '◌', word: 'not applied yet', tone: 'warn', rank: 0 },
  moved: { glyph: '⇄', word: 'moved', tone: 'warn', rank: 1 },
  proposed: { glyph: '◇', word: 'proposed only', tone: 'info', rank: 2 },
  reordered: { glyph: '↕', word: 'reordered', tone: 'info', rank: 3 },
  default: { glyph: '=', word: 'default', tone: 'good', rank: 4 },
};

/** Trunks in the order Asterisk tries them by the last reading, or `undefined` when not read or not understood. */
export function trunksInAsterisk(route: LiveRoute): readonly string[] | undefined {
  if (route.readBack === undefined) return undefined;
  const parsed = parseRouteValue(route.readBack);
  return parsed.ok ? parsed.route.trunks.map(({ trunk }) => trunk) : undefined;
}

/**
 * Says how a route stands.
 *
 * @param isStopped - the hub's global stop switch; while it is on, even an enforced plan is a proposal.
 */
export function routeStanding(route: LiveRoute, isStopped: boolean): Standing {
  const acts = route.mode === 'enforce' && !isStopped;
  if (acts && !route.isApplied) return 'pending';
  if (!acts && !isAsteriskAsPlanned(route)) return 'proposed';
  const planned = route.planned.map(({ trunk }) => trunk);
  if (planned[0] !== route.configured[0]) return 'moved';
  return isSame(planned, route.configured) ? 'default' : 'reordered';
}

/** Writes trunks in the order they are tried, with the share of new calls each takes: `b 100 % › a standby`. */
export function describeOrder(trunks: LiveRoute['planned']): string {
  const totalWeight = trunks.reduce((sum, { weight }) => sum + weight, 0);
  return trunks
    .map(({ trunk, weight }) =>
      weight === 0 ? `${trunk} standby` : `${trunk} ${Math.round((weight / totalWeight) * 100)} %`,
    )
    .join(' › ');
}

/** Without a reading Asterisk is taken to route by the configured order, as the dialplan include does on an empty AstDB. */
function isAsteriskAsPlanned(route: LiveRoute): boolean {
  const parsed = route.readBack === undefined ? undefined : parseRouteValue(route.readBack);
  if (parsed?.ok) return isSame(parsed.route.trunks.map(weighted), route.planned.map(weighted));
  return isSame(
    route.planned.map(({ trunk }) => trunk),
    route.configured,
  );
}

function weighted({ trunk, weight }: LiveRoute['planned'][number]): string {
  return `${trunk}/${weight}`;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

/** How many routes are not as configured. One that was not read back may well lead as configured, so it is told apart. */
export function routeCountText(routes: Readonly<Record<Standing, number>>): string {
  const { moved, pending, proposed, reordered } = routes;
  const off = moved + proposed + reordered;
  const waiting = pending > 0 ? `${pending} not applied yet, ` : '';
  return `${waiting}${off} of ${plural(off + pending + routes.default, 'route')} off their default`;
}

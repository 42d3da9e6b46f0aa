import type { LiveMaintenance, LiveOrders, LivePin } from '../../../wire/live.ts';
import type { Tone } from './path-look.ts';

/** Sign of each tier of a trunk: the word is the tier itself, so that a page and the API say the same. */
const TIER_LOOKS: ReadonlyMap<string, { readonly glyph: string; readonly tone: Tone }> = new Map([
  ['usable', { glyph: '✓', tone: 'good' }],
  ['shedding', { glyph: '◑', tone: 'warn' }],
  ['half-open', { glyph: '◔', tone: 'info' }],
  ['held', { glyph: '⏸', tone: 'info' }],
  ['unknown', { glyph: '?', tone: 'unknown' }],
  ['degraded', { glyph: '▼', tone: 'bad' }],
  ['maintenance', { glyph: '⚒', tone: 'warn' }],
  ['hard-down', { glyph: '✕', tone: 'bad' }],
]);

/** How a tier is shown; one that this page does not know is shown as unknown under its own word. */
export function tierLook(tier: string): { readonly glyph: string; readonly word: string; readonly tone: Tone } {
  return { ...(TIER_LOOKS.get(tier) ?? { glyph: '?', tone: 'unknown' }), word: tier };
}

/** Pins that bear on a route, the one that holds first: the narrowest, and of equals the later one. */
export function pinsOn(
  orders: LiveOrders | undefined,
  route: { readonly pbx: string; readonly class: string; readonly site: string | undefined },
): readonly LivePin[] {
  const own = (orders?.pins ?? []).filter(
    ({ scope }) =>
      (scope.class ?? route.class) === route.class &&
      (scope.pbx ?? route.pbx) === route.pbx &&
      (scope.site ?? route.site) === route.site,
  );
  return own.toReversed().toSorted((a, b) => narrowness(b) - narrowness(a));
}

function narrowness({ scope }: LivePin): number {
  return (scope.pbx === undefined ? 0 : 4) + (scope.site === undefined ? 0 : 2) + (scope.class === undefined ? 0 : 1);
}

/** Where a pin applies, in words: `national on fra-1`. */
export function pinScopeText({ scope: { class: name, pbx, site } }: LivePin): string {
  const classes = name ?? 'all classes';
  if (pbx !== undefined) return `${classes} on ${pbx}`;
  return site === undefined ? `${classes} on every PBX` : `${classes} at site ${site}`;
}

/** What a maintenance is of, in words: `provider telco-a`. */
export function maintenancePlaceText({ of }: LiveMaintenance): string {
  const [[kind, name] = ['', '']] = Object.entries(of);
  return `${kind === 'pbx' ? 'PBX' : kind} ${name}`;
}

/** What the two stop switches do, in words and by tone; `undefined` where both are released. */
export function stopText(
  isStopped: boolean,
  routingStop: LiveOrders['routingStop'] | undefined,
): { readonly word: string; readonly why: string } | undefined {
  if (isStopped) return { word: 'everything stopped', why: 'The global switch is on: nothing is changed anywhere.' };
  if (!routingStop?.isStopped) return undefined;
  const { actor = 'somebody', reason = 'no reason' } = routingStop;
  const what = 'The hub changes no route; probes still mark trunks that are hard-down';
  return { word: 'routing stopped', why: `${what}. By ${actor}: ${reason}.` };
}

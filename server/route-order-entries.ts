import { isoTime } from './routing/ordered-span.ts';
import type { Maintenance, MaintenancePlace, OrderScope, Pin } from './routing/route-constraints.ts';
import type { NewJournalEntry } from './store/journal-store.ts';

/** A pin that is known by its id. */
export type KnownPin = Pin & { readonly id: string; readonly orderedAtMs: number };

/** A maintenance that is known by its id. */
export type KnownMaintenance = Maintenance & { readonly id: string };

/** The entry for a pin that was given. */
export function pinEntry(pin: KnownPin, effect: string): NewJournalEntry {
  const { actor, id, isForced, reason, scope, behind = [], trunk, untilMs } = pin;
  const order = [trunk, ...behind].join(', then ');
  const force = isForced ? ', by force also where it is hard-down or in maintenance' : '';
  const until = untilMs === undefined ? 'until it is taken away' : `until ${isoTime(untilMs)}`;
  return {
    kind: 'pin-set',
    actor,
    scope: { ...scope, trunk },
    sentence: `pin ${id}: ${scopeInWords(scope)} on ${order}${force}, ${until}, by ${actor}: ${reason}. ${effect}`,
  };
}

/** The entry for a maintenance that was ordered. */
export function maintenanceEntry(order: KnownMaintenance, effect: string): NewJournalEntry {
  const { actor, fromMs, id, of, reason, untilMs } = order;
  const span = `from ${isoTime(fromMs)} until ${isoTime(untilMs)}`;
  return {
    kind: 'maintenance-set',
    actor,
    scope: of,
    sentence: `maintenance ${id} of ${placeInWords(of)} ${span}, by ${actor}: ${reason}. ${effect}`,
  };
}

/** The entry for a maintenance that begins. */
export function beganEntry({ actor, id, of, reason, untilMs }: KnownMaintenance, atMs: number): NewJournalEntry {
  const sentence = `maintenance ${id} of ${placeInWords(of)} begins, until ${isoTime(untilMs)}: ordered by ${actor}, ${reason}`;
  return { atEpochMs: atMs, kind: 'maintenance-began', actor: 'hub', scope: of, sentence };
}

/** The entry for an order that is over: its time came, or a person (`by`) took it away. */
export function endedEntry(
  kind: 'pin' | 'maintenance',
  order: KnownPin | KnownMaintenance,
  by: { readonly actor: string; readonly reason: string } | undefined,
  atMs: number,
): NewJournalEntry {
  const what = 'of' in order ? placeInWords(order.of) : `${scopeInWords(order.scope)} on ${order.trunk}`;
  const scope = 'of' in order ? order.of : { ...order.scope, trunk: order.trunk };
  const how = by
    ? `is taken away by ${by.actor}: ${by.reason}`
    : `is over, as ${order.actor} ordered it: calls go back by the planner, step by step`;
  const word = kind === 'pin' ? ':' : ' of';
  return {
    atEpochMs: atMs,
    kind: by ? `${kind}-removed` : `${kind}-ended`,
    actor: by?.actor ?? 'hub',
    scope,
    sentence: `${kind} ${order.id}${word} ${what} ${how}`,
  };
}

/** Where a pin applies, in words: `national on fra-1`, `all classes on every PBX`. */
export function scopeInWords({ class: name, pbx, site }: OrderScope): string {
  const classes = name ?? 'all classes';
  if (pbx !== undefined) return `${classes} on ${pbx}`;
  return site === undefined ? `${classes} on every PBX` : `${classes} at site ${site}`;
}

/** What a maintenance is of, in words: `provider telco-a`. */
export function placeInWords(of: MaintenancePlace): string {
  const [[kind, name] = ['', '']] = Object.entries(of);
  return `${kind === 'pbx' ? 'PBX' : kind} ${name}`;
}

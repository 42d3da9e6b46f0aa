import type { LiveHub, LiveMaintenance, LivePin } from '../../../../wire/live.ts';
import { formatUtc } from '../format.ts';
import { maintenancePlaceText, pinScopeText, stopText } from '../order-look.ts';
import { byId, h } from './dom.ts';
import { stopForm, takeAwayForm } from './order-forms.ts';
import { patch } from './patch.ts';
import { chip, clock } from './pieces.ts';
import type { Scene } from './scene.ts';

/** What a line of an order is drawn with. */
export type OrderLine = {
  readonly nowEpochMs: number;
  readonly role: LiveHub['role'];
  /** Said beside its sign. */
  readonly note?: string;
};

/** Draws the stop switch, the pins and the maintenances above the routes, with what this role may do about them. */
export function drawOrders({ nowEpochMs, state: { hub, orders } }: Scene): void {
  const host = byId('order-list', HTMLElement);
  if (hub === undefined) {
    patch(host, []);
    return;
  }
  const { role } = hub;
  const stop = stopText(hub.isStopped, orders?.routingStop);
  const look = stop
    ? ({ glyph: '■', word: stop.word, tone: 'bad' } as const)
    : ({ glyph: '▶', word: 'routing runs', tone: 'good' } as const);
  patch(host, [
    h(
      'div',
      { class: 'order-line', 'data-key': 'stop' },
      chip(look),
      h('span', { class: 'say' }, stop?.why ?? 'No stop switch is on.'),
      stopForm(orders?.routingStop.isStopped === true, role),
    ),
    ...(orders?.pins ?? []).map((pin) => pinLine(pin, { nowEpochMs, role })),
    ...(orders?.maintenance ?? []).map((each) => maintenanceLine(each, { nowEpochMs, role })),
  ]);
}

/** A pin in one line: where, which trunks, until when, by whom and why. */
export function pinLine(pin: LivePin, { note, nowEpochMs, role }: OrderLine): HTMLElement {
  const { actor, id, isForced, reason, trunks, untilEpochMs } = pin;
  return h(
    'div',
    { class: 'order-line', 'data-key': `pin ${id}` },
    chip({ glyph: '◆', word: isForced ? 'pin, forced' : 'pin', tone: 'info' }, `pin ${id}`),
    h(
      'span',
      { class: 'say' },
      `${pinScopeText(pin)}: ${trunks.join(', then ')}${note === undefined ? '' : ` (${note})`}. By ${actor}: ${reason}. `,
      ...(untilEpochMs === undefined ? ['Until it is taken away.'] : ['Until ', clock(untilEpochMs, nowEpochMs), '.']),
    ),
    takeAwayForm('pins', id, role),
  );
}

/** A maintenance in one line. */
export function maintenanceLine(order: LiveMaintenance, { nowEpochMs, role }: OrderLine): HTMLElement {
  const { actor, fromEpochMs, id, reason, untilEpochMs } = order;
  const isToCome = fromEpochMs > nowEpochMs;
  const title = `${formatUtc(fromEpochMs)} to ${formatUtc(untilEpochMs)}`;
  return h(
    'div',
    { class: 'order-line', 'data-key': `maintenance ${id}` },
    chip({ glyph: '⚒', word: isToCome ? 'maintenance to come' : 'maintenance', tone: 'warn' }, title),
    h(
      'span',
      { class: 'say' },
      `${maintenancePlaceText(order)}. By ${actor}: ${reason}. From `,
      clock(fromEpochMs, nowEpochMs),
      ' until ',
      clock(untilEpochMs, nowEpochMs),
      '.',
    ),
    takeAwayForm('maintenance', id, role),
  );
}

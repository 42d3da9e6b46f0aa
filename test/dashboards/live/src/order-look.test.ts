import { expect, test } from 'vitest';
import { orderCommand } from '../../../../dashboards/live/src/order-command.ts';
import {
  maintenancePlaceText,
  pinScopeText,
  pinsOn,
  stopText,
  tierLook,
} from '../../../../dashboards/live/src/order-look.ts';
import { EMPTY_STATE, fold, isRoutingStopped } from '../../../../dashboards/live/src/state.ts';
import type { LiveOrders, LivePin } from '../../../../wire/live.ts';
import { hub, snapshot } from '../../../browser/support/fleet.ts';

const pin = (id: string, scope: LivePin['scope']): LivePin => ({
  id,
  scope,
  trunks: ['b'],
  isForced: false,
  orderedAtEpochMs: 0,
  actor: 'night-shift',
  reason: 'ticket 7',
});
const ORDERS: LiveOrders = {
  routingStop: { isStopped: false },
  pins: [
    pin('pbx', { pbx: 'fra-1' }),
    pin('fleet', {}),
    pin('class', { class: 'national' }),
    pin('late', { class: 'national' }),
    pin('other', { site: 'ams' }),
  ],
  maintenance: [],
};

test('pins on a route come in the order in which they hold: the narrowest, and of equals the later one', () => {
  const route = { pbx: 'fra-1', class: 'national', site: 'fra' };
  expect(pinsOn(ORDERS, route).map(({ id }) => id)).toEqual(['pbx', 'late', 'class', 'fleet']);
  expect(pinsOn(undefined, route)).toEqual([]);
});

test('places are said in words', () => {
  expect(
    [{}, { site: 'fra' }, { pbx: 'fra-1', class: 'mobile' }].map((scope) => pinScopeText(pin('p', scope))),
  ).toEqual(['all classes on every PBX', 'all classes at site fra', 'mobile on fra-1']);
  const order = { id: 'm', fromEpochMs: 0, untilEpochMs: 1, actor: 'owner', reason: 'x' };
  expect(maintenancePlaceText({ ...order, of: { pbx: 'fra-1' } })).toBe('PBX fra-1');
  expect(maintenancePlaceText({ ...order, of: { provider: 'telco-a' } })).toBe('provider telco-a');
});

test('every tier has a sign and its own word; one that the page does not know stays readable', () => {
  expect(tierLook('shedding')).toEqual({ glyph: '◑', word: 'shedding', tone: 'warn' });
  expect(tierLook('maintenance').tone).toBe('warn');
  expect(tierLook('brand-new')).toEqual({ glyph: '?', word: 'brand-new', tone: 'unknown' });
});

test('a stop says which switch is on, by whom and why', () => {
  expect(stopText(false, { isStopped: false })).toBeUndefined();
  expect(stopText(true, undefined)?.word).toBe('everything stopped');
  expect(stopText(false, { isStopped: true, actor: 'owner', reason: 'core work' })?.why).toContain(
    'By owner: core work.',
  );
});

test('orders of the hub are folded in, and either switch stops routing', () => {
  const first = fold(EMPTY_STATE, snapshot({ hub: hub(), orders: ORDERS })).state;
  expect(isRoutingStopped(first)).toBe(false);
  const stopped: LiveOrders = { ...ORDERS, routingStop: { isStopped: true } };
  const delta = { type: 'delta', sequence: 1001, atEpochMs: 1, changes: [{ kind: 'orders', value: stopped }] } as const;
  const after = fold(first, delta);
  expect([after.changed.isHub, isRoutingStopped(after.state)]).toEqual([true, true]);
  expect(isRoutingStopped({ hub: hub({ isStopped: true }), orders: undefined })).toBe(true);
});

test('an order as a command keeps quotes in a reason from ending it', () => {
  const body = { reason: "it's" };
  expect(orderCommand({ method: 'POST', path: 'api/v1/routes/stop', body }, 'http://hub.invalid/#/x')).toBe(
    `curl -X POST 'http://hub.invalid/api/v1/routes/stop' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"reason":"it'\\''s"}'`,
  );
});

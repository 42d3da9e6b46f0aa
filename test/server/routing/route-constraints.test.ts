import { describe, expect, it } from 'vitest';
import {
  constraintGround,
  type Maintenance,
  maintenanceOf,
  NO_CONSTRAINTS,
  type OrderScope,
  type Pin,
  pinOf,
  usedRatio,
} from '../../../server/routing/route-constraints.ts';
import { NOW } from './judged.ts';

const SUBJECT = { pbx: 'fra-1', site: 'fra', class: 'national' };
const pin = (trunk: string, scope: OrderScope, untilMs?: number): Pin => ({
  trunk,
  scope,
  actor: 'night-shift',
  reason: 'ticket 7',
  ...(untilMs !== undefined && { untilMs }),
});
const MAINTENANCE: Maintenance = {
  of: { provider: 'telco-a' },
  fromMs: NOW,
  untilMs: NOW + 1000,
  actor: 'night-shift',
  reason: 'new router',
};

describe('constraints of routes', () => {
  it('the narrowest pin holds, and of equals the later one', () => {
    const all = [
      pin('fleet', {}),
      pin('class', { class: 'national' }),
      pin('site', { site: 'fra' }),
      pin('pbx', { pbx: 'fra-1' }),
    ];
    expect(all.map((_, at) => pinOf(all.slice(0, at + 1), SUBJECT, NOW)?.trunk)).toEqual([
      'fleet',
      'class',
      'site',
      'pbx',
    ]);
    expect(pinOf(all.toReversed(), SUBJECT, NOW)?.trunk).toBe('pbx');
    expect(pinOf([pin('old', {}), pin('new', {})], SUBJECT, NOW)?.trunk).toBe('new');
  });

  it('a pin elsewhere, or one that has ended, holds nothing', () => {
    const others = [
      pin('a', { pbx: 'fra-2' }),
      pin('a', { site: 'ams' }),
      pin('a', { class: 'mobile' }),
      pin('a', {}, NOW),
    ];
    expect(pinOf(others, SUBJECT, NOW)).toBeUndefined();
    expect(pinOf([pin('a', {}, NOW + 1)], SUBJECT, NOW)?.trunk).toBe('a');
  });

  it('a maintenance covers a trunk, or all of a provider, from its beginning until before its end', () => {
    const a = { trunk: 'a', provider: 'telco-a' };
    const at = (nowMs: number) => maintenanceOf([MAINTENANCE], a, nowMs) !== undefined;
    expect([NOW - 1, NOW, NOW + 999, NOW + 1000].map(at)).toEqual([false, true, true, false]);
    expect(maintenanceOf([MAINTENANCE], { trunk: 'b', provider: 'telco-b' }, NOW)).toBeUndefined();
    expect(maintenanceOf([{ ...MAINTENANCE, of: { trunk: 'a' } }], a, NOW)).toBeDefined();
  });

  it('the use of a trunk is known only where both its bound and its load are', () => {
    expect(usedRatio(undefined)).toBeUndefined();
    expect(usedRatio({ channels: 30 })).toBeUndefined();
    expect(usedRatio({ usedChannels: 27 })).toBeUndefined();
    expect(usedRatio({ channels: 30, usedChannels: 27, callsPerSecond: 2, usedCallsPerSecond: 1 })).toBe(0.9);
  });

  it('its text changes when something begins or ends, and not in between', () => {
    const all = { ...NO_CONSTRAINTS, pins: [pin('a', {}, NOW + 500)], maintenance: [MAINTENANCE] };
    const texts = [NOW - 1, NOW, NOW + 1, NOW + 500, NOW + 999, NOW + 1000].map((at) => constraintGround(all, at));
    expect(new Set(texts).size).toBe(4);
    expect(texts[1]).toBe(texts[2]);
    expect(texts.at(-1)).toBe('');
  });
});

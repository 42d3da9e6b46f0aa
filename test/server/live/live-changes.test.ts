import { describe, expect, it } from 'vitest';
import { news, type ToldTable } from '../../../server/live/live-changes.ts';
import { livePbx, neverSeen } from '../../../server/probe-status.ts';
import type { LiveChange } from '../../../wire/live.ts';

const pbx = (name: string, isSick: boolean): LiveChange => ({
  kind: 'pbx',
  value: livePbx(neverSeen(name, 'fra', 1), isSick),
});

describe('what views were told already', () => {
  it('is left out until it changes, and again when it changes back', () => {
    const told: ToldTable = new Map();
    expect(news(told, pbx('fra-1', false))).toEqual([pbx('fra-1', false)]);
    expect(news(told, pbx('fra-2', false))).toHaveLength(1);
    expect(news(told, pbx('fra-1', false))).toEqual([]);
    expect(news(told, pbx('fra-2', true))).toEqual([pbx('fra-2', true)]);
    expect(news(told, pbx('fra-2', true))).toEqual([]);
    expect(news(told, pbx('fra-2', false))).toHaveLength(1);
  });
});

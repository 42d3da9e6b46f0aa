import { describe, expect, it } from 'vitest';
import { onlyNew, type ToldTable } from '../../../server/live/live-changes.ts';
import { changeKey } from '../../../server/live/live-feed.ts';
import { livePbx, neverSeen } from '../../../server/probe-status.ts';
import type { LiveChange } from '../../../wire/live.ts';

const pbx = (name: string, isSick: boolean): LiveChange => ({
  kind: 'pbx',
  value: livePbx(neverSeen(name, 'fra', 1), isSick),
});

describe('what views were told already', () => {
  it('is left out until it changes', () => {
    const told: ToldTable = new Map();
    expect(onlyNew(told, [pbx('fra-1', false), pbx('fra-2', false)], changeKey)).toHaveLength(2);
    expect(onlyNew(told, [pbx('fra-1', false), pbx('fra-2', true)], changeKey)).toEqual([pbx('fra-2', true)]);
    expect(onlyNew(told, [pbx('fra-1', false), pbx('fra-2', true)], changeKey)).toEqual([]);
    expect(onlyNew(told, [pbx('fra-2', false)], changeKey)).toEqual([pbx('fra-2', false)]);
  });

  it('is forgotten once it is shown no more, so that what is remembered never outgrows the picture', () => {
    const told: ToldTable = new Map();
    for (let n = 0; n < 1000; n += 1) onlyNew(told, [pbx('fra-1', false), pbx(`other-${n}`, false)], changeKey);
    expect([...told.keys()]).toEqual(['pbx fra-1', 'pbx other-999']);
    expect(onlyNew(told, [pbx('fra-1', false)], changeKey)).toEqual([]);
    expect(onlyNew(told, [pbx('other-999', false)], changeKey)).toHaveLength(1);
  });

  it('says the last of two words about one thing', () => {
    const told: ToldTable = new Map();
    expect(onlyNew(told, [pbx('fra-1', false), pbx('fra-1', true)], changeKey)).toHaveLength(2);
    expect(onlyNew(told, [pbx('fra-1', true)], changeKey)).toEqual([]);
  });
});

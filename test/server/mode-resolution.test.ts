import { describe, expect, it } from 'vitest';
import { fleetMode, resolveModes, type ScopedMode } from '../../server/mode-resolution.ts';
import type { Mode } from '../../wire/plan.ts';

const subject = { pbx: 'fra-1', site: 'fra', classes: ['national', 'mobile'] };
const fleet = (mode: Mode, of: ScopedMode['function'] = 'routing'): ScopedMode => ({
  function: of,
  mode,
  scope: { kind: 'fleet' },
});
const site = (name: string, mode: Mode): ScopedMode => ({
  function: 'routing',
  mode,
  scope: { kind: 'site', site: name },
});
const pbx = (name: string, mode: Mode): ScopedMode => ({
  function: 'routing',
  mode,
  scope: { kind: 'pbx', pbx: name },
});
const ofClass = (name: string, mode: Mode): ScopedMode => ({
  function: 'routing',
  mode,
  scope: { kind: 'class', class: name },
});

describe('modes resolved for one PBX', () => {
  it('are observe everywhere where nothing was ever set (rule 7)', () => {
    expect(resolveModes([], false, subject)).toEqual({
      stopped: false,
      routing: 'observe',
      spend: 'observe',
      security: 'observe',
      survival: 'observe',
      classes: [],
    });
  });

  it.each<[string, readonly ScopedMode[], Mode]>([
    ['the fleet', [fleet('enforce')], 'enforce'],
    ['its site before the fleet', [fleet('enforce'), site('fra', 'observe')], 'observe'],
    ['itself before its site', [site('fra', 'observe'), pbx('fra-1', 'enforce'), fleet('observe')], 'enforce'],
    ['itself in observe before an enforcing site', [site('fra', 'enforce'), pbx('fra-1', 'observe')], 'observe'],
    ['no other site', [site('ams', 'enforce')], 'observe'],
    ['no other PBX', [pbx('fra-2', 'enforce')], 'observe'],
    ['no class', [ofClass('national', 'enforce')], 'observe'],
  ])('come from %s', (_name, modes, routing) => {
    expect(resolveModes(modes, false, subject).routing).toBe(routing);
  });

  it.each<[string, readonly ScopedMode[], Mode]>([
    ['acts where the fleet observes for want of a word', [ofClass('national', 'enforce')], 'enforce'],
    ['acts where the fleet was told to observe', [fleet('observe'), ofClass('national', 'enforce')], 'enforce'],
    ['is held back by its PBX told to observe', [pbx('fra-1', 'observe'), ofClass('national', 'enforce')], 'observe'],
    ['is held back by its site told to observe', [site('fra', 'observe'), ofClass('national', 'enforce')], 'observe'],
    ['holds itself back on an enforcing PBX', [pbx('fra-1', 'enforce'), ofClass('national', 'observe')], 'observe'],
  ])('let a class of its own word be: it %s (rule 7)', (_name, modes, routing) => {
    expect(resolveModes(modes, false, subject).classes).toEqual([{ class: 'national', routing }]);
  });

  it('carry the stop switch whatever else is set', () => {
    expect(resolveModes([fleet('enforce')], true, subject)).toMatchObject({ stopped: true, routing: 'enforce' });
  });

  it('keep the functions apart', () => {
    const modes = [fleet('enforce', 'spend'), fleet('observe', 'security')];
    expect(resolveModes(modes, false, subject)).toMatchObject({
      routing: 'observe',
      spend: 'enforce',
      survival: 'observe',
    });
    expect(fleetMode(modes, 'spend')).toBe('enforce');
    expect(fleetMode(modes, 'routing')).toBe('observe');
  });
});

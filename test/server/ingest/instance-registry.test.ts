import { describe, expect, it } from 'vitest';
import { InstanceRegistry } from '../../../server/ingest/instance-registry.ts';

const first = { connectionId: 1, instanceId: 'instance-a' };
const newer = { connectionId: 2, instanceId: 'instance-a' };
const another = { connectionId: 3, instanceId: 'instance-b' };

function heldByFirst(): InstanceRegistry {
  const registry = new InstanceRegistry();
  registry.claim('fra-1', first);
  return registry;
}

describe('the registry of instances', () => {
  it('refuses another instance while the first is connected', () => {
    const registry = heldByFirst();
    expect(registry.claim('fra-1', another)).toEqual({ kind: 'refused', holder: first });
    expect(registry.holderOf('fra-1')).toEqual(first);
  });

  it('lets a newer connection of the same instance replace the older', () => {
    const registry = heldByFirst();
    expect(registry.claim('fra-1', newer)).toEqual({ kind: 'accepted', replaces: 1 });
    expect(registry.holderOf('fra-1')).toEqual(newer);
  });

  it('frees a PBX when its connection ends, not when a replaced one does', () => {
    const registry = heldByFirst();
    registry.claim('fra-1', newer);
    expect(registry.release('fra-1', 1)).toBe(false);
    expect(registry.holderOf('fra-1')).toEqual(newer);
    expect(registry.release('fra-1', 2)).toBe(true);
    expect(registry.pbxes).toEqual([]);
    expect(registry.claim('fra-1', another)).toEqual({ kind: 'accepted', replaces: undefined });
  });
});

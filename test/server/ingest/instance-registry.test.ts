import { describe, expect, it } from 'vitest';
import { claim, type InstanceRegistry, release } from '../../../server/ingest/instance-registry.ts';

const empty: InstanceRegistry = new Map();
const first = { connectionId: 1, instanceId: 'instance-a' };

function accepted(registry: InstanceRegistry, wanted: typeof first) {
  const result = claim(registry, 'fra-1', wanted);
  if (result.kind !== 'accepted') throw new Error('refused');
  return result;
}

describe('the registry of instances', () => {
  it('refuses another instance while the first is connected', () => {
    const { registry } = accepted(empty, first);
    expect(claim(registry, 'fra-1', { connectionId: 2, instanceId: 'instance-b' })).toEqual({
      kind: 'refused',
      holder: first,
    });
  });

  it('lets a newer connection of the same instance replace the older', () => {
    const { registry } = accepted(empty, first);
    expect(accepted(registry, { connectionId: 2, instanceId: 'instance-a' }).replaces).toBe(1);
  });

  it('frees a PBX when its connection ends, not when a replaced one does', () => {
    const { registry } = accepted(accepted(empty, first).registry, { connectionId: 2, instanceId: 'instance-a' });
    expect(release(registry, 'fra-1', 1)).toBe(registry);
    const freed = release(registry, 'fra-1', 2);
    expect(claim(freed, 'fra-1', { connectionId: 3, instanceId: 'instance-b' }).kind).toBe('accepted');
  });
});

import { expect, it, vi } from 'vitest';
import { probeTargets } from '../../probes/probe-targets.ts';
import { measuringOf } from './measuring-fixture.ts';
import { probeConfig } from './probe-fixture.ts';

it('measuring that breaks tells its owner to end, instead of going on with half of it (rule 2)', async () => {
  const config = probeConfig({ icmp: { isEnabled: false } });
  const ends: unknown[] = [];
  const faults: string[] = [];
  measuringOf(config, {
    targets: probeTargets(config).map((target) => ({ ...target, address: 'fe80::1%lo' })),
    onFault: (place) => faults.push(place),
    onEnded: (cause) => ends.push(cause),
  });
  await vi.waitFor(() => expect(ends).toHaveLength(1), 5000);
  expect(String(ends[0])).toContain('bad-address');
  expect(faults).toContain('measuring');
});

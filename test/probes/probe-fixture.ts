import { readProbeConfig } from '../../probes/config.ts';
import type { ProbeConfig } from '../../probes/config-schema.ts';

/** A sound configuration of a probe on fra-1 with one trunk; parts may be replaced. */
export function probeConfig(changes: Readonly<Record<string, unknown>> = {}): ProbeConfig {
  const read = readProbeConfig({
    probe: 'probe-1',
    pbx: 'fra-1',
    hub: { urls: ['ws://127.0.0.1:8480/api/v1/probe'], token: { env: 'HUB_TOKEN' } },
    ami: { username: 'probe', secret: { file: '/none/ami.secret' } },
    dataDir: '/none',
    trunks: [{ trunk: 'a', endpoint: 'telco-a', edges: [{ edge: 'a1', address: '192.0.2.1' }] }],
    classes: [{ class: 'national', prefixes: ['49'], trunks: ['a'] }],
    emergency: { numbers: ['112'], trunks: ['a'] },
    dialRules: [{ prefix: '+', strip: 1 }],
    ...changes,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.config;
}

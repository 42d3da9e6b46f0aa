import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../config-document.ts';
import { readProbeConfig } from '../../probes/config.ts';
import { helloFrame } from '../../probes/hello.ts';
import { linePeers } from '../../probes/line-peers.ts';

const EXAMPLE = new URL('../../docs/examples/probe.yaml', import.meta.url);

function configWith(line: Readonly<Record<string, unknown>> | undefined) {
  const read = readDocument(readFileSync(EXAMPLE, 'utf8'));
  if (!read.ok) throw new Error('the example is no YAML');
  const { line: _line, ...others } = read.document as Readonly<Record<string, unknown>>;
  const result = readProbeConfig(line ? { ...others, line } : others);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.config;
}

function toldPeers(config: ReturnType<typeof configWith>): readonly string[] | undefined {
  const identity = { bootId: 'boot-0001', machineId: 'machine-0001', instanceId: 'instance-0001' };
  const moment = { nowMs: 0, epochMs: 0, heldFence: 0, outboxPending: 0, plan: undefined, asteriskVersion: undefined };
  const rest = { asteriskAway: 'connecting' as const, canTrace: false, targets: [], descriptions: [] };
  const software = { softwareVersion: '0', configHash: '0'.repeat(64) };
  return helloFrame(config, { ...identity, ...software }, { ...moment, ...rest }).abilities?.linePeers;
}

describe('lines of a probe', () => {
  it('are measured with nobody unless its file says so: a transfer fills the line', () => {
    expect(configWith(undefined).line).toMatchObject({ isEnabled: false, yieldAtCalls: 1 });
    expect(toldPeers(configWith(undefined))).toEqual([]);
    expect(toldPeers(configWith({ isEnabled: true }))).toEqual(['ams-1']);
  });

  it('lead to the address and line port of its own file', () => {
    expect(linePeers(configWith({ isEnabled: true }))).toEqual([
      { pbx: 'ams-1', target: 'peer.ams-1', address: '203.0.113.30', port: 9466 },
    ]);
  });
});

import type { BatchFrame, EventFrame, HelloFrame } from '../../wire/probe-frames.ts';

/** A hello that fits the schema; fields may be replaced. */
export function helloFrame(changes: Partial<HelloFrame> = {}): HelloFrame {
  return {
    v: 1,
    type: 'hello',
    probe: 'probe-1',
    pbx: 'fra-1',
    bootId: 'boot-0001',
    machineId: 'machine-0001',
    instanceId: 'instance-0001',
    softwareVersion: '0.1.0',
    configHash: '0'.repeat(64),
    sentAtMs: 1000,
    sentAtEpochMs: 1_800_000_000_000,
    targets: [{ target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' }],
    trunks: ['a'],
    classes: ['national'],
    heldFence: 0,
    outboxPending: 0,
    ...changes,
  };
}

/** A batch with no measurements; fields may be replaced. */
export function batchFrame(changes: Partial<BatchFrame> = {}): BatchFrame {
  return {
    v: 1,
    type: 'batch',
    sequence: 0,
    sentAtMs: 2000,
    sentAtEpochMs: 1_800_000_001_000,
    measurements: [],
    ...changes,
  };
}

/** A durable event saying that Asterisk was lost; fields may be replaced. */
export function eventFrame(changes: Partial<EventFrame> = {}): EventFrame {
  return {
    v: 1,
    type: 'event',
    sequence: 1,
    outboxId: 'outbox-0001',
    occurredAtMs: 1500,
    occurredAtEpochMs: 1_800_000_000_500,
    body: { kind: 'asterisk-lost', reason: 'connection closed' },
    ...changes,
  };
}

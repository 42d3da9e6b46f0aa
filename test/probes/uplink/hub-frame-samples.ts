import type {
  AckFrame,
  BansFrame,
  CommandFrame,
  LeasesFrame,
  ModesFrame,
  PlanFrame,
  RefuseFrame,
  WelcomeFrame,
} from '../../../wire/hub-frames.ts';
import type { EventFrame } from '../../../wire/probe-frames.ts';

/** Outbox of the samples below. */
export const OUTBOX_ID = 'outbox-0000-sample';

const MODES = {
  stopped: false,
  routing: 'observe',
  spend: 'observe',
  security: 'observe',
  survival: 'observe',
  classes: [],
} as const;

/** A welcome of a hub that holds this fence. */
export function welcome(fence: number): WelcomeFrame {
  const hubInstanceId = 'hub-instance-1';
  return { v: 1, type: 'welcome', hubInstanceId, fence, sentAtEpochMs: 1, modes: { ...MODES, classes: [] } };
}

/** Modes, all of them observe. */
export function modes(fence: number): ModesFrame {
  return { v: 1, type: 'modes', fence, modes: { ...MODES, classes: [] } };
}

/** A plan with one class. */
export function plan(fence: number): PlanFrame {
  const route = {
    class: 'national',
    trunks: [{ trunk: 'alpha', weight: 1 }],
    mode: 'enforce',
    reason: 'test',
  } as const;
  const routes = [{ ...route, trunks: [...route.trunks] }];
  return { v: 1, type: 'plan', fence, version: 7, issuedAtEpochMs: 1, validUntilEpochMs: 2, routes };
}

/** No leases. */
export function leases(fence: number): LeasesFrame {
  return { v: 1, type: 'leases', fence, leases: [] };
}

/** No bans. */
export function bans(fence: number): BansFrame {
  return { v: 1, type: 'bans', fence, bans: [] };
}

/** Asks for a read-back. */
export function command(fence: number): CommandFrame {
  return { v: 1, type: 'command', commandId: 'command-0001', fence, command: { kind: 'read-back' } };
}

/** Acknowledges events of the sample outbox. */
export function ack(sequence: number, outboxId = OUTBOX_ID): AckFrame {
  return { v: 1, type: 'ack', outboxId, sequence };
}

/** A refusal. */
export function refuse(code: RefuseFrame['code'], fatal: boolean): RefuseFrame {
  return { v: 1, type: 'refuse', code, reason: 'test', fatal };
}

/** An event of the sample outbox. */
export function event(sequence: number): EventFrame {
  return {
    v: 1,
    type: 'event',
    sequence,
    outboxId: OUTBOX_ID,
    occurredAtMs: sequence,
    occurredAtEpochMs: sequence,
    body: { kind: 'probe-note', code: 'test', text: `event ${sequence}` },
  };
}

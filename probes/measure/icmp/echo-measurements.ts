import type { IcmpMeasurement, Outcome } from '../../../wire/measurement.ts';
import type { PingFault, PingPacket, PingRun } from './ping-output.ts';

/** What is known of a run beside ping's output. */
export type RunContext = {
  readonly target: string;
  /** Sequence of the run's first measurement; the others count up from it. */
  readonly firstSequence: number;
  /** When ping was started, on the probe's monotonic clock and on the wall. */
  readonly startedAtMs: number;
  readonly startedAtEpochMs: number;
  readonly intervalMs: number;
  /** How long a request without a reply was waited for at the least. */
  readonly waitMs: number;
  /** Addresses of this host: an ICMP error from one of them is our own failure to send. */
  readonly localAddresses: ReadonlySet<string>;
};

const FAULT_REASONS = {
  'no-route': 'no-route',
  'not-permitted': 'not-permitted',
  'socket-error': 'socket-error',
  'clock-stepped': 'program-failed',
  'program-failed': 'program-failed',
} as const satisfies Record<PingFault, Extract<Outcome, { kind: 'not-measured' }>['reason']>;

/**
 * Turns a run into measurements, one per request; a run that measured nothing gives one `not-measured`.
 *
 * An ICMP error from a router elsewhere is a request that was not answered, so it counts as `timed-out`; one from this
 * host itself (no ARP or neighbour answer, own filter) is `not-measured`, never loss (safety rule 2). Where the kernel
 * refused to send some of the requests, the unanswered ones of the run are `not-measured` as well, since ping does not
 * say which they were. All are of schedule `liveness`: equally spaced.
 *
 * `sentAtMs` is worked out from ping's own wall stamps and the two clocks at the start of the run: exact to about the
 * start-up time of the program (some ms), worse by any step of the wall clock inside the run.
 */
export function echoMeasurements(run: PingRun, context: RunContext): readonly IcmpMeasurement[] {
  const { target, firstSequence, startedAtMs } = context;
  const base = { kind: 'icmp', target, schedule: 'liveness' } as const;
  if (!run.ok) {
    const outcome = { kind: 'not-measured', reason: FAULT_REASONS[run.fault] } as const;
    return [{ ...base, sequence: firstSequence, sentAtMs: startedAtMs, outcome }];
  }
  return run.packets.map((packet, at) => ({
    ...base,
    sequence: firstSequence + at,
    sentAtMs: sentAtMs(packet, context),
    outcome: outcomeOf(packet, context, run.unsent > 0),
    ...(packet.kind === 'answered' && packet.hopLimit !== undefined && { hopLimit: packet.hopLimit }),
  }));
}

function sentAtMs(packet: PingPacket, { startedAtMs, startedAtEpochMs, intervalMs }: RunContext): number {
  const byCountMs = startedAtMs + (packet.echoSequence - 1) * intervalMs;
  if (packet.kind === 'unreachable' || packet.atEpochMs === undefined) return byCountMs;
  const beforeMs = packet.kind === 'answered' ? packet.rttMs : intervalMs;
  return Math.max(0, startedAtMs + (packet.atEpochMs - beforeMs - startedAtEpochMs));
}

function outcomeOf(packet: PingPacket, context: RunContext, hasUnsent: boolean): Outcome {
  switch (packet.kind) {
    case 'answered':
      return { kind: 'answered', rttMs: packet.rttMs };
    case 'unanswered':
      if (hasUnsent) return { kind: 'not-measured', reason: 'socket-error' };
      return { kind: 'timed-out', waitedMs: context.waitMs };
    case 'unreachable':
      if (hasUnsent) return { kind: 'not-measured', reason: 'socket-error' };
      if (context.localAddresses.has(packet.from)) return { kind: 'not-measured', reason: 'no-route' };
      return { kind: 'timed-out', waitedMs: context.waitMs };
    default:
      return packet satisfies never;
  }
}

import type { HubFrame } from '../../wire/hub-frames.ts';
import type { InstrumentReading, Measurement } from '../../wire/measurement.ts';
import type { EventFrame, HelloFrame, PlanResultFrame, ReadBackFrame, TargetsFrame } from '../../wire/probe-frames.ts';
import type { HubConnectionEnd } from './hub-connection-client.ts';
import type { MeasurementQueue } from './measurement-queue.ts';
import type { AckOutcome } from './outbox-store.ts';
import type { UplinkNotice, UplinkPhase } from './uplink-state.ts';

/** The part of the outbox that the uplink needs. */
export type EventSource = {
  readonly outboxId: string;
  unacknowledged(after: number, limit: number): Promise<readonly EventFrame[]>;
  acknowledge(outboxId: string, sequence: number): Promise<AckOutcome>;
};

/** What the owner is told of the uplink's condition. */
export type UplinkReport =
  | { readonly kind: 'phase'; readonly phase: UplinkPhase; readonly hubUrl: string }
  | { readonly kind: 'ended'; readonly hubUrl: string; readonly end: HubConnectionEnd }
  | { readonly kind: 'notice'; readonly notice: UplinkNotice }
  /** A frame of ours that was too large to send, or an operation of the owner's that failed; nothing was sent. */
  | { readonly kind: 'fault'; readonly text: string; readonly cause?: unknown };

/** What an uplink is made of. Callbacks must not throw; one that does is reported and the uplink goes on. */
export type UplinkOptions = {
  /** Tried in turn, one per attempt; at least one. */
  readonly urls: readonly string[];
  readonly token: string;
  /** Plaintext to other hosts than loopback (safety rule 10). */
  readonly allowPlaintext?: boolean;
  /** PEM text that replaces the system's certificates. */
  readonly ca?: string;
  /** Highest fence known from before, of the plan read back from AstDB. */
  readonly fence?: number;
  /**
   * Made anew for each connection, so that it tells how things stand now (safety rule 9).
   *
   * @param heldFence - highest fence seen so far, as the frame has it.
   */
  readonly hello: (heldFence: number) => HelloFrame | Promise<HelloFrame>;
  readonly outbox: EventSource;
  readonly queue: MeasurementQueue;
  /** Every accepted frame but acknowledgements: welcome, modes, plan, leases, bans, command. */
  readonly onFrame: (frame: HubFrame) => void;
  readonly onState: (report: UplinkReport) => void;
  readonly clock: { readonly nowMs: () => number; readonly epochMs: () => number };
  /** Uniform in [0, 1). */
  readonly random: () => number;
};

/** A running uplink. */
export type Uplink = {
  /** Queues a measurement; it leaves within 100 ms, at once where urgent, later or never where the hub is away. */
  readonly sendBatchSoon: (measurement: Measurement, isUrgent?: boolean) => void;
  /** Goes with the next batch, within 100 ms; the newest replaces one not sent. */
  readonly sendInstrument: (reading: InstrumentReading) => void;
  /** @returns false where the hub is away and nothing was sent: the next hello tells what AstDB holds. */
  readonly sendPlanResult: (frame: PlanResultFrame) => boolean;
  /** As {@link sendPlanResult}. */
  readonly sendReadBack: (frame: ReadBackFrame) => boolean;
  /** As {@link sendPlanResult}; the next hello tells the targets as they are then. */
  readonly sendTargets: (frame: TargetsFrame) => boolean;
  /** To be called after an event was appended to the outbox. */
  readonly notifyOutbox: () => void;
  readonly phase: () => UplinkPhase;
  /** Highest fence seen; never falls. */
  readonly heldFence: () => number;
  /** Closes cleanly and stops for good; resolves when the socket is gone. The outbox stays open. */
  readonly close: () => Promise<void>;
};

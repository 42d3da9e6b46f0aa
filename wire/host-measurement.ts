import Type, { type Static } from 'typebox';
import { Counter, DurationMs, MonotonicMs, TargetName } from './identifiers.ts';

const closed = { additionalProperties: false } as const;

/**
 * A short bounded transfer between two sites over TCP: what the line carries, on suspicion or once a day. `forward` is from
 * this PBX to the peer.
 */
export const LineMeasurement = Type.Object(
  {
    kind: Type.Literal('line'),
    target: TargetName,
    direction: Type.Union([Type.Literal('forward'), Type.Literal('reverse')]),
    startedAtMs: MonotonicMs,
    durationMs: DurationMs,
    /** Bytes that arrived, by the receiver's count. */
    bytes: Counter,
    outcome: Type.Union([
      Type.Literal('measured'),
      Type.Literal('refused'),
      Type.Literal('timed-out'),
      /** Not begun: live calls have the line, or another transfer runs. */
      Type.Literal('yielded'),
    ]),
  },
  closed,
);
/** Static type of {@link LineMeasurement}. */
export type LineMeasurement = Static<typeof LineMeasurement>;

/** Counters of one network interface over an interval, as deltas (Linux `/proc/net/dev`). */
export const InterfaceMeasurement = Type.Object(
  {
    kind: Type.Literal('interface'),
    name: Type.String({ pattern: '^[A-Za-z0-9_.:@-]{1,15}$' }),
    observedAtMs: MonotonicMs,
    intervalMs: DurationMs,
    receivedBytes: Counter,
    receivedPackets: Counter,
    receivedErrors: Counter,
    receivedDropped: Counter,
    sentBytes: Counter,
    sentPackets: Counter,
    sentErrors: Counter,
    sentDropped: Counter,
  },
  closed,
);
/** Static type of {@link InterfaceMeasurement}. */
export type InterfaceMeasurement = Static<typeof InterfaceMeasurement>;

/** Any measurement of the line or the host itself. */
export const HostMeasurement = Type.Union([LineMeasurement, InterfaceMeasurement]);
/** Static type of {@link HostMeasurement}. */
export type HostMeasurement = Static<typeof HostMeasurement>;

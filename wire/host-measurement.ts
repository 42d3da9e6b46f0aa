import Type, { type Static } from 'typebox';
import { Counter, DurationMs, InstanceToken, MonotonicMs, TargetName } from './identifiers.ts';

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
    /** Of the order that asked for it. */
    session: Type.Optional(InstanceToken),
    /** Bytes that arrived, by the receiver's count. */
    bytes: Counter,
    /** Those of the steady part of the time, past slow start; absent where that was too short to tell a rate. */
    steadyBytes: Type.Optional(Counter),
    steadyMs: Type.Optional(DurationMs),
    /** No faster than this was sent, by the files of both probes, kbit/s. */
    capKbps: Type.Optional(Counter),
    /** The line held the sender up; false: it took all that was sent, and carries at least this. */
    isLineBound: Type.Optional(Type.Boolean()),
    outcome: Type.Union([
      Type.Literal('measured'),
      Type.Literal('refused'),
      Type.Literal('timed-out'),
      /** Not begun, or broken off: live calls have the line, or another transfer runs. */
      Type.Literal('yielded'),
    ]),
    /** Why there is no figure. */
    because: Type.Optional(
      Type.Union([
        Type.Literal('live-calls'),
        /** Asterisk cannot be asked: nobody knows whether there are calls. */
        Type.Literal('calls-unknown'),
        Type.Literal('another-transfer'),
        Type.Literal('peer-live-calls'),
        Type.Literal('turned-off'),
        /** The probe's own file allows no transfer with this peer so soon after the last, or no more bytes today. */
        Type.Literal('too-soon'),
        Type.Literal('day-spent'),
        /** Nobody listens on the peer's port, or nothing lets this PBX through to it. */
        Type.Literal('no-connection'),
        /** The peer ended the connection without a word: it knows no such session, key or address. */
        Type.Literal('not-accepted'),
        /** What answered could not prove that it knows the session's key. */
        Type.Literal('not-proved'),
        Type.Literal('broken-off'),
        Type.Literal('no-answer'),
        Type.Literal('closed'),
      ]),
    ),
  },
  closed,
);
/** Static type of {@link LineMeasurement}. */
export type LineMeasurement = Static<typeof LineMeasurement>;

/** Rate of a measured transfer, past slow start where it lasted long enough; undefined where no time passed. */
export function lineBitsPerSecond({ bytes, durationMs, steadyBytes, steadyMs }: LineMeasurement): number | undefined {
  if (steadyBytes !== undefined && steadyMs !== undefined && steadyMs > 0) return (steadyBytes * 8000) / steadyMs;
  return durationMs > 0 ? (bytes * 8000) / durationMs : undefined;
}

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

import type { MeshDuty } from '../../../wire/assignment.ts';
import type { ClockReading } from '../../../wire/measurement.ts';
import type { MeshIdleMeasurement, MeshMeasurement } from '../../../wire/rtp-measurement.ts';
import type { MeshLimits } from './mesh-load.ts';

/** A duty with the peer as the probe's own file names it. */
export type MeshTask = MeshDuty & {
  readonly target: string;
  /** Literal, as the system writes it. */
  readonly address: string;
  readonly port: number;
};

/** What both threads of the mesh are started with. */
export type MeshThreadData = {
  /** What the main thread's monotonic clock shows when the system's shows 0, in milliseconds. */
  readonly shiftMs: number;
  /** Of the stamp clock: wall time when the main thread's monotonic clock showed 0. Kept for the threads' whole life. */
  readonly stampBaseEpochMs: number;
  /** Packets sent, by slot: written by the pacing thread, read by the other. */
  readonly sentCounts: Int32Array<SharedArrayBuffer>;
  readonly sourceAddress: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly limits: MeshLimits;
};

/** To the measuring thread. */
export type ToMesh =
  | { readonly kind: 'assign'; readonly tasks: readonly MeshTask[] }
  | { readonly kind: 'live-calls'; readonly count: number }
  | { readonly kind: 'clock'; readonly reading: ClockReading | undefined }
  | { readonly kind: 'close' };

/** Why a datagram got nothing back, besides the refusals of a genuine one. */
export type PacketRefusal =
  | 'malformed'
  | 'unknown-session'
  | 'wrong-address'
  | 'wrong-size'
  | 'wrong-role'
  | 'bad-mac'
  | 'duplicate'
  | 'too-old'
  | 'stale-run';

/** From the measuring thread. */
export type FromMesh =
  | { readonly kind: 'bound'; readonly port: number }
  | { readonly kind: 'fault'; readonly text: string }
  | { readonly kind: 'refused'; readonly counts: Readonly<Partial<Record<PacketRefusal, number>>> }
  /** Datagrams that the system dropped in front of the mesh port since the last message of this kind. */
  | { readonly kind: 'own-drops'; readonly count: number }
  | {
      readonly kind: 'report';
      readonly measurements: readonly (MeshMeasurement | MeshIdleMeasurement)[];
      readonly target: string;
      readonly rttsMs: readonly number[];
      readonly latesMs: readonly number[];
    }
  | { readonly kind: 'closed' };

/** To the pacing thread. */
export type ToPacer =
  | {
      readonly kind: 'start';
      readonly slot: number;
      readonly ssrc: number;
      readonly tag: string;
      /** As in the duty. */
      readonly key: string;
      readonly address: string;
      readonly port: number;
      readonly packetMs: number;
      readonly payloadBytes: number;
      /** First packet, on the main thread's monotonic clock. */
      readonly firstDueMs: number;
    }
  | { readonly kind: 'stop'; readonly slot: number }
  | { readonly kind: 'close' };

/** From the pacing thread: nothing more is sent in this slot. */
export type FromPacer = { readonly kind: 'stopped'; readonly slot: number; readonly fault?: string };

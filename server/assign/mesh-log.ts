import type { Measurement } from '../../wire/measurement.ts';
import type { MeshIdleMeasurement } from '../../wire/rtp-measurement.ts';
import type { MeshStream } from './mesh-election.ts';
import { lossGround, type MeshPolicy } from './mesh-policy.ts';

type Report = { readonly atMs: number; readonly expected: number; readonly lost: number };

/** What was last heard of one stream, hub time. */
export type StreamHeard = {
  readonly reportedAtMs: number | undefined;
  readonly idle: { readonly atMs: number; readonly because: MeshIdleMeasurement['because'] } | undefined;
};

const NOTHING: StreamHeard = { reportedAtMs: undefined, idle: undefined };

/**
 * What the sender of each elected stream tells of it: when it was last heard, and what it lost of late. Whatever else is
 * told, of another session or by another PBX, takes no memory. Mutable; owned by {@link MeshDuties}.
 */
export class MeshLog {
  readonly #windowMs: number;
  readonly #leastPackets: number;
  readonly #streams = new Map<string, { readonly sender: string; heard: StreamHeard; reports: Report[] }>();

  constructor(policy: MeshPolicy) {
    ({ windowMs: this.#windowMs, packets: this.#leastPackets } = lossGround(policy));
  }

  /** These streams are elected now: what is known of any other is forgotten. */
  keep(streams: readonly MeshStream[]): void {
    const sessions = new Set(streams.map(({ session }) => session));
    for (const session of this.#streams.keys()) if (!sessions.has(session)) this.#streams.delete(session);
    for (const { session, sender } of streams) {
      if (!this.#streams.has(session)) this.#streams.set(session, { sender, heard: NOTHING, reports: [] });
    }
  }

  /** Looks for what the streams met in a batch of a PBX. */
  measured(pbx: string, measurements: readonly Measurement[], nowMs: number): void {
    for (const measurement of measurements) {
      if (measurement.kind !== 'rtp-mesh' && measurement.kind !== 'rtp-mesh-idle') continue;
      const stream = this.#streams.get(measurement.session);
      if (stream?.sender !== pbx) continue;
      if (measurement.kind === 'rtp-mesh-idle') {
        stream.heard = { ...stream.heard, idle: { atMs: nowMs, because: measurement.because } };
      } else {
        const { expected, lost } = measurement.figures;
        stream.heard = { ...stream.heard, reportedAtMs: nowMs };
        stream.reports.push({ atMs: nowMs, expected, lost });
      }
    }
  }

  /** What was last heard of a stream. */
  heard(session: string): StreamHeard {
    return this.#streams.get(session)?.heard ?? NOTHING;
  }

  /** Loss of a stream of late, both directions together, 0 to 1; undefined where too little was reported to tell. */
  loss(session: string, nowMs: number): number | undefined {
    const stream = this.#streams.get(session);
    if (!stream) return undefined;
    stream.reports = stream.reports.filter(({ atMs }) => nowMs - atMs <= this.#windowMs);
    const expected = stream.reports.reduce((sum, each) => sum + each.expected, 0);
    if (expected < this.#leastPackets) return undefined;
    return stream.reports.reduce((sum, each) => sum + each.lost, 0) / expected;
  }

  /** Begins its loss anew, so that it is not held against it twice. */
  forgive(session: string): void {
    const stream = this.#streams.get(session);
    if (stream) stream.reports = [];
  }
}

import type { Figure, NoData } from '../../../wire/figures.ts';
import type { LineMeasurement } from '../../../wire/host-measurement.ts';
import type { CertificateMeasurement } from '../../../wire/measurement.ts';
import type { MeshIdleMeasurement, MeshMeasurement, TestCallMeasurement } from '../../../wire/rtp-measurement.ts';
import { LineQuality } from './line-quality.ts';
import type { MediaPool } from './media-window.ts';
import { MeshQuality } from './mesh-quality.ts';
import { MinuteSums } from './minute-sums.ts';
import { TEST_CALL_WINDOW_MS, TestCallQuality } from './test-call-quality.ts';

const DAY_MS = 86_400_000;

/** Figures are over so long. */
export const QUALITY_WINDOW_MS = 300_000;

/** Everything but SIP OPTIONS and ICMP that was measured of one path. Mutable; owned by the quality table. */
export class PathQuality {
  readonly #mesh = new MeshQuality();
  readonly #testCalls = new TestCallQuality();
  readonly #abstained = new MinuteSums<'reports'>();
  #certificate: { readonly atMs: number; readonly seen: CertificateMeasurement } | undefined;
  readonly #lines = new LineQuality();

  /** A report of a mesh stream. */
  addMesh(measurement: MeshMeasurement, atMs: number): void {
    this.#mesh.add(measurement, atMs);
  }

  /** A mesh stream told why it has no figures. */
  addMeshIdle(measurement: MeshIdleMeasurement, atMs: number): void {
    this.#mesh.addIdle(measurement, atMs);
  }

  /** A test call has ended. */
  addTestCall(call: TestCallMeasurement, atMs: number): void {
    this.#testCalls.add(call, atMs);
  }

  /** A report of a probe whose instrument was sick: it is left out, and counted (safety rule 1). */
  addAbstained(atMs: number): void {
    this.#abstained.add(atMs, { reports: 1 });
  }

  /** Packets of the mesh stream in one direction since `sinceMs`; undefined where none were reported. */
  counts(direction: 'forward' | 'reverse', sinceMs: number): MediaPool | undefined {
    return this.#mesh.counts(direction, sinceMs);
  }

  /** End of validity and acceptance of the certificate that was last seen. */
  get certificate(): CertificateMeasurement | undefined {
    return this.#certificate?.seen;
  }

  /** The edge showed a certificate. */
  addCertificate(seen: CertificateMeasurement, atMs: number): void {
    this.#certificate = { atMs, seen };
  }

  /** A transfer over the line to a peer has ended. */
  addLine(line: LineMeasurement, atMs: number): void {
    this.#lines.add(line, atMs);
  }

  /** What is known now; nothing that was not measured. */
  figures(nowMs: number): readonly Figure[] {
    return [
      ...this.#mesh.figures(QUALITY_WINDOW_MS, nowMs, this.#leftOut(nowMs - QUALITY_WINDOW_MS)),
      ...this.#testCalls.figures(nowMs, this.#leftOut(nowMs - TEST_CALL_WINDOW_MS)),
      ...this.#certificateFigures(nowMs),
      ...this.#lines.figures(),
    ];
  }

  /** Figures that are missing, and why. */
  noData(nowMs: number): readonly NoData[] {
    return [...this.#mesh.noData(QUALITY_WINDOW_MS, nowMs), ...this.#lines.noData()];
  }

  #leftOut(sinceMs: number): readonly string[] {
    const reports = this.#abstained.sum('reports', sinceMs);
    return reports > 0 ? [`${reports} reports left out: the probe's instrument was sick`] : [];
  }

  #certificateFigures(nowMs: number): readonly Figure[] {
    if (!this.#certificate) return [];
    const { atMs, seen } = this.#certificate;
    const state = seen.isAccepted ? 'accepted' : `not accepted: ${seen.fault ?? 'unknown fault'}`;
    const shape = { kind: 'certificate-days', direction: 'none', unit: 'days', sample: 'TLS handshake' } as const;
    const source = 'end of validity of the certificate that the edge showed';
    const value = (seen.validUntilEpochMs - nowMs) / DAY_MS;
    return [{ ...shape, value, n: 1, windowMs: 0, newestAtEpochMs: atMs, source, notes: [state] }];
  }
}

import type { Figure } from '../../../wire/figures.ts';
import type { LineMeasurement } from '../../../wire/host-measurement.ts';
import type { CertificateMeasurement } from '../../../wire/measurement.ts';
import type { MeshMeasurement, StreamFigures, TestCallMeasurement } from '../../../wire/rtp-measurement.ts';
import { RttWindow } from '../rtt-quantiles.ts';
import { delayFigures } from './figures/delay-figures.ts';
import { burstRatio, jitterFigure, lossFigure, type MediaSubject } from './figures/loss-figures.ts';
import { mosFigure } from './figures/mos-figure.ts';
import { type MediaInterval, type MediaPool, MediaWindow } from './media-window.ts';
import { MinuteSums } from './minute-sums.ts';

const DAY_MS = 86_400_000;

/** Figures are over so long. */
export const QUALITY_WINDOW_MS = 300_000;

/** Everything but SIP OPTIONS and ICMP that was measured of one path. Mutable; owned by the quality table. */
export class PathQuality {
  readonly #mesh = { forward: new MediaWindow(), reverse: new MediaWindow() };
  readonly #meshRtt = new RttWindow();
  readonly #test = { received: new MediaWindow(), forward: new MediaWindow() };
  readonly #testPdd = new RttWindow();
  readonly #abstained = new MinuteSums<'reports'>();
  readonly #lastMesh = new Map<MeshMeasurement['direction'], MeshMeasurement>();
  #lastTest: { readonly atMs: number; readonly call: TestCallMeasurement } | undefined;
  #certificate: { readonly atMs: number; readonly seen: CertificateMeasurement } | undefined;
  readonly #lines = new Map<string, { readonly atMs: number; readonly line: LineMeasurement }>();

  /** A report of a mesh stream. */
  addMesh(measurement: MeshMeasurement, atMs: number): void {
    this.#lastMesh.set(measurement.direction, measurement);
    this.#mesh[measurement.direction].add(atMs, interval(measurement.figures, measurement.rtt?.p50Ms));
    if (measurement.rtt) this.#meshRtt.add(atMs, measurement.rtt.p50Ms);
  }

  /** A test call has ended. */
  addTestCall(call: TestCallMeasurement, atMs: number): void {
    this.#lastTest = { atMs, call };
    if (call.pddMs !== undefined) this.#testPdd.add(atMs, call.pddMs);
    if (call.received) this.#test.received.add(atMs, interval(call.received, call.rttMs));
    if (call.forward) this.#test.forward.add(atMs, { expected: call.forward.expected, lost: call.forward.lost });
  }

  /** A report of a probe whose instrument was sick: it is left out, and counted (safety rule 1). */
  addAbstained(atMs: number): void {
    this.#abstained.add(atMs, { reports: 1 });
  }

  /** Packets of the mesh stream in one direction since `sinceMs`; undefined where none were reported. */
  counts(direction: 'forward' | 'reverse', sinceMs: number): MediaPool | undefined {
    return this.#mesh[direction].pool(sinceMs);
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
    if (line.outcome === 'measured') this.#lines.set(line.direction, { atMs, line });
  }

  /** What is known now; nothing that was not measured. */
  figures(nowMs: number): readonly Figure[] {
    return [
      ...this.#meshFigures(nowMs),
      ...this.#testFigures(nowMs),
      ...this.#certificateFigures(nowMs),
      ...this.#lineFigures(),
    ];
  }

  #meshFigures(nowMs: number): readonly Figure[] {
    const sinceMs = nowMs - QUALITY_WINDOW_MS;
    const packetMs = (this.#lastMesh.get('reverse') ?? this.#lastMesh.get('forward'))?.packetMs ?? 20;
    const rtt = this.#meshRtt.estimate(QUALITY_WINDOW_MS, nowMs);
    const source = `own RTP stream between the two probes, one packet each ${packetMs} ms while it runs, counted packet by packet`;
    const found = (['forward', 'reverse'] as const).flatMap((direction) => {
      const pool = this.#mesh[direction].pool(sinceMs);
      if (!pool) return [];
      const subject = (kind: MediaSubject['kind']) => ({
        kind,
        direction,
        source,
        notes: this.#leftOut(sinceMs),
        windowMs: QUALITY_WINDOW_MS,
      });
      const ground = { codec: 'ulaw', rttMs: rtt?.p50Ms, burstRatio: burstRatio(pool) };
      return [
        lossFigure(pool, subject('mesh-loss')),
        jitterFigure(pool, subject('mesh-jitter')),
        mosFigure(pool, subject('mos-nb'), ground),
      ].flatMap((figure) => figure ?? []);
    });
    const delays = [...this.#lastMesh.values()].flatMap((last) => {
      const newestAtMs = this.#mesh[last.direction].pool(sinceMs)?.newestAtMs;
      return newestAtMs === undefined ? [] : delayFigures(last, newestAtMs);
    });
    if (!rtt) return [...found, ...delays];
    const newestAtEpochMs = this.#mesh.reverse.pool(sinceMs)?.newestAtMs ?? nowMs;
    const notes = ["without the reflector's holding time", `95 of 100 reports under ${rtt.p95Ms.toFixed(1)} ms`];
    const shape = {
      kind: 'mesh-rtt',
      direction: 'round-trip',
      unit: 'milliseconds',
      sample: 'report of a stream',
    } as const;
    return [
      ...found,
      { ...shape, value: rtt.p50Ms, n: rtt.n, windowMs: rtt.windowMs, newestAtEpochMs, source, notes },
      ...delays,
    ];
  }

  #leftOut(sinceMs: number): readonly string[] {
    const reports = this.#abstained.sum('reports', sinceMs);
    return reports > 0 ? [`${reports} reports left out: the probe's instrument was sick`] : [];
  }

  #testFigures(nowMs: number): readonly Figure[] {
    if (!this.#lastTest) return [];
    const { call } = this.#lastTest;
    const windowMs = 3_600_000;
    const source = `test calls of the probe itself to ${call.far === 'echo' ? 'an echo' : 'a test'} number`;
    const received = this.#test.received.pool(nowMs - windowMs);
    const forward = this.#test.forward.pool(nowMs - windowMs);
    const both = call.receivedCovers === 'round-trip' ? 'round-trip' : 'reverse';
    const pdd = this.#testPdd.estimate(windowMs, nowMs);
    const shared = { notes: this.#leftOut(nowMs - windowMs), windowMs };
    return [
      ...(received ? [lossFigure(received, { kind: 'test-call-loss', direction: both, source, ...shared })] : []),
      ...(forward
        ? [
            lossFigure(forward, {
              kind: 'test-call-loss',
              direction: 'forward',
              source: `${source}, by the far end's RTCP`,
              ...shared,
            }),
          ]
        : []),
      ...(pdd
        ? [
            {
              kind: 'test-call-pdd',
              direction: 'none',
              value: pdd.p50Ms,
              unit: 'milliseconds',
              n: pdd.n,
              sample: 'test call',
              windowMs: pdd.windowMs,
              newestAtEpochMs: this.#lastTest.atMs,
              source: `${source}: INVITE to the first of 180, 183 or the final answer`,
              notes: [`last call: ${call.outcome}`],
            } as const,
          ]
        : []),
    ];
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

  #lineFigures(): readonly Figure[] {
    return [...this.#lines.values()].map(({ atMs, line: { bytes, direction, durationMs } }) => ({
      kind: 'line-rate',
      direction,
      value: durationMs > 0 ? (bytes * 8000) / durationMs : 0,
      unit: 'bits-per-second',
      n: bytes,
      sample: 'byte',
      windowMs: durationMs,
      newestAtEpochMs: atMs,
      source: "one bounded TCP transfer, by the receiver's clock from the first byte to the last",
      notes: ['slow start is in it, so a short transfer reads low', 'no interval: one transfer'],
    }));
  }
}

function interval({ expected, jitterMs, lossRuns, lost }: StreamFigures, rttMs: number | undefined): MediaInterval {
  return { expected, lost, lossRuns: lossRuns.reduce((sum, runs) => sum + runs, 0), jitterMs, rttMs };
}

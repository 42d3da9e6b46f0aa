import type { Measurement } from '../wire/measurement.ts';
import type { Engine, MeasurementGround } from './engine.ts';
import type { Fleet } from './fleet.ts';
import type { JournalRunner } from './journal-runner.ts';
import { observeTrunks, QualityMetrics } from './metrics/quality-metrics.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import { splitPathKey } from './paths/path-key.ts';
import type { CallEnded } from './paths/quality/ended-call.ts';
import { QualityWatch } from './paths/quality/quality-watch.ts';

/** Gauges of trunks change slowly: they are set at most once in so long. */
const GAUGES_EVERY_MS = 5000;

/** What is told of the quality that calls meet, beside its figures. */
export type QualityParts = {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly journal: JournalRunner;
  readonly metrics: HubMetrics;
};

/** Carries what is measured besides OPTIONS and ICMP into metrics and journal; what is news decides {@link QualityWatch}. */
export class QualityRunner {
  readonly #parts: QualityParts;
  readonly #metrics: QualityMetrics;
  readonly #watch = new QualityWatch();
  #gaugesAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: QualityParts) {
    this.#parts = parts;
    const { siteOf, providerOf } = parts.fleet;
    const peerOf = (pbx: string, target: string): string | undefined => {
      const found = parts.engine.targetOf(pbx, target);
      return found?.kind === 'peer' ? found.peer : undefined;
    };
    this.#metrics = new QualityMetrics(parts.metrics, { siteOf, providerOf, peerOf });
  }

  /** Something was measured. Of a sick probe nothing is counted, and its failed test calls are no news (safety rule 1). */
  measured(pbx: string, measurement: Measurement, { isKnown, isSick }: MeasurementGround, nowMs: number): void {
    if (measurement.kind === 'sip-options' || measurement.kind === 'icmp') return;
    if (!isSick) this.#metrics.measured(pbx, measurement);
    if (!isKnown) return;
    const found = 'target' in measurement ? this.#parts.engine.targetOf(pbx, measurement.target) : undefined;
    const trunk = found?.kind === 'trunk' ? found.trunk : undefined;
    for (const { about, ...news } of this.#watch.take({ pbx, trunk, measurement, isSick, nowMs })) {
      this.#parts.journal.writeSparsely({ ...news, actor: 'hub' }, about, nowMs);
    }
  }

  /** A call ended, as told for the first time. */
  called(body: CallEnded): void {
    this.#metrics.called(body);
  }

  /** A pass was made: sets the gauges, every few seconds. */
  passed(nowMs: number): void {
    if (nowMs - this.#gaugesAtMs < GAUGES_EVERY_MS) return;
    this.#gaugesAtMs = nowMs;
    const { engine, metrics } = this.#parts;
    const ends = [...engine.quality.certificateEnds()].flatMap(([key, validUntilEpochMs]) => {
      const { name, pbx } = splitPathKey(key);
      const found = engine.targetOf(pbx, name);
      return found?.kind === 'trunk' ? [{ trunk: found.trunk, validUntilEpochMs }] : [];
    });
    observeTrunks(metrics, engine.quality.trunkStates(), ends, nowMs);
  }
}

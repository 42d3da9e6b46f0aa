import type { PassResult } from '../engine.ts';
import type { ProbeStatus } from '../probe-status.ts';
import type { HubMetrics } from './registry-server.ts';

/** The gauges that describe the fleet as of the latest pass. Of each probe only what has changed is set. */
export class PassGauges {
  readonly #metrics: HubMetrics;
  readonly #connected = new Map<string, boolean>();
  readonly #sick = new Map<string, boolean>();

  constructor(metrics: HubMetrics) {
    this.#metrics = metrics;
  }

  /** Sets them after a pass. */
  observe({ census, openVerdicts, routes }: PassResult, statuses: Iterable<ProbeStatus>): void {
    const metrics = this.#metrics;
    metrics.reset('paths');
    for (const [state, count] of census.byState) metrics.set('paths', count, { state });
    metrics.reset('verdictsOpen');
    const verdicts = Map.groupBy(openVerdicts, ({ place, certainty }) => `${place.kind} ${certainty}`);
    for (const [, own] of verdicts) {
      const [first] = own;
      if (first) metrics.set('verdictsOpen', own.length, { kind: first.place.kind, certainty: first.certainty });
    }
    metrics.reset('routesPanic');
    for (const { pbx, class: name, isPanic } of routes) {
      if (isPanic) metrics.set('routesPanic', 1, { pbx, class: name });
    }
    for (const { pbx, site, state } of statuses) {
      this.#tell('probeConnected', this.#connected, { site, pbx }, state === 'connected');
      this.#tell('probeSick', this.#sick, { site, pbx }, census.sickPbxes.has(pbx));
    }
  }

  #tell(
    gauge: 'probeConnected' | 'probeSick',
    told: Map<string, boolean>,
    labels: { readonly site: string; readonly pbx: string },
    isSo: boolean,
  ): void {
    if (told.get(labels.pbx) === isSo) return;
    told.set(labels.pbx, isSo);
    this.#metrics.set(gauge, isSo ? 1 : 0, labels);
  }
}

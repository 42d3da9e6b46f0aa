import type { LiveOrders } from '../../wire/live.ts';
import type { PassResult } from '../pass-result.ts';
import type { ProbeStatus } from '../probe-status.ts';
import type { HeldBack } from '../routing/route-plan.ts';
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
    metrics.reset('routesHeldBack');
    const heldBack = new Map<HeldBack, number>();
    for (const { pbx, class: name, heldBack: reason, isPanic } of routes) {
      if (isPanic) metrics.set('routesPanic', 1, { pbx, class: name });
      if (reason !== undefined) heldBack.set(reason, (heldBack.get(reason) ?? 0) + 1);
    }
    for (const [reason, count] of heldBack) metrics.set('routesHeldBack', count, { reason });
    for (const { pbx, site, state } of statuses) {
      this.#tell('probeConnected', this.#connected, { site, pbx }, state === 'connected');
      this.#tell('probeSick', this.#sick, { site, pbx }, census.sickPbxes.has(pbx));
    }
  }

  /** What people ordered, and whether a switch is on. */
  observeOrders({ maintenance, pins }: LiveOrders, isStopped: boolean, nowMs: number): void {
    const isInForce = (each: LiveOrders['maintenance'][number]) =>
      each.fromEpochMs <= nowMs && nowMs < each.untilEpochMs;
    this.#metrics.set('routePins', pins.length);
    this.#metrics.set('routeMaintenances', maintenance.filter(isInForce).length);
    this.#metrics.set('routingStopped', isStopped ? 1 : 0);
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

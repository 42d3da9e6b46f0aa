import type { PassResult } from '../engine.ts';
import type { ProbeStatus } from '../probe-status.ts';
import type { HubMetrics } from './registry-server.ts';

/** Sets the gauges that describe the fleet as of the latest pass. */
export function observePass(metrics: HubMetrics, pass: PassResult, statuses: Iterable<ProbeStatus>): void {
  metrics.reset('paths');
  for (const [state, healths] of Map.groupBy(pass.healths, (health) => health.state)) {
    metrics.set('paths', healths.length, { state });
  }
  metrics.reset('verdictsOpen');
  const verdicts = Map.groupBy(pass.openVerdicts, ({ place, certainty }) => `${place.kind} ${certainty}`);
  for (const [, own] of verdicts) {
    const [first] = own;
    if (first) metrics.set('verdictsOpen', own.length, { kind: first.place.kind, certainty: first.certainty });
  }
  metrics.reset('routesPanic');
  for (const { pbx, class: name, isPanic } of pass.routes) {
    if (isPanic) metrics.set('routesPanic', 1, { pbx, class: name });
  }
  const sick = new Set(pass.healths.filter(({ isAbstaining }) => isAbstaining).map(({ ref }) => ref.pbx));
  for (const { pbx, site, state } of statuses) {
    metrics.set('probeConnected', state === 'connected' ? 1 : 0, { site, pbx });
    metrics.set('probeSick', sick.has(pbx) ? 1 : 0, { site, pbx });
  }
}

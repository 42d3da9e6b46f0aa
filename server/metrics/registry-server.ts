import { MetricRegistry } from '../../metric-registry-server.ts';
import { HUB_METRICS, type HubMetric } from './catalogue.ts';

/** The hub's metrics, made from {@link HUB_METRICS}. */
export class HubMetrics extends MetricRegistry<HubMetric> {
  constructor() {
    super(HUB_METRICS);
  }
}

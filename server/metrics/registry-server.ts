import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { HUB_METRICS, type HubMetric, type MetricDefinition } from './catalogue.ts';

type Labels = Readonly<Record<string, string>>;
type Instrument =
  | { readonly kind: 'counter'; readonly metric: Counter<string> }
  | { readonly kind: 'gauge'; readonly metric: Gauge<string> }
  | { readonly kind: 'histogram'; readonly metric: Histogram<string> };

/**
 * The hub's metrics on one registry of its own, made from the catalogue and nothing else. Using a metric as another
 * type than the catalogue says is a broken invariant and throws.
 */
export class HubMetrics {
  readonly #registry = new Registry();
  readonly #instruments = new Map<HubMetric, Instrument>();

  /** @param isProcessIncluded - adds the metrics of the Node process (memory, event loop, GC). */
  constructor(isProcessIncluded = true) {
    if (isProcessIncluded) collectDefaultMetrics({ register: this.#registry });
    for (const [key, definition] of Object.entries(HUB_METRICS) as [HubMetric, MetricDefinition][]) {
      this.#instruments.set(key, this.#make(definition));
    }
  }

  /** Adds to a counter. */
  count(key: HubMetric, labels: Labels = {}, by = 1): void {
    const instrument = this.#instruments.get(key);
    if (instrument?.kind !== 'counter') throw new Error(`${key} is no counter`);
    instrument.metric.inc({ ...labels }, by);
  }

  /** Sets a gauge. */
  set(key: HubMetric, value: number, labels: Labels = {}): void {
    const instrument = this.#instruments.get(key);
    if (instrument?.kind !== 'gauge') throw new Error(`${key} is no gauge`);
    instrument.metric.set({ ...labels }, value);
  }

  /** Forgets every series of a gauge, before it is filled anew. */
  reset(key: HubMetric): void {
    this.#instruments.get(key)?.metric.reset();
  }

  /** Adds one value to a histogram, in the metric's unit. */
  observe(key: HubMetric, value: number, labels: Labels = {}): void {
    const instrument = this.#instruments.get(key);
    if (instrument?.kind !== 'histogram') throw new Error(`${key} is no histogram`);
    instrument.metric.observe({ ...labels }, value);
  }

  /** The text of `/metrics` and its content type. */
  async expose(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #make(definition: MetricDefinition): Instrument {
    const { name, help } = definition;
    const shared = { name, help, labelNames: [...definition.labels], registers: [this.#registry] };
    switch (definition.type) {
      case 'counter':
        return { kind: 'counter', metric: new Counter(shared) };
      case 'gauge':
        return { kind: 'gauge', metric: new Gauge(shared) };
      case 'histogram':
        return { kind: 'histogram', metric: new Histogram({ ...shared, buckets: [...(definition.buckets ?? [])] }) };
      default:
        return definition.type satisfies never;
    }
  }
}

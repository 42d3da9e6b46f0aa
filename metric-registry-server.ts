import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One metric of a program: base units, labels of bounded number. */
export type MetricDefinition = {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit: 'seconds' | 'ratio' | 'bytes' | 'bits-per-second' | 'count' | 'state' | 'mos';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the unit. */
  readonly buckets?: readonly number[];
};

type Labels = Readonly<Record<string, string>>;
type Instrument =
  | { readonly kind: 'counter'; readonly metric: Counter<string> }
  | { readonly kind: 'gauge'; readonly metric: Gauge<string> }
  | { readonly kind: 'histogram'; readonly metric: Histogram<string> };

/**
 * The metrics of one program on a registry of its own, made from its catalogue and nothing else. Using a metric as
 * another type than the catalogue says is a broken invariant and throws.
 */
export class MetricRegistry<Key extends string> {
  readonly #registry = new Registry();
  readonly #instruments = new Map<Key, Instrument>();

  /** @param isProcessIncluded - adds the metrics of the Node process (memory, event loop, GC). */
  constructor(catalogue: Readonly<Record<Key, MetricDefinition>>, isProcessIncluded = true) {
    if (isProcessIncluded) collectDefaultMetrics({ register: this.#registry });
    for (const [key, definition] of Object.entries(catalogue) as [Key, MetricDefinition][]) {
      this.#instruments.set(key, this.#make(definition));
    }
  }

  /** Adds to a counter. */
  count(key: Key, labels: Labels = {}, by = 1): void {
    const instrument = this.#instruments.get(key);
    if (instrument?.kind !== 'counter') throw new Error(`${key} is no counter`);
    instrument.metric.inc({ ...labels }, by);
  }

  /** Sets a gauge. */
  set(key: Key, value: number, labels: Labels = {}): void {
    const instrument = this.#instruments.get(key);
    if (instrument?.kind !== 'gauge') throw new Error(`${key} is no gauge`);
    instrument.metric.set({ ...labels }, value);
  }

  /** Forgets every series of a metric, before a gauge is filled anew. */
  reset(key: Key): void {
    this.#instruments.get(key)?.metric.reset();
  }

  /** Adds one value to a histogram, in the metric's unit. */
  observe(key: Key, value: number, labels: Labels = {}): void {
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

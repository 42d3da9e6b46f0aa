import type { ResolutionMeasurement } from '../wire/measurement.ts';
import type { TargetDescription } from '../wire/probe-frames.ts';
import type { ProbeConfig } from './config-schema.ts';
import { type LocatedEdges, namedEdges } from './edge-place.ts';
import { LocationRunner } from './location-runner.ts';
import { callingTargets, dialledForms, type ProbeTarget, probeTargets, unlocatedEdges } from './probe-targets.ts';

/** What following the names of edges needs from the outside. None of the callbacks may throw. */
export type ProbePlacesDeps = {
  readonly config: ProbeConfig;
  readonly clock: { readonly nowMs: () => number };
  readonly onLookup: (measurement: ResolutionMeasurement) => void;
  /** A name stands for other addresses now: what this probe watches has changed. Never before {@link ProbePlaces.start}. */
  readonly onChanged: () => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** What a probe watches: its configured targets, and those that the names of edges stand for as they are now. */
export class ProbePlaces {
  readonly #config: ProbeConfig;
  readonly #locations: LocationRunner;
  #targets: readonly ProbeTarget[];
  #located: LocatedEdges = new Map();

  constructor({ config, clock, onLookup, onChanged, onFault }: ProbePlacesDeps) {
    this.#config = config;
    this.#targets = probeTargets(config);
    this.#locations = new LocationRunner({
      edges: namedEdges(config),
      options: config.dns,
      clock,
      onMeasurement: onLookup,
      onChanged: (located) => {
        this.#located = located;
        this.#targets = probeTargets(config, located);
        onChanged();
      },
      onFault,
    });
  }

  /** Everything that can be asked now. */
  get targets(): readonly ProbeTarget[] {
    return this.#targets;
  }

  /** What the hub is told of: also edges whose name is not found yet. */
  get descriptions(): TargetDescription[] {
    return [...this.#targets, ...this.#unlocatedMarks()].map(({ description }) => description);
  }

  /** What bears on the marks: an edge by name that is not found yet stands among them, never asked, for its trunk is not down without it. */
  get markTargets() {
    return [...callingTargets(this.#targets), ...this.#unlocatedMarks()];
  }

  /** Trunks as Asterisk knows them, with their edges in every form that a channel may be dialled by; always as of now. */
  get trunks() {
    const located = () => this.#locations.located;
    return this.#config.trunks.map((configured) => ({
      trunk: configured.trunk,
      endpoint: configured.endpoint,
      registration: configured.registration,
      get edges() {
        return dialledForms(configured, located());
      },
    }));
  }

  /** How many addresses each edge by name stands for. */
  addressCounts(): readonly (readonly [{ readonly trunk: string; readonly edge: string }, number])[] {
    return [...this.#located].map(([name, places]) => {
      const [trunk = '', edge = ''] = name.split('.');
      return [{ trunk, edge }, places.length] as const;
    });
  }

  /** Begins to look names up. */
  async start(): Promise<void> {
    await this.#locations.start();
  }

  /** Ends looking names up. */
  close(): void {
    this.#locations.close();
  }

  #unlocatedMarks() {
    return unlocatedEdges(this.#config, this.#located).map((description) => {
      return { target: description.target, trunk: description.trunk, description, address: '', port: 0 };
    });
  }
}

import type { ResolutionMeasurement } from '../wire/measurement.ts';
import { type LocatedEdges, MAX_HOSTS, type NamedEdge } from './edge-place.ts';
import type { NamedAddress } from './measure/sip/server-location.ts';
import { type LocationOptions, type LocationResult, locateServers } from './measure/sip/server-location-client.ts';

/** After a look-up that found nothing, or was not answered, the next. */
const RETRY_MS = 30_000;
/** Of `addresses` on the wire. */
const MAX_TOLD = 64;

/** What the runner needs from the outside. None of the callbacks may throw. */
export type LocationRunnerDeps = {
  readonly edges: readonly NamedEdge[];
  readonly options: LocationOptions;
  readonly clock: { readonly nowMs: () => number };
  readonly onMeasurement: (measurement: ResolutionMeasurement) => void;
  /** Some edge has other addresses than before. */
  readonly onChanged: (located: LocatedEdges) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/**
 * Keeps the addresses of edges that are configured by name, each looked up again when its records run out. Addresses stay until
 * others are found: a name server that fails, or says that there is nothing, does not make an edge unmeasured (safety rule 2).
 */
export class LocationRunner {
  readonly #deps: LocationRunnerDeps;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #located: LocatedEdges = new Map();
  #isClosed = false;

  constructor(deps: LocationRunnerDeps) {
    this.#deps = deps;
  }

  /** As last found, by `TRUNK.EDGE`. */
  get located(): LocatedEdges {
    return this.#located;
  }

  /** Looks every edge up once, and then each when it is due. Resolves when the first look-ups are over. */
  async start(): Promise<void> {
    await Promise.all(this.#deps.edges.map(async (edge) => await this.#lookUp(edge)));
  }

  /** No look-up begins, and nothing is told, after this. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  async #lookUp(named: NamedEdge): Promise<void> {
    const { clock, onFault, onMeasurement, options } = this.#deps;
    const observedAtMs = clock.nowMs();
    const result = await locateServers(named.query, options).catch((cause: unknown): LocationResult => {
      onFault('name look-up', cause);
      return { kind: 'failed' };
    });
    if (this.#isClosed) return;
    const { edge, trunk } = named;
    const resolveMs = clock.nowMs() - observedAtMs;
    const found = result.kind === 'resolved' ? result.addresses : [];
    const addresses = Math.min(MAX_TOLD, found.length);
    onMeasurement({ kind: 'resolution', trunk, edge, observedAtMs, resolveMs, outcome: result.kind, addresses });
    if (found.length > 0) this.#take(`${trunk}.${edge}`, found.slice(0, MAX_HOSTS));
    const waitMs = result.kind === 'resolved' ? result.refreshMs : RETRY_MS;
    const again = setTimeout(() => void this.#lookUp(named), waitMs);
    this.#timers.set(`${trunk}.${edge}`, again);
  }

  #take(key: string, found: readonly NamedAddress[]): void {
    if (JSON.stringify(this.#located.get(key)) === JSON.stringify(found)) return;
    this.#located = new Map(this.#located).set(key, found);
    this.#deps.onChanged(this.#located);
  }
}

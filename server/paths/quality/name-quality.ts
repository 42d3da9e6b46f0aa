import type { Figure, NoData } from '../../../wire/figures.ts';
import type { ResolutionMeasurement } from '../../../wire/measurement.ts';
import { lookupNoData } from './figures/no-data.ts';

type Seen = { readonly atMs: number; readonly lookup: ResolutionMeasurement };

/** Look-ups of the edges of one trunk that are configured by name, by edge. Mutable; owned by the trunk's quality. Hub time. */
export class NameQuality {
  readonly #edges = new Map<string, { readonly last: Seen; readonly found: Seen | undefined }>();

  /** One look-up is over. The caller admits edges of the fleet's configuration only. */
  add(lookup: ResolutionMeasurement, atMs: number): void {
    const seen = { atMs, lookup };
    const found = lookup.outcome === 'resolved' ? seen : this.#edges.get(lookup.edge)?.found;
    this.#edges.set(lookup.edge, { last: seen, found });
  }

  /** Edges whose last look-up found nothing; one edge alone where it is named. */
  noData(edge?: string): readonly NoData[] {
    return this.#of(edge).flatMap(
      ([name, { found, last }]) => lookupNoData(name, last.lookup, last.atMs, found?.lookup) ?? [],
    );
  }

  /** How many addresses were last found, by edge; one edge alone where it is named. */
  figures(edge?: string): readonly Figure[] {
    return this.#of(edge).flatMap(([name, { found }]): readonly Figure[] => {
      if (!found) return [];
      const { addresses, resolveMs } = found.lookup;
      const notes = [
        `edge ${name}`,
        `the look-up took ${resolveMs.toFixed(0)} ms`,
        'at most eight are measured, the first sorted as text',
        "not what Asterisk's own resolver sees",
      ];
      return [
        {
          kind: 'name-addresses',
          direction: 'none',
          value: addresses,
          unit: 'count',
          n: 1,
          sample: 'look-up',
          windowMs: 0,
          newestAtEpochMs: found.atMs,
          source:
            'addresses of the name of the edge by NAPTR, SRV, A and AAAA (RFC 3263), as the probe last found them',
          notes,
        },
      ];
    });
  }

  #of(edge: string | undefined) {
    return [...this.#edges].filter(([name]) => edge === undefined || name === edge);
  }
}

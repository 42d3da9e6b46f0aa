import type { LiveVerdict } from '../../wire/live.ts';
import type { HubReader } from './hub-reader.ts';

/** A verdict in one of the shapes that it was seen in. */
export type SeenVerdict = {
  readonly certainty: LiveVerdict['certainty'];
  readonly symptom: string;
  readonly place: string;
  readonly direction: string;
  readonly firstSeenAtEpochMs: number;
  readonly sentence: string;
};

/** Looks at the hub's verdicts all the time and keeps every certainty and place that any of them had since its start. */
export class VerdictWatch {
  readonly #reader: HubReader;
  readonly #seen = new Map<string, SeenVerdict>();
  readonly #timer: NodeJS.Timeout;
  readonly #startedAtEpochMs = Date.now();
  #looks = 0;

  /** Starts at once; verdicts that were over before are passed by. A look that the hub does not answer counts as none. */
  constructor(reader: HubReader, everyMs = 400) {
    this.#reader = reader;
    this.#timer = setInterval(() => void this.#look(), everyMs);
  }

  /** Looks that the hub answered. */
  get looks(): number {
    return this.#looks;
  }

  /** What was seen so far, in the order of first sight. */
  get seen(): readonly SeenVerdict[] {
    return [...this.#seen.values()];
  }

  /** The first sight of a named place. */
  named(place: string): SeenVerdict | undefined {
    return this.seen.find((verdict) => verdict.certainty === 'named' && verdict.place === place);
  }

  /** All that was accused other than these places: named or in an ambiguity group. */
  accusedBut(...places: readonly string[]): readonly SeenVerdict[] {
    return this.seen.filter(({ certainty, place }) => certainty !== 'suspect' && !places.includes(place));
  }

  /** Every direction that was told of a place that was named or in an ambiguity group, in the order of first sight. */
  directionsOf(place: string): readonly string[] {
    const accused = this.seen.filter((verdict) => verdict.certainty !== 'suspect' && verdict.place === place);
    return [...new Set(accused.map(({ direction }) => direction))];
  }

  /** Ends the looking. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const verdicts = await this.#reader.verdicts().catch(() => undefined);
    if (verdicts === undefined) return;
    this.#looks += 1;
    for (const { certainty, clearedAtEpochMs, symptom, place, direction, sentence } of verdicts) {
      if (clearedAtEpochMs !== undefined && clearedAtEpochMs < this.#startedAtEpochMs) continue;
      const key = `${certainty} ${symptom} ${place} ${direction}`;
      if (this.#seen.has(key)) continue;
      this.#seen.set(key, { certainty, symptom, place, direction, sentence, firstSeenAtEpochMs: Date.now() });
    }
  }
}

import type { MeshView } from '../../server/assign/mesh-view.ts';
import type { Figure, FigureSheet } from '../../wire/figures.ts';
import type { HubReader } from './hub-reader.ts';
import { pollFor } from './poll.ts';

/** A report that a probe leaves out, since its host was late or dropped packets itself, takes another attempt. */
const MAX_ATTEMPTS = 4;

/** What the hub shows of the mesh, by its HTTP interface. */
export class MeshReader {
  readonly #reader: HubReader;
  readonly #signal: AbortSignal;

  constructor(reader: HubReader, signal: AbortSignal) {
    this.#reader = reader;
    this.#signal = signal;
  }

  /** Every elected stream. @throws Error unless the hub answers with 200. */
  async streams(): Promise<readonly MeshView[]> {
    const { status, text } = await this.#reader.fetch('/api/v1/assignments/mesh');
    if (status !== 200) throw new Error(`mesh: ${status} ${text.slice(0, 300)}`);
    return (JSON.parse(text) as { readonly items: readonly MeshView[] }).items;
  }

  /** Figures of the path on which a stream is sent. @throws Error unless the hub answers with 200. */
  async sheet({ reflector, sender }: MeshView): Promise<FigureSheet> {
    const key = `${sender}>peer.${reflector}`;
    const { status, text } = await this.#reader.fetch(`/api/v1/figures?key=${encodeURIComponent(key)}`);
    if (status !== 200) throw new Error(`figures of ${key}: ${status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as FigureSheet;
  }

  /** Waits until the streams are as wanted; gives them with the time it took. @throws Error with what they were last. */
  async waitStreams(what: string, isWanted: (streams: readonly MeshView[]) => boolean, timeoutMs: number) {
    let last: readonly MeshView[] = [];
    const look = async (): Promise<readonly MeshView[] | undefined> => {
      last = await this.streams().catch(() => []);
      return isWanted(last) ? last : undefined;
    };
    return await pollFor(what, look, { timeoutMs, intervalMs: 250, signal: this.#signal }).catch((cause: unknown) => {
      throw new Error(JSON.stringify(last), { cause });
    });
  }

  /**
   * Waits for a report whose interval began after now, so that all that was sent until now is in the figures; it takes one cycle and
   * the two seconds in which a report waits for late replies.
   */
  async waitNextReport({ offMs, onMs, pair }: MeshView): Promise<void> {
    const afterEpochMs = Date.now() + onMs + offMs + 3000;
    const isAfter = (streams: readonly MeshView[]): boolean =>
      streams.some((each) => each.pair === pair && (each.reportedAtEpochMs ?? 0) > afterEpochMs);
    await this.waitStreams(`a report of ${pair}`, isAfter, 60_000);
  }

  /** Tries until no report was left out meanwhile; what is gone with a report cannot be held against the truth. */
  async undisturbed<T extends object>(attempt: () => Promise<T>) {
    for (let attempts = 1; ; attempts += 1) {
      const before = await this.#reportsLeftOut();
      const value = await attempt();
      const reportsLeftOut = (await this.#reportsLeftOut()) - before;
      if (reportsLeftOut === 0 || attempts === MAX_ATTEMPTS) return { ...value, attempts, reportsLeftOut };
    }
  }

  async #reportsLeftOut(): Promise<number> {
    return await this.#reader.metric('trunkward_measurements_total', 'kind="rtp-mesh-idle"');
  }
}

/** A figure of a sheet. @throws Error when it is not there, with what is. */
export function figureOf(sheet: FigureSheet, kind: Figure['kind'], direction: Figure['direction']): Figure {
  const found = sheet.figures.find((figure) => figure.kind === kind && figure.direction === direction);
  if (found) return found;
  const kinds = sheet.figures.map((figure) => `${figure.kind} ${figure.direction}`);
  throw new Error(`${sheet.key}: no ${kind} ${direction} among ${kinds.join(', ')}; ${JSON.stringify(sheet.noData)}`);
}

/** How many packets a ratio of packets stands for. */
export function packetsOf(sheet: FigureSheet, kind: Figure['kind'], direction: Figure['direction']): number {
  const { n, value } = figureOf(sheet, kind, direction);
  return Math.round(n * value);
}

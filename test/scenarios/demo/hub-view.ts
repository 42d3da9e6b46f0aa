import type { JournalRecord } from '../../../server/api/hub-api.ts';
import type { Figure, FigureSheet } from '../../../wire/figures.ts';
import type { LivePath, LivePbx, LiveRoute, LiveVerdict } from '../../../wire/live.ts';

type Page<Item> = { readonly items: readonly Item[]; readonly next?: string };

/** The hub as anybody sees it through its API. Every call gives undefined while the hub does not answer. */
export class HubView {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Whether the process answers. */
  async isAlive(): Promise<boolean> {
    return (await this.#get('/healthz')) !== undefined;
  }

  /** All paths. */
  paths(): Promise<readonly LivePath[] | undefined> {
    return this.#list('/api/v1/paths');
  }

  /** Open verdicts. */
  async openVerdicts(): Promise<readonly LiveVerdict[] | undefined> {
    const verdicts = await this.#list<LiveVerdict>('/api/v1/verdicts');
    return verdicts?.filter(({ clearedAtEpochMs }) => clearedAtEpochMs === undefined);
  }

  /** All routes. */
  routes(): Promise<readonly LiveRoute[] | undefined> {
    return this.#list('/api/v1/routes');
  }

  /** All PBXs. */
  async pbxes(): Promise<readonly LivePbx[] | undefined> {
    const sites = await this.#list<{ readonly pbxes: readonly LivePbx[] }>('/api/v1/sites');
    return sites?.flatMap(({ pbxes }) => pbxes);
  }

  /** Every figure of a key: `PBX>TARGET`, `PBX>TRUNK` or `*>TRUNK`. */
  async figures(key: string): Promise<readonly Figure[] | undefined> {
    const sheet = (await this.#get(`/api/v1/figures?key=${encodeURIComponent(key)}`)) as FigureSheet | undefined;
    return sheet?.figures;
  }

  /** The newest 500 journal entries, newest first. */
  async journal(): Promise<readonly JournalRecord[] | undefined> {
    const page = (await this.#get('/api/v1/journal?limit=500')) as Page<JournalRecord> | undefined;
    return page?.items;
  }

  async #list<Item>(path: string): Promise<readonly Item[] | undefined> {
    const page = (await this.#get(`${path}?limit=500`)) as Page<Item> | undefined;
    return page?.items;
  }

  async #get(path: string): Promise<unknown> {
    try {
      const response = await fetch(`${this.#url}${path}`, { signal: AbortSignal.timeout(3000) });
      return response.ok ? await response.json() : undefined;
    } catch (cause) {
      if (cause instanceof Error) return undefined;
      throw cause;
    }
  }
}

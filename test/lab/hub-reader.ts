import { request } from 'node:https';
import { pollFor } from './poll.ts';

/** A list of `/api/v1`, as far as scenarios read it. */
type Page = { readonly items: readonly Readonly<Record<string, unknown>>[] };

/**
 * Reads the hub's HTTP interface from outside its namespace, through a relay on a Unix socket, over the hub's own TLS.
 */
export class HubReader {
  readonly #socketPath: string;
  readonly #certificate: string;
  readonly #token: string;

  constructor(socketPath: string, certificate: string, token: string) {
    this.#socketPath = socketPath;
    this.#certificate = certificate;
    this.#token = token;
  }

  /** One request. @throws Error when the hub does not answer within 5 s. */
  async fetch(path: string, order?: unknown): Promise<{ readonly status: number; readonly text: string }> {
    return await new Promise((resolve, reject) => {
      const body = order === undefined ? undefined : JSON.stringify(order);
      const call = request(
        {
          socketPath: this.#socketPath,
          path,
          method: body === undefined ? 'GET' : 'POST',
          ca: this.#certificate,
          servername: 'hub.lab',
          agent: false,
          timeout: 5000,
          headers: {
            authorization: `Bearer ${this.#token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            text += part;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
          response.on('error', reject);
        },
      );
      call.on('timeout', () => call.destroy(new Error(`${path}: no answer within 5 s`)));
      call.on('error', reject);
      call.end(body);
    });
  }

  /** Items of a list such as `paths`, `verdicts`, `routes`, `sites`, `journal?limit=500`. @throws Error unless the status is 200. */
  async list(name: string): Promise<Page['items']> {
    const { status, text } = await this.fetch(`/api/v1/${name}`);
    if (status !== 200) throw new Error(`/api/v1/${name}: ${status} ${text.slice(0, 300)}`);
    return (JSON.parse(text) as Page).items;
  }

  /** Sum of a metric over all its series whose labels contain `labels` as text; 0 when there is none. */
  async metric(name: string, labels = ''): Promise<number> {
    const { text } = await this.fetch('/metrics');
    return text
      .split('\n')
      .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** Waits until a list satisfies `look`; the time it took and what `look` gave. Faults of the connection are waited out. */
  async waitFor<T>(
    what: string,
    list: string,
    look: (items: Page['items']) => T | undefined,
    timeoutMs: number,
  ): Promise<{ readonly value: T; readonly tookMs: number }> {
    return await pollFor(what, async () => look(await this.list(list).catch(() => [])), { timeoutMs });
  }
}

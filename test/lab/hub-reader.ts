import { createWriteStream } from 'node:fs';
import { request } from 'node:https';
import type { JournalRecord } from '../../server/api/hub-api.ts';
import type { LivePath, LivePbx, LiveRoute, LiveVerdict } from '../../wire/live.ts';

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

  /** One request: POST with an order, GET without, or the method told. @throws Error when the hub does not answer within 5 s. */
  async fetch(
    path: string,
    order?: unknown,
    method = order === undefined ? 'GET' : 'POST',
  ): Promise<{ readonly status: number; readonly text: string }> {
    return await new Promise((resolve, reject) => {
      const body = order === undefined ? undefined : JSON.stringify(order);
      const call = request(
        {
          ...this.#place(path),
          method,
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

  /**
   * Writes what the hub takes in from now on to a file, as `trunkward replay` reads it, until the hub ends or the time is over.
   *
   * @throws Error unless the hub begins with 200 within 5 s.
   */
  async recordTo(file: string, forS: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const call = request(
        { ...this.#place(`/api/v1/recording?forS=${forS}`), headers: { authorization: `Bearer ${this.#token}` } },
        (response) => {
          if (response.statusCode !== 200) {
            response.resume();
            reject(new Error(`recording: ${response.statusCode}`));
            return;
          }
          call.setTimeout(0);
          response.on('error', () => undefined);
          response.pipe(createWriteStream(file));
          resolve();
        },
      );
      call.on('timeout', () => call.destroy(new Error('recording: no answer within 5 s')));
      call.on('error', reject);
      call.end();
    });
  }

  /** @throws Error unless the hub answers with 200. */
  async paths(): Promise<readonly LivePath[]> {
    return await this.#list('paths');
  }

  /** Open verdicts and those cleared of late. @throws Error unless the hub answers with 200. */
  async verdicts(): Promise<readonly LiveVerdict[]> {
    return await this.#list('verdicts');
  }

  /** @throws Error unless the hub answers with 200. */
  async routes(): Promise<readonly LiveRoute[]> {
    return await this.#list('routes');
  }

  /** @throws Error unless the hub answers with 200. */
  async pbxes(): Promise<readonly LivePbx[]> {
    return (await this.#list<{ readonly pbxes: readonly LivePbx[] }>('sites')).flatMap(({ pbxes }) => pbxes);
  }

  /** The newest 500 entries of one kind, oldest first. @throws Error unless the hub answers with 200. */
  async journal(kind: string): Promise<readonly JournalRecord[]> {
    return (await this.#list<JournalRecord>(`journal?limit=500&kind=${kind}`)).toReversed();
  }

  #place(path: string) {
    const [socketPath, ca] = [this.#socketPath, this.#certificate];
    return { socketPath, path, ca, servername: 'hub.lab', agent: false, timeout: 5000 } as const;
  }

  async #list<Item>(name: string): Promise<readonly Item[]> {
    const { status, text } = await this.fetch(`/api/v1/${name}`);
    if (status !== 200) throw new Error(`/api/v1/${name}: ${status} ${text.slice(0, 300)}`);
    return (JSON.parse(text) as { readonly items: readonly Item[] }).items;
  }

  /** Sum of a metric over all its series whose labels contain `labels` as text; 0 when there is none. */
  async metric(name: string, labels = ''): Promise<number> {
    const { text } = await this.fetch('/metrics');
    return text
      .split('\n')
      .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
}
